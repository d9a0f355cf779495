import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { LauncherFailure } from '../failure.js';
import { cacheFolder } from '../paths.js';

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The folder `name` of the cache if it is there, and then complete. */
export async function foundInCache(name: string): Promise<string | undefined> {
  const place = join(cacheFolder(), name);
  return (await exists(place)) ? place : undefined;
}

/**
 * The folder `name` of the cache, filled by `fill` if it is not there.
 *
 * `fill` works in a folder of its own that is renamed when it has succeeded: a set-up that is killed leaves nothing half
 * done (bootstrap.mjs sweeps such folders after a day), and of two set-ups at once the slower uses what the faster left.
 * @throws whatever `fill` throws; then nothing stays
 */
export async function keptInCache(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const found = await foundInCache(name);
  if (found !== undefined) return found;
  await mkdir(cacheFolder(), { recursive: true });
  const place = join(cacheFolder(), name);
  const temporary = await mkdtemp(join(cacheFolder(), 'unfinished-'));
  try {
    await fill(temporary);
    await rename(temporary, place).catch(async (error: unknown) => {
      if (!(await exists(place))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return place;
}

/**
 * Refuses a file that is not the one expected.
 * @param expected SHA-256 in hexadecimal
 * @throws LauncherFailure `DIGEST_MISMATCH`
 */
export async function checkDigest(file: string, expected: string): Promise<void> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(file), digest);
  const found = digest.digest('hex');
  if (found === expected) return;
  throw new LauncherFailure(
    'DIGEST_MISMATCH',
    `${file} has the SHA-256 ${found} instead of ${expected}; it was not used. Try again, and report it if it repeats.`,
  );
}
