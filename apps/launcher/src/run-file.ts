import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isDataFolderLocked } from './data-folder-lock.js';
import { LauncherFailure } from './failure.js';
import type { Addresses, Instance } from './instance.js';
import type { Ports } from './ports.js';

/** What `pli demo` prints: the agency it made or found, and how to get in. */
export interface Demo {
  readonly agency: Readonly<Record<string, unknown>>;
  readonly login: { readonly email: string; readonly password: string };
  readonly apiKey: string;
}

/** `<data>/run.json`: there while the instance runs, so that a program can use it. */
export interface RunFile extends Demo {
  readonly addresses: Addresses;
  readonly ports: Ports;
  /** Of the launcher and of each process; 0 while one is not there. */
  readonly pids: Readonly<Record<string, number>>;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

export const runFilePath = (dataFolder: string): string => join(dataFolder, 'run.json');

/** Writes the file in one step, readable by its owner alone: it holds the demo's log-in and key. */
export function writeRunFile(
  { dataFolder, addresses, ports, processes }: Instance,
  demo: Demo,
  startedAt: string,
): void {
  const pids = Object.fromEntries([...processes].map(([name, process]) => [name, process.pid ?? 0]));
  const content: RunFile = { addresses, ports, ...demo, pids: { launcher: process.pid, ...pids }, startedAt };
  const file = runFilePath(dataFolder);
  const temporary = `${file}.${String(process.pid)}`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

export function removeRunFile(dataFolder: string): void {
  rmSync(runFilePath(dataFolder), { force: true });
}

/**
 * The run file of the instance that runs on the data folder; undefined when none runs there. A file that a killed launcher
 * left says nothing: what counts is whether the folder is locked.
 * @throws LauncherFailure `NOT_RUNNING` while an instance is starting or stopping there
 */
export function runningInstance(dataFolder: string): RunFile | undefined {
  if (!isDataFolderLocked(dataFolder)) return undefined;
  try {
    return JSON.parse(readFileSync(runFilePath(dataFolder), 'utf8')) as RunFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new LauncherFailure('NOT_RUNNING', `Pli is starting or stopping on ${dataFolder}; try again in a moment.`);
  }
}
