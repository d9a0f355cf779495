import { LauncherFailure } from './failure.js';
import type { Instance } from './instance.js';
import { built } from './paths.js';
import type { Demo } from './run-file.js';
import { runProgram } from './run-program.js';

/**
 * The demo agency of an instance, made on its first start and found again on later ones.
 * @throws LauncherFailure `ENDED_EARLY` when `pli demo` fails
 */
export async function demoOf({ dataFolder, environment }: Instance): Promise<Demo> {
  const script = built('apps/cli/src/main.js');
  const { ok, output, stdout } = await runProgram(process.execPath, [script, 'demo'], {
    // It keeps the log-in there, because the service knows passwords and keys only by their hash.
    environment: { ...environment, PLI_DATA: dataFolder },
  });
  const line = stdout.split('\n').find((candidate) => candidate.startsWith('{'));
  if (ok && line !== undefined) return JSON.parse(line) as Demo;
  throw new LauncherFailure('ENDED_EARLY', `The demo agency could not be created; "pli demo" said:\n${output}`);
}
