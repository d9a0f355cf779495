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
import { ReplayServer } from './store-replay.js';

const ROUNDS = 3;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** One line of the table. */
interface Measure {
  readonly label: string;
  /** How many appends or events one round is. */
  readonly size: number;
  /** What a real EventStoreDB 24.6 did with the same client on two cores (middle of what was seen), per second. */
  readonly real: number;
  /** Whether a replaying server can answer it, which shows what the client alone can do. */
  readonly replayed: boolean;
  readonly work: (client: EventStoreDBClient) => Promise<number>;
}

function measures(stream: string): Measure[] {
  const append = (unary: boolean, inFlight: number, real: number, appends: number): Measure => ({
    label: `${unary ? 'unary' : 'batch'} append, ${inFlight} in flight`,
    size: appends,
    real,
    replayed: unary,
    work: (client) => appendRate(client, appends, { inFlight, unary }),
  });
  const reading = (label: string, size: number, real: number, work: Measure['work']): Measure => ({
    label,
    size,
    real,
    replayed: true,
    work,
  });
  return [
    append(false, 1, 1_850, 1_500),
    append(false, 16, 4_700, 6_000),
    append(false, 64, 7_100, 9_000),
    append(true, 1, 1_250, 1_500),
    append(true, 16, 5_050, 6_000),
    append(true, 64, 7_250, 9_000),
    reading(`readAll, ${ALL_EVENTS} events`, ALL_EVENTS, 80_000, (client) => readAllRate(client)),
    reading(`readStream, ${STREAM_EVENTS} events`, STREAM_EVENTS, 76_000, (client) => readStreamRate(client, stream)),
    reading('catch-up subscription to a stream', STREAM_EVENTS, 78_500, (client) =>
      subscribeToStreamRate(client, stream),
    ),
    reading('catch-up subscription to $all', ALL_EVENTS, 87_500, (client) => subscribeToAllRate(client)),
  ];
}

async function table(url: string, server: OwnServer | undefined): Promise<void> {
  const client = EventStoreDBClient.connectionString(url);
  const replay = server && (await ReplayServer.before(new URL(url).host));
  const ofReplay = replay && EventStoreDBClient.connectionString(replay.connectionString);
  try {
    const stream = `bench-read-${randomUUID()}`;
    await seed(client, stream, STREAM_EVENTS);
    await seed(client, `bench-fill-${randomUUID()}`, ALL_EVENTS - STREAM_EVENTS);
    const head = [`median of ${ROUNDS}`, 'to real server', 'client alone', 'of client alone', 'CPU of server'];
    say(row('', ...head, 'CPU of client', 'server memory'));
    for (const measure of measures(stream)) say(await line(measure, client, { server, ofReplay }));
  } finally {
    await client.dispose();
    await ofReplay?.dispose();
    await replay?.stop();
  }
}

/** What measures a server of our own from both sides; a foreign one has neither. */
interface Beside {
  readonly server: OwnServer | undefined;
  readonly ofReplay: EventStoreDBClient | undefined;
}

/**
 * The processor times do not depend on what else the machine does. "Client alone" is what the same client gets from a server that has nothing
 * to do: no server gives it more.
 */
async function line(
  { label, size, real, replayed, work }: Measure,
  client: EventStoreDBClient,
  { server, ofReplay }: Beside,
): Promise<string> {
  const rates: Series = [];
  const memory = new MemoryWatch(server);
  const serverBefore = server?.processorTime();
  const clientBefore = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) rates.push(await work(client));
  const { user, system } = process.cpuUsage(clientBefore);
  const serverTime = (server?.processorTime() ?? Number.NaN) - (serverBefore ?? Number.NaN);
  const [ofServer, ofClient] = [serverTime, user + system].map((time) => microseconds(time / (ROUNDS * size)));
  const seen = memory.stop();
  const rate = median(rates);
  const alone = ofReplay && replayed ? await ceiling(work, ofReplay) : Number.NaN;
  const limits = Number.isNaN(alone) ? ['–', '–'] : [perSecond(alone), ratio(rate / alone)];
  return row(label, perSecond(rate), ratio(rate / real), ...limits, String(ofServer), String(ofClient), seen);
}

async function ceiling(work: Measure['work'], ofReplay: EventStoreDBClient): Promise<number> {
  // The first time it asks the server itself.
  await work(ofReplay);
  const rates: Series = [];
  for (let round = 0; round < ROUNDS; round += 1) rates.push(await work(ofReplay));
  return median(rates);
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
