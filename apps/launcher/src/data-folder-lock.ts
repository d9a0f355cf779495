import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { LauncherFailure } from './failure.js';

/** Result code of SQLite (sqlite.org/rescode.html): another connection holds the lock. */
const SQLITE_BUSY = 5;

const lockFile = (dataFolder: string): string => join(dataFolder, 'lock');

/**
 * Makes this process the only one that runs an instance on the data folder. The lock is SQLite's file lock: the operating
 * system lets go of it when the process dies, however it dies.
 * @returns how to let go
 * @throws LauncherFailure `ALREADY_RUNNING`; `DATA_FOLDER` when the folder cannot be made or written to
 */
export function lockDataFolder(dataFolder: string): () => void {
  const lock = openLock(dataFolder);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw notUsable(dataFolder, error);
    throw new LauncherFailure(
      'ALREADY_RUNNING',
      `Pli is already running on the data folder ${dataFolder}; stop it first, or set PLI_DATA to another folder and PLI_PORT to another block of ports.`,
    );
  }
  return () => {
    lock.close();
  };
}

/** Whether a process holds the lock; a folder on which none ever ran stays as it is. @throws LauncherFailure `DATA_FOLDER` */
export function isDataFolderLocked(dataFolder: string): boolean {
  if (!existsSync(lockFile(dataFolder))) return false;
  try {
    lockDataFolder(dataFolder)();
    return false;
  } catch (error) {
    if (error instanceof LauncherFailure && error.code === 'ALREADY_RUNNING') return true;
    throw error;
  }
}

function openLock(dataFolder: string): DatabaseSync {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    return new DatabaseSync(lockFile(dataFolder), { timeout: 0 });
  } catch (error) {
    throw notUsable(dataFolder, error);
  }
}

function notUsable(dataFolder: string, cause: unknown): LauncherFailure {
  return new LauncherFailure(
    'DATA_FOLDER',
    `The data folder ${dataFolder} cannot be used (${(cause as Error).message}); set PLI_DATA to a folder that you may write to.`,
  );
}
