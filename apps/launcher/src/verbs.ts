import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { MongoClient } from 'mongodb';

import { demoOf } from './demo.js';
import { LauncherFailure } from './failure.js';
import { handOver } from './hand-over.js';
import { applicationEnvironment, operatorEnvironment, startInstance } from './instance.js';
import { built } from './paths.js';
import { progressOnTerminal as progress, silentProgress } from './progress.js';
import { resolveChromium } from './runtime/chromium.js';
import { runFilePath, runningInstance, writeRunFile, type RunFile } from './run-file.js';
import { secretsOf } from './secrets.js';
import { dataFolderOfUser } from './start.js';
import { listenForStop } from './stop-request.js';

/** `npm run event-store -- …`: the embedded event store alone. */
export const eventStore = (args: readonly string[]): Promise<number> =>
  handOver({ nodeArguments: [built('apps/event-store/src/main.js'), ...args] });

/**
 * `npm run pli -- …`: the command line, on the stores of the caller's environment if it names both, else on the instance
 * that runs on the data folder.
 */
export async function pli(args: readonly string[]): Promise<number> {
  const nodeArguments = [built('apps/cli/src/main.js'), ...args];
  const { EVENTSTORE_URL, MONGODB_URL } = process.env;
  // The stores of one are named on the command line, the other has none.
  const needsNone = args[0] === 'store' || args[0] === 'verify';
  if (needsNone || (EVENTSTORE_URL && MONGODB_URL)) return handOver({ nodeArguments });
  const dataFolder = resolve(dataFolderOfUser());
  const run = runningInstance(dataFolder);
  if (run === undefined) {
    throw new LauncherFailure(
      'NOT_RUNNING',
      `No instance runs on ${dataFolder}; run "npm start" first, or set EVENTSTORE_URL and MONGODB_URL to its stores.`,
    );
  }
  return handOver({ nodeArguments, environment: await environmentOf(dataFolder, run) });
}

/** The environment for a program on an instance that another launcher runs. */
async function environmentOf(dataFolder: string, run: RunFile): Promise<Record<string, string>> {
  const chromium = await resolveChromium(silentProgress);
  const secrets = secretsOf(dataFolder);
  const environment = applicationEnvironment({ ...run, dataFolder, secrets, chromium });
  return { ...environment, ...operatorEnvironment(secrets), PLI_DATA: dataFolder };
}

/** `npm run tour`: one letter to each of its ends, on the running instance or else on a throw-away one. */
export async function tour(args: readonly string[]): Promise<number> {
  const nodeArguments = [built('apps/tour/src/main.js'), ...args];
  const dataFolder = resolve(dataFolderOfUser());
  const run = runningInstance(dataFolder);
  if (run === undefined) return onThrowAway(nodeArguments);
  const environment = { ...(await environmentOf(dataFolder, run)), PLI_RUN_FILE: runFilePath(dataFolder) };
  return handOver({ nodeArguments, environment });
}

/** `npm run bench`: starts an instance of its own, so that its figures do not depend on what is stored. */
export const bench = (args: readonly string[]): Promise<number> =>
  handOver({ nodeArguments: ['--enable-source-maps', built('test/bench/main.js'), ...args] });

/** `npm run bench:history`: the history page and API at 10,000 and at 1,000,000 letters, on an instance of its own. */
export const benchHistory = (args: readonly string[]): Promise<number> =>
  handOver({ nodeArguments: ['--enable-source-maps', built('test/bench/history.js'), ...args] });

/** `npm run bench:store`: the event store alone, one of its own unless EVENTSTORE_URL names another. */
export const benchStore = (args: readonly string[]): Promise<number> =>
  handOver({ nodeArguments: ['--enable-source-maps', built('test/bench/store.js'), ...args] });

/** `npm run bench:campaign`: a campaign beside the naive way of depositing it, on an instance of its own. */
export const benchCampaign = (args: readonly string[]): Promise<number> =>
  handOver({ nodeArguments: ['--enable-source-maps', built('test/bench/campaign.js'), ...args] });

/** The user's own MongoDB with a database of that name instead of the user's. */
const withDatabase = (url: string, name: string): string =>
  url.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`);

async function dropDatabase(url: string): Promise<void> {
  const client = new MongoClient(url);
  await client.db().dropDatabase();
  await client.close();
}

/** Runs a program on an instance of its own (PLI_RUN_FILE, and the environment of its applications), which is removed. */
async function onThrowAway(nodeArguments: readonly string[]): Promise<number> {
  const stop = listenForStop();
  const dataFolder = await mkdtemp(join(tmpdir(), 'pli-'));
  const { MONGODB_URL } = process.env;
  const own = MONGODB_URL ? { mongodbUrl: withDatabase(MONGODB_URL, basename(dataFolder)) } : {};
  try {
    const instance = await startInstance({ dataFolder, signal: stop.signal, ...own });
    try {
      writeRunFile(instance, await progress.step('demo agency', () => demoOf(instance)), new Date().toISOString());
      const environment = { ...instance.environment, PLI_RUN_FILE: runFilePath(dataFolder) };
      return await handOver({ nodeArguments, environment });
    } finally {
      await progress.step('stopping', () => instance.stop());
      if (own.mongodbUrl) await dropDatabase(own.mongodbUrl);
    }
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}
