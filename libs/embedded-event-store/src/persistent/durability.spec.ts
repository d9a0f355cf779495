import {
  EventStoreDBClient,
  jsonEvent,
  PARK,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import type { PersistentSubscriptionToStreamResolvedEvent } from '@eventstore/db-client';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore, type EventStoreServer } from '../server.js';

/** What a SIGKILL would leave: the files as they lie on the disk while the first store still runs. */
describe('after a kill', () => {
  let folder: string;
  let first: EventStoreServer;
  const opened: { client: EventStoreDBClient; server: EventStoreServer }[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-store-kill-'));
    first = await startEventStore({ dataFolder: join(folder, 'first') });
  });
  afterEach(async () => {
    for (const { client } of opened) await client.dispose();
    for (const { server } of opened.splice(0)) await server.close();
    await rm(folder, { recursive: true });
  });

  const clientOf = (server: EventStoreServer) => {
    const client = EventStoreDBClient.connectionString(server.connectionString);
    opened.push({ client, server });
    return client;
  };
  const killed = async () => {
    await cp(join(folder, 'first'), join(folder, 'second'), { recursive: true });
    return clientOf(await startEventStore({ dataFolder: join(folder, 'second') }));
  };
  const receive = (client: EventStoreDBClient, count: number) =>
    new Promise<PersistentSubscriptionToStreamResolvedEvent[]>((resolve, reject) => {
      const messages: PersistentSubscriptionToStreamResolvedEvent[] = [];
      client
        .subscribeToPersistentSubscriptionToStream('s', 'g', { bufferSize: 100 })
        .on('data', (message) => {
          if (messages.push(message) === count) resolve(messages);
        })
        .on('error', reject);
    });
  const prepare = async (count: number, checkPointUpperBound: number) => {
    const client = clientOf(first);
    const events = Array.from({ length: count }, (_, n) => jsonEvent({ type: 'T', data: { n } }));
    await client.appendToStream('s', events);
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, checkPointUpperBound });
    await client.createPersistentSubscriptionToStream('s', 'g', settings);
    return client;
  };
  const work = async (
    client: EventStoreDBClient,
    count: number,
    handle: (
      subscription: ReturnType<EventStoreDBClient['subscribeToPersistentSubscriptionToStream']>,
      messages: PersistentSubscriptionToStreamResolvedEvent[],
    ) => Promise<void>,
  ) => {
    const subscription = client.subscribeToPersistentSubscriptionToStream('s', 'g', { bufferSize: 100 });
    const messages: PersistentSubscriptionToStreamResolvedEvent[] = [];
    await new Promise<void>((resolve, reject) => {
      subscription
        .on('data', (message) => {
          if (messages.push(message) === count) resolve();
        })
        .on('error', reject);
    });
    await handle(subscription, messages);
  };
  const stats = async (client: EventStoreDBClient) =>
    (await client.getPersistentSubscriptionToStreamInfo('s', 'g')).stats;
  const until = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const numbers = (messages: PersistentSubscriptionToStreamResolvedEvent[]) =>
    messages.map(({ event }) => Number(event?.revision));

  test('a group goes on from its checkpoint and loses nothing that was not acknowledged', async () => {
    const client = await prepare(6, 1);
    await work(client, 6, async (subscription, messages) => {
      // The third is left out, so everything from there on comes again.
      await subscription.ack(...messages.filter((_, index) => index !== 2));
      await until(async () => (await stats(client)).lastCheckpointedEventRevision === 1n);
    });
    expect(numbers(await receive(await killed(), 4))).toEqual([2, 3, 4, 5]);
  });

  test('parked messages are still parked', async () => {
    const client = await prepare(3, 1);
    await work(client, 3, async (subscription, messages) => {
      await subscription.nack(PARK, 'later', ...messages);
      await until(async () => (await stats(client)).parkedMessageCount === 3n);
    });
    const after = await killed();
    expect((await stats(after)).parkedMessageCount).toBe(3n);
    await after.replayParkedMessagesToStream('s', 'g');
    const replayed = (await receive(after, 3)).filter(({ link }) => link !== undefined);
    expect(numbers(replayed)).toEqual([0, 1, 2]);
  });

  test('parked messages that were being replayed come again', async () => {
    const client = await prepare(2, 1);
    await work(client, 2, async (subscription, messages) => {
      await subscription.nack(PARK, 'later', ...messages);
      await until(async () => (await stats(client)).parkedMessageCount === 2n);
    });
    await client.replayParkedMessagesToStream('s', 'g');
    expect((await stats(client)).parkedMessageCount).toBe(0n);
    const again = (await receive(await killed(), 2)).filter(({ link }) => link !== undefined);
    expect(numbers(again)).toEqual([0, 1]);
  });

  test('a group that was to begin at the end begins where the end was when it was made', async () => {
    const client = clientOf(first);
    await client.appendToStream('s', jsonEvent({ type: 'Before', data: {} }));
    await client.createPersistentSubscriptionToStream('s', 'g', persistentSubscriptionToStreamSettingsFromDefaults());
    await client.appendToStream('s', jsonEvent({ type: 'After', data: {} }));
    expect((await receive(await killed(), 1))[0]?.event?.type).toBe('After');
  });
});
