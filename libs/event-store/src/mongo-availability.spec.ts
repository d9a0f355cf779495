import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { MongoClient, MongoServerError } from 'mongodb';
import { isMongoAway } from './mongo-availability.js';

/** What the driver says of a server at this port. */
async function failureAt(port: number): Promise<unknown> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/x?directConnection=true`, {
    serverSelectionTimeoutMS: 300,
  });
  try {
    return await client.db().command({ ping: 1 });
  } catch (error) {
    return error;
  } finally {
    await client.close();
  }
}

let server: Server;
const portOf = (): number => (server.address() as AddressInfo).port;
beforeEach(async () => {
  server = createServer((socket: Socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  if (server.listening) await new Promise((resolve) => server.close(resolve));
});

test('a server that hangs up, and one that is not there, are away', async () => {
  const port = portOf();
  expect(isMongoAway(await failureAt(port))).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(isMongoAway(await failureAt(port))).toBe(true);
});

test('a server that is no primary any more will be followed by another', () => {
  const stepDown = new MongoServerError({ message: 'not primary', code: 10107 });
  expect(isMongoAway(stepDown)).toBe(false);
  stepDown.addErrorLabel('RetryableWriteError');
  expect(isMongoAway(stepDown)).toBe(true);
});

test('a socket that the server closed between two commands is away; what is wrong for good is not', () => {
  expect(
    isMongoAway(Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' })),
  ).toBe(true);
  expect(isMongoAway(new MongoServerError({ message: 'E11000 duplicate key', code: 11000 }))).toBe(false);
  expect(isMongoAway(new Error('something else'))).toBe(false);
  expect(isMongoAway(undefined)).toBe(false);
});
