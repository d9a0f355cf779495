import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { NestFactory } from '@nestjs/core';
import { CommandsModule, Stores } from '#libs/commands';
import { readConfiguration, StoresConfiguration } from '#libs/configuration';
import { startInstance, type Instance } from '../../apps/launcher/src/index.js';
import { benchCommands } from './commands.js';
import { rate } from './figures.js';
import { notifiedLetter } from './letters.js';
import { benchRebuild } from './rebuild.js';

const { values } = parseArgs({ options: { letters: { type: 'string', default: '12000' } } });
const LETTERS = Number(values.letters);
const FEWEST = 400;
const SEEDED_TOGETHER = 32;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** Letters as another process would have sent them: the measured one must not have seen them. */
async function seed(configuration: StoresConfiguration): Promise<string[]> {
  const stores = new Stores(configuration);
  const letterIds: string[] = [];
  const work = Array.from({ length: LETTERS }, () => async () => {
    letterIds.push(await notifiedLetter(stores.eventStore, stores.keyring, 'bench'));
  });
  await rate(SEEDED_TOGETHER, work);
  await stores.close();
  return letterIds;
}

async function measure({ environment, addresses }: Instance): Promise<void> {
  const configuration = readConfiguration(StoresConfiguration, environment);
  const raw = EventStoreDBClient.connectionString(addresses.eventStore);
  const letterIds = await seed(configuration);
  const app = await NestFactory.createApplicationContext(CommandsModule.over(configuration), { logger: false });
  await app.init();
  try {
    say(
      `${cpus().length} processors shared by client, event store and mongod; Node.js ${process.version}; ${LETTERS} letters`,
    );
    say();
    for (const line of await benchCommands(app, raw, letterIds)) say(line);
    say();
    for (const line of await benchRebuild(app.get(Stores), raw)) say(line);
  } finally {
    await raw.dispose();
    await app.close();
  }
}

if (!(LETTERS >= FEWEST)) {
  process.stderr.write(`--letters must be a number of at least ${FEWEST}: fewer say nothing.\n`);
  process.exit(1);
}
const dataFolder = await mkdtemp(join(tmpdir(), 'pli-bench-'));
const instance = await startInstance({ dataFolder, quiet: true });
try {
  // Nobody reacts to what is written here: the figures are those of commands and rebuilds alone.
  for (const name of ['worker', 'agency', 'ceremony', 'catcher'] as const) await instance.process(name).stop();
  await measure(instance);
} finally {
  await instance.stop();
  await rm(dataFolder, { recursive: true, force: true });
}
