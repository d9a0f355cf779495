import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { built } from '../paths.js';
import { checkDigest, foundInCache, keptInCache } from './cache.js';

const inherited = process.env['PLI_CACHE'];
let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'pli-cache-'));
  process.env['PLI_CACHE'] = cache;
});
afterEach(async () => {
  if (inherited === undefined) delete process.env['PLI_CACHE'];
  else process.env['PLI_CACHE'] = inherited;
  await rm(cache, { recursive: true, force: true });
});

const write = (content: string) => (folder: string) => writeFile(join(folder, 'part'), content);

test('fills a folder once and finds it afterwards', async () => {
  const first = await keptInCache('part-1', write('first'));
  const second = await keptInCache('part-1', write('second'));
  expect(second).toBe(first);
  expect(await readFile(join(first, 'part'), 'utf8')).toBe('first');
  expect(await foundInCache('part-1')).toBe(first);
});

test('leaves nothing when filling fails', async () => {
  const failing = keptInCache('part-1', async (folder) => {
    await write('half')(folder);
    throw new RangeError('the network went away');
  });
  await expect(failing).rejects.toThrow('the network went away');
  expect(await readdir(cache)).toEqual([]);
});

test('of two set-ups at once both get one complete folder', async () => {
  const slowly = (content: string) =>
    keptInCache('part-1', async (folder) => {
      await write(content)(folder);
      await delay(50);
      await writeFile(join(folder, 'complete'), content);
    });
  const [one, other] = await Promise.all([slowly('one'), slowly('other')]);
  expect(one).toBe(other);
  expect(await readFile(join(one, 'part'), 'utf8')).toBe(await readFile(join(one, 'complete'), 'utf8'));
  expect(await readdir(cache)).toEqual(['part-1']);
});

test('a set-up that is killed leaves nothing that a later one would take for complete', async () => {
  const module = built('apps/launcher/src/runtime/cache.js');
  const script = `const { keptInCache } = await import(${JSON.stringify(module)});
    await keptInCache('part-1', async () => { console.log('filling'); await new Promise(() => setInterval(() => {}, 1000)); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await foundInCache('part-1')).toBeUndefined();
  const place = await keptInCache('part-1', write('whole'));
  expect(await readFile(join(place, 'part'), 'utf8')).toBe('whole');
});

test('refuses a file that is not the one expected, and names both digests', async () => {
  const file = join(cache, 'download');
  await writeFile(file, 'abc');
  // FIPS 180-2, appendix B.1.
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  await expect(checkDigest(file, digest)).resolves.toBeUndefined();
  await writeFile(file, 'abd');
  await expect(checkDigest(file, digest)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  await expect(checkDigest(file, digest)).rejects.toThrow(digest);
});
