import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { CommandsModule } from '#libs/commands';
import { readConfiguration, StoresConfiguration } from '#libs/configuration';
import { startInstance, type Instance } from '../../apps/launcher/src/index.js';
import { NaiveWay } from './campaign-naive.js';
import { activate, recipients } from './campaign-letters.js';
import { OurWay, type Times } from './campaign-ours.js';
import { ratio, row } from './figures.js';

const { values } = parseArgs({
  options: { recipients: { type: 'string', default: '1000' }, naive: { type: 'string', default: '40' } },
});
const RECIPIENTS = Number(values.recipients);
const NAIVE = Math.min(Number(values.naive), RECIPIENTS);
const FEWEST = 20;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const rateOf = (count: number, milliseconds: number): string => `${(count / (milliseconds / 1_000)).toFixed(2)} /s`;
const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

/**
 * Deposits letters one after the other as one would without thinking of speed, then a whole campaign as Pli does, then the first again:
 * the same letters of the same agency on the same stores.
 */
async function measure(instance: Instance): Promise<void> {
  const configuration = readConfiguration(StoresConfiguration, instance.environment);
  const app = await NestFactory.createApplicationContext(CommandsModule.over(configuration), { logger: false });
  const chromium = instance.environment['PUPPETEER_EXECUTABLE_PATH'] ?? '';
  try {
    await activate(app, RECIPIENTS + NAIVE * 2);
    // The worker would deposit what is submitted here: it waits until its turn comes.
    const naive = await NaiveWay.start(app, chromium);
    await instance.process('worker').stop();
    const first = recipients(NAIVE);
    const before = await naive.deposit(first);
    await instance.process('worker').start();
    const way = new OurWay(app);
    await way.notified(NAIVE);
    const campaign = await way.prepare(recipients(RECIPIENTS));
    const ours = await way.send(campaign, RECIPIENTS, new Set(first.map(({ letterId }) => letterId)));
    await instance.process('worker').stop();
    const after = await naive.deposit(recipients(NAIVE));
    await naive.close();
    report({ naive: before + after, ...ours });
  } finally {
    await app.close();
  }
}

function report({ naive, Submitted, Deposited, Notified }: Times & { readonly naive: number }): void {
  say(
    `${cpus().length} processors shared by all processes; Node.js ${process.version}; acknowledgement and letter for each recipient`,
  );
  say();
  const naiveRate = (NAIVE * 2) / naive;
  const line = (label: string, count: number, time: number): void =>
    say(row(label, String(count), seconds(time), rateOf(count, time), ratio(count / time / naiveRate)));
  say(row('', 'recipients', 'time', 'rate', 'to naive'));
  line('a Puppeteer page for each PDF, one after the other', NAIVE * 2, naive);
  line('Pli, until all are submitted', RECIPIENTS, Submitted);
  line('Pli, until all are deposited', RECIPIENTS, Deposited);
  line('Pli, until all recipients are notified', RECIPIENTS, Notified);
}

if (!(RECIPIENTS >= FEWEST) || !(NAIVE >= 1)) {
  process.stderr.write(`--recipients must be a number of at least ${FEWEST}, --naive one of at least 1.\n`);
  process.exit(1);
}
const dataFolder = await mkdtemp(join(tmpdir(), 'pli-bench-'));
const instance = await startInstance({ dataFolder, quiet: true });
try {
  await measure(instance);
} finally {
  await instance.stop();
  await rm(dataFolder, { recursive: true, force: true });
}
