import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { LauncherFailure } from './failure.js';

/**
 * Makes this process the only one that runs an instance on the data folder. The lock is SQLite's file lock: the operating
 * system lets go of it when the process dies, however it dies.
 * @returns how to let go
 * @throws LauncherFailure `ALREADY_RUNNING`
 */
export function lockDataFolder(dataFolder: string): () => void {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dataFolder, 'lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error instanceof Error) || !/locked/.test(error.message)) throw error;
    throw new LauncherFailure(
      'ALREADY_RUNNING',
      `Pli is already running on the data folder ${dataFolder}; stop it first, or set PLI_DATA to another folder and PLI_PORT to another block of ports.`,
    );
  }
  return () => {
    lock.close();
  };
}
