import {
  END,
  PARK,
  PersistentSubscriptionFailedError,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  PINNED,
  RETRY,
  SKIP,
  START,
} from '@eventstore/db-client';
import type {
  PersistentSubscriptionToStreamResolvedEvent,
  PersistentSubscriptionToStreamSettings,
} from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Transform, Writable, type Readable } from 'node:stream';
import {
  collect,
  emitted,
  event,
  events,
  eventually,
  failureOf,
  newStream,
  Received,
  useStore,
} from './store-under-test.js';

type Message = PersistentSubscriptionToStreamResolvedEvent;

const settings = (changes: Partial<PersistentSubscriptionToStreamSettings> = {}) =>
  persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes });

describe('the work of a persistent subscription', () => {
  const store = useStore();
  const create = (stream: string, changes: Partial<PersistentSubscriptionToStreamSettings> = {}, group = 'group') =>
    store.client.createPersistentSubscriptionToStream(stream, group, settings(changes));

  test('can be iterated: what is skipped comes once, what is to be tried again twice', async () => {
    const stream = newStream();
    await create(stream);
    const last = event('Last');
    await store.client.appendToStream(stream, [...events(20, 'Skip'), ...events(20, 'Retry'), last]);
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    const refused = new Set<string>();
    let seen = 0;
    for await (const message of subscription) {
      seen++;
      const { id, type } = message.event ?? { id: '', type: '' };
      if (type !== 'Last' && !refused.has(id)) {
        refused.add(id);
        await subscription.nack(type === 'Skip' ? SKIP : RETRY, 'to test it', message);
        continue;
      }
      await subscription.ack(message);
      if (type === 'Last') break;
    }
    // Retries come before what is fresh, and so before the last one.
    expect(seen).toBe(20 + 2 * 20 + 1);
  });

  test('counts the retries of each message by itself', async () => {
    const stream = newStream();
    await create(stream, { maxRetryCount: 5 });
    await store.client.appendToStream(stream, events(30));
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    const counts = new Map<string, number[]>();
    subscription.on('data', (message) => {
      const id = message.event?.id ?? '';
      counts.set(id, [...(counts.get(id) ?? []), message.retryCount]);
      void subscription.nack(RETRY, 'never', message);
    });
    await eventually(
      () => store.client.getPersistentSubscriptionToStreamInfo(stream, 'group'),
      ({ stats }) => stats.parkedMessageCount === 30n,
    );
    expect([...counts.values()]).toEqual(Array.from({ length: 30 }, () => [0, 1, 2, 3, 4, 5]));
    await subscription.unsubscribe();
  });

  test('goes through pipelines, and ends when it is unsubscribed from within', async () => {
    const stream = newStream();
    await create(stream);
    await store.client.appendToStream(stream, events(9));
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    const acknowledge = new Transform({
      objectMode: true,
      transform: (message: Message, _encoding, done) =>
        void subscription.ack(message).then(() => done(undefined, message)),
    });
    const seen: bigint[] = [];
    const sink = new Writable({
      objectMode: true,
      write: ({ event: e }: Message, _encoding, done) => {
        seen.push(e?.revision ?? -1n);
        if (e?.revision === 8n) void subscription.unsubscribe().then(() => done());
        else done();
      },
    });
    await pipeline(subscription as unknown as Readable, acknowledge, sink);
    expect(seen).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
  });

  test('says where in $all each event lies', async () => {
    const stream = newStream();
    await create(stream);
    const { position } = await store.client.appendToStream(stream, event('A'));
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    const [message] = await new Received<Message>(subscription).count(1);
    expect(message?.event?.position).toEqual(position);
    await subscription.unsubscribe();
  });

  test('does not mind answers to what it never sent, or that come twice', async () => {
    const stream = newStream();
    await create(stream);
    await store.client.appendToStream(stream, events(3));
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group', { bufferSize: 1 });
    const received = new Received<Message>(subscription);
    const [first] = await received.count(1);
    if (first === undefined) throw new Error('There is a first message.');
    const other = (await collect(store.client.readStream(stream, { fromRevision: 2n })))[0];
    if (other !== undefined) await subscription.ack(other);
    await subscription.ack(first, first);
    await subscription.nack(PARK, 'too late', first);
    await received.count(2);
    expect((await store.client.getPersistentSubscriptionToStreamInfo(stream, 'group')).stats.parkedMessageCount).toBe(
      0n,
    );
    await subscription.unsubscribe();
  });

  test('parks and replays under any name, up to where it is told', async () => {
    const stream = newStream('어학연구소/0️⃣/ด้้็็');
    const group = 'ヽ༼ຈل͜ຈ༽ﾉ ヽ༼ຈل͜ຈ༽ﾉ';
    await create(stream, {}, group);
    await store.client.appendToStream(stream, events(20));
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize: 20 });
    const received = new Received<Message>(subscription);
    await received.count(20);
    for (const message of received.items) await subscription.nack(PARK, 'park it', message);
    const info = () => store.client.getPersistentSubscriptionToStreamInfo(stream, group);
    await eventually(info, ({ stats }) => stats.parkedMessageCount === 20n);
    await store.client.replayParkedMessagesToStream(stream, group, { stopAt: 4 });
    await received.count(24);
    await subscription.ack(...received.items.slice(20));
    await store.client.replayParkedMessagesToStream(stream, group);
    await received.count(40);
    expect(received.items.slice(20).map(({ event: e }) => Number(e?.revision))).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
    await subscription.unsubscribe();
    expect(await failureOf(store.client.getPersistentSubscriptionToStreamInfo(stream, 'ﾉ'))).toMatchObject({ code: 5 });
  });

  test('parks again what was replayed and refused again', async () => {
    const stream = newStream();
    await create(stream, { maxRetryCount: 0 });
    await store.client.appendToStream(stream, event('A'));
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    const received = new Received<Message>(subscription);
    const info = () => store.client.getPersistentSubscriptionToStreamInfo(stream, 'group');
    for (let round = 1; round <= 3; round++) {
      const message = (await received.count(round)).at(-1);
      if (message === undefined) throw new Error('There is a message.');
      await subscription.nack(RETRY, 'not this time', message);
      await eventually(info, ({ stats }) => stats.parkedMessageCount === 1n);
      await store.client.replayParkedMessagesToStream(stream, 'group');
    }
    const last = (await received.count(4)).at(-1);
    expect(last?.event).toMatchObject({ streamId: stream, revision: 0n });
    await subscription.unsubscribe();
  });

  test('starts where an update tells it, as long as nothing was done yet', async () => {
    const stream = newStream();
    await create(stream, { startFrom: END, checkPointUpperBound: 1 });
    const changed = settings({
      startFrom: 123n,
      checkPointUpperBound: 1,
      checkPointLowerBound: 12,
      maxSubscriberCount: 200,
    });
    await store.client.updatePersistentSubscriptionToStream(stream, 'group', changed);
    const info = () => store.client.getPersistentSubscriptionToStreamInfo(stream, 'group');
    expect(await info()).toMatchObject({ settings: changed, connections: [] });
    await store.client.appendToStream(stream, events(200));
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    const received = new Received<Message>(subscription);
    subscription.on('data', (message) => void subscription.ack(message));
    await received.count(77);
    expect(received.items[0]?.event?.revision).toBe(123n);
    await subscription.unsubscribe();
    const after = await eventually(
      info,
      ({ stats, connections }) => connections.length === 0 && stats.lastCheckpointedEventRevision !== undefined,
    );
    expect(after.stats.lastKnownEventRevision).toBe(199n);
    expect(after.settings).toEqual(changed);
  });

  test('keeps to its settings, which are listed as they were set', async () => {
    const stream = newStream();
    const wanted: Partial<PersistentSubscriptionToStreamSettings>[] = [
      { startFrom: START, extraStatistics: true },
      { startFrom: END },
      { startFrom: 2n, maxRetryCount: 12, consumerStrategyName: PINNED },
      { messageTimeout: 1, checkPointAfter: 7, liveBufferSize: 11, historyBufferSize: 13, readBatchSize: 5 },
    ];
    for (const [index, changes] of wanted.entries()) await create(stream, changes, `group-${index}`);
    const listed = await store.client.listPersistentSubscriptionsToStream(stream);
    const byName = new Map(listed.map((info) => [info.groupName, info.settings]));
    expect(wanted.map((_, index) => byName.get(`group-${index}`))).toEqual(wanted.map((changes) => settings(changes)));
  });

  test.each<[string, () => Promise<unknown>]>([
    ['$all as if it were a stream', () => create('$all')],
    [
      'a start in $all that lies behind its end',
      () =>
        store.client.createPersistentSubscriptionToAll(
          randomUUID(),
          persistentSubscriptionToAllSettingsFromDefaults({ startFrom: { commit: 2n ** 60n, prepare: 2n ** 60n } }),
        ),
    ],
    [
      'a start in $all whose prepare position lies behind its commit position',
      () =>
        store.client.createPersistentSubscriptionToAll(
          randomUUID(),
          persistentSubscriptionToAllSettingsFromDefaults({ startFrom: { commit: 1n, prepare: 2n } }),
        ),
    ],
  ])('refuses %s as failed', async (_case, attempt) => {
    const error = await failureOf(attempt());
    expect(error).toBeInstanceOf(PersistentSubscriptionFailedError);
    expect(error).toMatchObject({ code: 13 });
  });

  test('on $all may start between two events', async () => {
    const group = randomUUID();
    const startFrom = { commit: 1n, prepare: 1n };
    await store.client.createPersistentSubscriptionToAll(
      group,
      persistentSubscriptionToAllSettingsFromDefaults({ startFrom }),
    );
    const subscription = store.client.subscribeToPersistentSubscriptionToAll(group);
    await store.client.appendToStream(newStream(), event('A'));
    await new Received(subscription).count(1);
    expect((await store.client.getPersistentSubscriptionToAllInfo(group)).settings.startFrom).toEqual(startFrom);
    await subscription.unsubscribe();
    await store.client.deletePersistentSubscriptionToAll(group);
  });

  test('on $all from the end begins with the event that tells of the group itself', async () => {
    const group = randomUUID();
    await store.client.createPersistentSubscriptionToAll(group, persistentSubscriptionToAllSettingsFromDefaults());
    const subscription = store.client.subscribeToPersistentSubscriptionToAll(group);
    const received = new Received(subscription);
    await received.until(() => received.items.some(({ event: e }) => e?.type === '$PersistentConfig'));
    await subscription.unsubscribe();
    await store.client.deletePersistentSubscriptionToAll(group);
  });

  test('goes to consumers that were there before the stream was', async () => {
    const stream = newStream();
    await create(stream);
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    await emitted(subscription, 'confirmation');
    await store.client.appendToStream(stream, events(6));
    expect(await new Received<Message>(subscription).count(6)).toHaveLength(6);
    await subscription.unsubscribe();
  });
});
