import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { LauncherFailure } from './failure.js';

/** The root of the clone: the nearest folder above with a lock file, the same from the sources (Jest) and from `dist`. */
export const repositoryRoot = ((): string => {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package-lock.json'))) folder = dirname(folder);
  return folder;
})();

/**
 * The path of a built file.
 * @throws LauncherFailure `NOT_BUILT`
 */
export function built(path: string): string {
  const file = join(repositoryRoot, 'dist', path);
  if (existsSync(file)) return file;
  throw new LauncherFailure('NOT_BUILT', `${file} does not exist; run "npm run build" first.`);
}

/** Where downloads are kept, shared by all clones of one user: `PLI_CACHE`, else `~/.cache/pli`. */
export const cacheFolder = (): string => process.env['PLI_CACHE'] || join(homedir(), '.cache', 'pli');
