import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { median, perSecond, ratio, row, type Series } from './figures.js';
import { MemoryWatch, OwnServer } from './store-server.js';
import {
  ALL_EVENTS,
  appendRate,
  readAllRate,
  readStreamRate,
  seed,
  STREAM_EVENTS,
  subscribeToAllRate,
  subscribeToStreamRate,
} from './store-work.js';
import { longRun } from './store-long-run.js';

const ROUNDS = 3;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** One line of the table. */
interface Measure {
  readonly label: string;
  /** How many appends or events one round is. */
  readonly size: number;
  /** What a real EventStoreDB 24.6 did with the same client on two cores (middle of what was seen), per second. */
  readonly real: number;
  readonly work: () => Promise<number>;
}

function measures(client: EventStoreDBClient, stream: string): Measure[] {
  const append = (unary: boolean, inFlight: number, real: number, appends: number): Measure => ({
    label: `${unary ? 'unary' : 'batch'} append, ${inFlight} in flight`,
    size: appends,
    real,
    work: () => appendRate(client, appends, { inFlight, unary }),
  });
  return [
    append(false, 1, 1_850, 1_500),
    append(false, 16, 4_700, 6_000),
    append(false, 64, 7_100, 9_000),
    append(true, 1, 1_250, 1_500),
    append(true, 16, 5_050, 6_000),
    append(true, 64, 7_250, 9_000),
    { label: `readAll, ${ALL_EVENTS} events`, size: ALL_EVENTS, real: 80_000, work: () => readAllRate(client) },
    {
      label: `readStream, ${STREAM_EVENTS} events`,
      size: STREAM_EVENTS,
      real: 76_000,
      work: () => readStreamRate(client, stream),
    },
    {
      label: 'catch-up subscription to a stream',
      size: STREAM_EVENTS,
      real: 78_500,
      work: () => subscribeToStreamRate(client, stream),
    },
    { label: 'catch-up subscription to $all', size: ALL_EVENTS, real: 87_500, work: () => subscribeToAllRate(client) },
  ];
}

async function table(url: string, server: OwnServer | undefined): Promise<void> {
  const client = EventStoreDBClient.connectionString(url);
  try {
    const stream = `bench-read-${randomUUID()}`;
    await seed(client, stream, STREAM_EVENTS);
    await seed(client, `bench-fill-${randomUUID()}`, ALL_EVENTS - STREAM_EVENTS);
    say(row('', `median of ${ROUNDS}`, 'to real server', 'CPU of server', 'CPU of client', 'server memory'));
    for (const measure of measures(client, stream)) say(await line(measure, server));
  } finally {
    await client.dispose();
  }
}

/** The processor times do not depend on what else the machine does, and the greater of the two is what limits the rate. */
async function line({ label, size, real, work }: Measure, server: OwnServer | undefined): Promise<string> {
  const rates: Series = [];
  const memory = new MemoryWatch(server);
  const serverBefore = server?.processorTime();
  const clientBefore = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) rates.push(await work());
  const { user, system } = process.cpuUsage(clientBefore);
  const serverTime = (server?.processorTime() ?? Number.NaN) - (serverBefore ?? Number.NaN);
  const [ofServer, ofClient] = [serverTime, user + system].map((time) => microseconds(time / (ROUNDS * size)));
  const rate = median(rates);
  return row(label, perSecond(rate), ratio(rate / real), String(ofServer), String(ofClient), memory.stop());
}

const microseconds = (time: number): string => (Number.isNaN(time) ? '–' : `${time.toFixed(1)} µs`);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { events: { type: 'string' } } });
  const events = values.events === undefined ? undefined : Number(values.events);
  const server = process.env['EVENTSTORE_URL'] ? undefined : new OwnServer();
  try {
    await server?.start();
    const url = server?.connectionString ?? process.env['EVENTSTORE_URL'] ?? '';
    say(
      `${server ? 'Embedded event store' : url}; ${cpus().length} processors shared by client and server; Node.js ${process.version}`,
    );
    say(
      '"Real server": EventStoreDB 24.6 as ../shared/spec/eventstoredb-behaviour.md saw it on two cores. Memory: least / median / most.',
    );
    say();
    if (events === undefined) await table(url, server);
    else for await (const line of longRun(url, server, events)) say(line);
  } finally {
    await server?.remove();
  }
}

await main();
