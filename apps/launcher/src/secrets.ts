import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one data folder must keep: without the master key its personal data cannot be read any more. */
export interface Secrets {
  /** Base64 of 32 bytes. */
  readonly masterKey: string;
}

/** The secrets of a data folder, made once and kept in `secrets.json`, readable by its owner alone. */
export function secretsOf(dataFolder: string): Secrets {
  const file = join(dataFolder, 'secrets.json');
  const read = (): Secrets => JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const fresh: Secrets = { masterKey: randomBytes(32).toString('base64') };
  const temporary = `${file}.${String(process.pid)}`;
  writeFileSync(temporary, `${JSON.stringify(fresh)}\n`, { mode: 0o600 });
  try {
    // A link, not a rename: it never replaces secrets that are there.
    linkSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  return fresh;
}
