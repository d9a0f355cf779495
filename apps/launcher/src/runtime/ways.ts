import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { LauncherFailure } from '../failure.js';
import { runProgram } from '../run-program.js';

/** A program of the runtime, with the variables it needs to run. */
export interface Part {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One way to a part. It answers with `WAY_FAILED` when it does not work here; any other failure ends the search. */
export interface Way {
  readonly title: string;
  find(): Promise<Part>;
}

/** The reason why a way does not work here. */
export const wayFailed = (reason: string): LauncherFailure => new LauncherFailure('WAY_FAILED', reason);

/**
 * The part by the first way that works, in the order given.
 * @param remedy what a person can install or set when none works
 * @throws LauncherFailure `PART_MISSING`, which names each way and why it failed; `DIGEST_MISMATCH` as it is
 */
export async function firstWay(part: string, ways: readonly Way[], remedy: string): Promise<Part> {
  const tried: string[] = [];
  for (const way of ways) {
    try {
      return await way.find();
    } catch (error) {
      if (!(error instanceof LauncherFailure) || error.code !== 'WAY_FAILED') throw error;
      tried.push(`  - ${way.title}: ${error.message}`);
    }
  }
  throw new LauncherFailure(
    'PART_MISSING',
    `There is no ${part} for this machine. Tried:\n${tried.join('\n')}\n${remedy}`,
  );
}

/** The paths of the programs of these names on PATH, in the order of the names. */
export async function onPath(...names: readonly string[]): Promise<string[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const executable = await Promise.all(
    candidates.map((path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return candidates.filter((_, index) => executable[index]);
}

/** What `--version` says. `missingLibrary` names the shared library without which the program cannot be loaded. */
export interface VersionAnswer {
  readonly ok: boolean;
  readonly output: string;
  readonly missingLibrary: string | undefined;
}

export async function askVersion({ executable, environment }: Part): Promise<VersionAnswer> {
  const { ok, output } = await runProgram(executable, ['--version'], { environment, timeoutMs: 20_000 });
  const missing = /error while loading shared libraries: (\S+?):/.exec(output)?.[1];
  return { ok, output, missingLibrary: missing };
}

/** Prepends a folder to the loader's search path. */
export function withLibraries(folder: string): Record<string, string> {
  const inherited = process.env['LD_LIBRARY_PATH'];
  return { LD_LIBRARY_PATH: inherited ? `${folder}${delimiter}${inherited}` : folder };
}

/**
 * Finds out quickly whether a download can be hoped for, so that a closed network costs seconds. Behind a proxy only the
 * download itself can tell.
 * @throws LauncherFailure `WAY_FAILED`
 */
export async function checkReachable(url: string): Promise<void> {
  if (process.env['HTTPS_PROXY'] || process.env['https_proxy']) return;
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(3_000) });
  } catch {
    throw wayFailed(`${new URL(url).host} cannot be reached from here`);
  }
}
