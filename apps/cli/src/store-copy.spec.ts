import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ANY,
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
  PARK,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';
import { run } from './program.js';
import { WireConnection } from './store-wire.js';

/** The command line as it is shipped, so it needs `npm run build` first. */
const MAIN = join(process.cwd(), 'dist', 'apps', 'cli', 'src', 'main.js');

let folder: string;
let source: EventStoreServer;
let target: EventStoreServer;
const clients: EventStoreDBClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-store-copy-'));
  source = await startEventStore({ dataFolder: join(folder, 'source') });
  target = await startEventStore({ dataFolder: join(folder, 'target') });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  await source.close();
  await target.close();
  await rm(folder, { recursive: true });
});

function clientOf(server: EventStoreServer): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(server.connectionString);
  clients.push(client);
  return client;
}

async function copy(from = source.connectionString, to = target.connectionString) {
  const out: string[] = [];
  const err: string[] = [];
  const surroundings = {
    environment: {},
    print: (line: string) => void out.push(line),
    complain: (line: string) => void err.push(line),
  };
  const code = await run(['store', 'copy', '--from', from, '--to', to], surroundings);
  return { code, out, err };
}

/** What people have written to a store, in the order of `$all`, byte by byte. */
async function written(server: EventStoreServer) {
  const connection = new WireConnection(server.connectionString);
  const events = await collect(connection.readAll());
  await connection.close();
  return events
    .filter(({ stream }) => !/^(\$\$)?\$[^$]/.test(stream))
    .map(({ data, metadata, id, type, ...rest }) => ({
      ...rest,
      type,
      // A tombstone is written by each server itself.
      id: type === '$streamDeleted' ? 'its own' : id,
      data: Buffer.from(data).toString('latin1'),
      metadata: Buffer.from(metadata).toString('latin1'),
    }));
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const numbered = (n: number) => jsonEvent({ type: 'Numbered', data: { n }, metadata: { by: 'spec' } });

/** One of everything that a stream can hold or undergo. */
async function writeEverything(client: EventStoreDBClient): Promise<void> {
  await client.appendToStream('letter-1', [numbered(1), numbered(2)]);
  const bytes = Buffer.from([0, 255, 128, 10]);
  await client.appendToStream('binär-é', binaryEvent({ type: 'Bytes', data: bytes, metadata: Buffer.from([1, 0]) }));
  await client.appendToStream('letter-1', numbered(3));
  await client.setStreamMetadata('letter-1', { maxCount: 2, owner: 'spec' });
  await client.appendToStream('list', jsonEvent({ type: '$>', data: {} }));
  await client.appendToStream('gone', [numbered(4), numbered(5)]);
  await client.deleteStream('gone');
  await client.appendToStream('gone', numbered(6), { expectedRevision: ANY });
  await client.appendToStream('ended', numbered(7));
  await client.tombstoneStream('ended');
  await client.appendToStream('letter-1', numbered(8));
}

/** Events as another program might write them: a link, and JSON that does not come out of JSON.stringify. */
async function writeBytes(server: EventStoreServer): Promise<void> {
  const connection = new WireConnection(server.connectionString);
  const appender = await connection.appender();
  const common = { stream: 'foreign', contentType: 'application/json', metadata: Buffer.from('{ }') };
  const odd = Buffer.from('{ "big": 12345678901234567890,\n "twice": 1, "twice": 2 }');
  const link = { contentType: 'application/octet-stream', data: Buffer.from('0@letter-1') };
  await appender.append([
    { ...common, revision: 0n, id: randomUUID(), type: 'Odd', data: odd },
    { ...common, revision: 1n, id: randomUUID(), type: '$>', ...link },
  ]);
  appender.end();
  await connection.close();
}

test('copies every stream in order, byte by byte, and verifies it', async () => {
  await writeEverything(clientOf(source));
  await writeBytes(source);
  const result = await copy();
  expect(result).toMatchObject({ code: 0, err: [] });
  expect(result.out.at(-1)).toMatch(/^verified 8 streams/);

  const copied = await written(target);
  expect(copied).toEqual(await written(source));
  expect(copied.map(({ data }) => data).join()).toContain('12345678901234567890,\n');
  // The target behaves as the source does.
  const client = clientOf(target);
  const left = await collect(client.readStream('letter-1'));
  expect(left.map(({ event }) => event?.revision)).toEqual([2n, 3n]);
  const [resolved] = await collect(client.readStream('foreign', { resolveLinkTos: true, fromRevision: 1n }));
  expect(resolved?.link?.streamId).toBe('foreign');
  await expect(client.appendToStream('ended', numbered(9))).rejects.toMatchObject({ type: 'stream-deleted' });

  // Once more changes nothing.
  expect(await copy()).toMatchObject({ code: 0, err: [] });
  expect(await written(target)).toEqual(copied);
});

test('leaves what belongs to persistent subscriptions and says so', async () => {
  const client = clientOf(source);
  await client.appendToStream('letter-1', numbered(1));
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
  await client.createPersistentSubscriptionToStream('letter-1', 'group', settings);
  const subscription = client.subscribeToPersistentSubscriptionToStream('letter-1', 'group');
  for await (const event of subscription) {
    await subscription.nack(PARK, 'spec', event);
    break;
  }
  const parked = '$persistentsubscription-letter-1::group-parked';
  for (let seen = 0; seen === 0;) seen = (await collect(client.readStream(parked)).catch(() => [])).length;

  const { code, out } = await copy();
  expect(code).toBe(0);
  expect(out).toContainEqual(expect.stringMatching(/^not copied: \d+ events of persistent subscriptions/));
  await expect(collect(clientOf(target).readStream(parked))).rejects.toMatchObject({
    type: 'stream-not-found',
  });
});

const STREAMS = 200;
const ROUNDS = 15;

/** Appends of two events to many streams in turn. */
async function writeMuch(client: EventStoreDBClient): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const two = [numbered(round), numbered(round)];
    await Promise.all(Array.from({ length: STREAMS }, (_, n) => client.appendToStream(`letter-${n}`, two)));
  }
}

