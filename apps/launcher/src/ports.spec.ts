import { createServer, type Server } from 'node:net';

import { checkFree, firstPortOf, freeBlock } from './ports.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listenOn = (port: number): Promise<void> =>
  new Promise((resolve) => {
    servers.push(createServer().listen(port, '127.0.0.1', resolve));
  });

test('the block starts at PLI_PORT, else at 7400', () => {
  expect(firstPortOf(undefined)).toBe(7400);
  expect(firstPortOf('8000')).toBe(8000);
});

test.each(['0', '-1', '65535', 'http', '80.5'])('refuses PLI_PORT=%s by its name', (value) => {
  expect(() => firstPortOf(value)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect(() => firstPortOf(value)).toThrow(/PLI_PORT/);
});

test('a taken port is refused in one sentence with its number and the remedy', async () => {
  const ports = await freeBlock();
  await expect(checkFree(ports)).resolves.toBeUndefined();
  await listenOn(ports.smtp);
  await expect(checkFree(ports)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  await expect(checkFree(ports)).rejects.toThrow(new RegExp(`Port ${String(ports.smtp)} .*PLI_PORT`));
});
