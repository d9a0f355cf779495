import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent, START, type StreamSubscription } from '@eventstore/db-client';
import { StoreProcess } from './store-process.js';

const MEBIBYTE = 1024 * 1024;
const READERS = 10;
const EVENTS = 800;
const EVENT_BYTES = 50_000;

test('readers that stop reading do not grow the memory of the store: what they do not take stays on the disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pli-store-slow-'));
  const store = StoreProcess.on(folder);
  const url = await store.ready();
  const writer = EventStoreDBClient.connectionString(url);
  const text = 'x'.repeat(EVENT_BYTES);
  const write = async (): Promise<void> => {
    for (let n = 0; n < EVENTS / 2; n += 10) {
      const events = Array.from({ length: 10 }, (_, part) => jsonEvent({ type: 'Large', data: { n: n + part, text } }));
      await writer.appendToStream('large', events);
    }
  };
  await write();
  // Every reader has a connection of its own and takes one event.
  const clients = Array.from({ length: READERS }, () => EventStoreDBClient.connectionString(url));
  const readers = await Promise.all(
    clients.map(async (client) => {
      const subscription: StreamSubscription = client.subscribeToStream('large', { fromRevision: START });
      const events = subscription[Symbol.asyncIterator]();
      await events.next();
      return { subscription, events };
    }),
  );
  await delay(300);
  const before = store.residentBytes();
  // Live events must wait, too.
  await write();
  await delay(300);
  const grown = store.residentBytes() - before;
  process.stdout.write(
    `${READERS} readers held back ${(READERS * EVENTS * EVENT_BYTES) / 1e6} MB: ${grown / MEBIBYTE} MiB\n`,
  );
  // Keeping it would take 20 MB for each; a commit's pages and the garbage of writing take some.
  expect(grown).toBeLessThan(100 * MEBIBYTE);

  // One of them takes all of it now, in order.
  const [first] = readers;
  for (let revision = 1n; revision < EVENTS; revision += 1n) {
    const { value } = (await first?.events.next()) ?? {};
    expect(value?.event?.revision).toBe(revision);
  }
  await Promise.all(readers.map(({ subscription }) => subscription.unsubscribe()));
  await Promise.all([writer, ...clients].map((client) => client.dispose()));
  await store.kill('SIGTERM');
  await rm(folder, { recursive: true });
}, 120_000);
