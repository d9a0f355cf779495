import { LauncherFailure } from './failure.js';
import { start } from './start.js';
import { test } from './tests.js';
import { bench, benchCampaign, benchHistory, benchStore, eventStore, pli, tour } from './verbs.js';

const VERBS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  // bootstrap.mjs has built before it came here.
  build: () => Promise.resolve(0),
  start,
  test,
  tour,
  bench,
  'bench:history': benchHistory,
  'bench:store': benchStore,
  'bench:campaign': benchCampaign,
  pli,
  'event-store': eventStore,
};

/** Runs one verb; called by bootstrap.mjs. Answers with the exit code. */
export async function main(verb: string, args: readonly string[]): Promise<number> {
  try {
    const run = VERBS[verb];
    if (run) return await run(args);
    throw new LauncherFailure('USAGE', `There is no "${verb}"; there are ${Object.keys(VERBS).join(', ')}.`);
  } catch (error) {
    if (!(error instanceof LauncherFailure)) throw error;
    process.stderr.write(`✗ ${error.message}\n`);
    return 1;
  }
}