/** Resolves when the first copied event has arrived. */
async function arrival(client: EventStoreDBClient): Promise<void> {
  for await (const { event } of client.subscribeToAll({ fromPosition: START })) {
    if (event?.streamId.startsWith('letter-')) return;
  }
}

async function expectToGoOn(): Promise<void> {
  const partly = (await written(target)).length;
  expect(partly).toBeGreaterThan(0);
  expect(partly).toBeLessThan(2 * STREAMS * ROUNDS);
  const { code, out, err } = await copy();
  expect({ code, err }).toEqual({ code: 0, err: [] });
  expect(out[0]).toMatch(/^target has \d+ streams already/);
  expect(out).toContain(`copied ${2 * STREAMS * ROUNDS - partly} events; the source has ${STREAMS} streams`);
  expect(await written(target)).toEqual(await written(source));
}

test('goes on after it was killed, and writes nothing twice', async () => {
  await writeMuch(clientOf(source));
  if (!existsSync(MAIN)) throw new Error(`${MAIN} does not exist; run "npm run build" first.`);
  const args = [MAIN, 'store', 'copy', '--from', source.connectionString, '--to', target.connectionString];
  const first = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => first.once('exit', (code, signal) => resolve(signal ?? code)));
  await arrival(clientOf(target));
  first.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  await expectToGoOn();
});

test('says that the target went away, and goes on when it is back', async () => {
  await writeMuch(clientOf(source));
  const copying = copy();
  await arrival(clientOf(target));
  await target.close();
  const { code, err } = await copying;
  expect({ code, err }).toEqual({
    code: 1,
    err: [expect.stringMatching(/^The target does not answer \(.*run the same/)],
  });
  target = await startEventStore({ dataFolder: join(folder, 'target') });
  await expectToGoOn();
});

test('names the streams that are not the same in the end', async () => {
  const client = clientOf(source);
  await client.appendToStream('letter-1', numbered(1));
  await client.appendToStream('letter-2', numbered(1));
  await client.appendToStream('letter-3', numbered(1));
  const other = clientOf(target);
  await other.appendToStream('letter-2', numbered(1));
  await other.appendToStream('letter-3', [numbered(1), numbered(2)]);
  const { code, out, err } = await copy();
  expect(code).toBe(1);
  expect(out).toContain('Stream letter-2 has 1 events in both stores, but they are not the same.');
  expect(out).toContain('Stream letter-3 has 1 events in the source and 2 in the target.');
  expect(out.join()).not.toContain('letter-1 has');
  expect(err).toEqual([expect.stringMatching(/^2 of 3 streams are not the same/)]);
});

test('says in one sentence what is wrong', async () => {
  const client = clientOf(source);
  await client.appendToStream('letter-1', [numbered(1), numbered(2)]);
  expect((await copy(source.connectionString, source.connectionString)).err).toEqual([
    expect.stringMatching(/same store/),
  ]);
  expect((await copy('nonsense')).err).toEqual([expect.stringMatching(/connection string of the source/)]);
  expect((await copy(source.connectionString, 'esdb://127.0.0.1:9?tls=false')).err).toEqual([
    expect.stringMatching(/^The target does not answer/),
  ]);
  await clientOf(target).tombstoneStream('letter-1');
  const { code, err } = await copy();
  expect({ code, err }).toEqual({ code: 1, err: [expect.stringMatching(/^Stream letter-1 of the target/)] });
});
