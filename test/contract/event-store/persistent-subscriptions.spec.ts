import {
  binaryEvent,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  PARK,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionDroppedError,
  PersistentSubscriptionExistsError,
  PersistentSubscriptionMaximumSubscribersReachedError,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  RETRY,
  SKIP,
  START,
  STOP,
  streamNameFilter,
} from '@eventstore/db-client';
import type {
  PersistentSubscriptionToAll,
  PersistentSubscriptionToStream,
  PersistentSubscriptionToStreamResolvedEvent,
  PersistentSubscriptionToStreamSettings,
} from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
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

const GROUP = 'group';
const settings = (changes: Partial<PersistentSubscriptionToStreamSettings> = {}) =>
  persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes });
const revisions = (messages: Message[]) => messages.map(({ event: e }) => Number(e?.revision));
const parkedStream = (stream: string) => `$persistentsubscription-${stream}::${GROUP}-parked`;

describe('a persistent subscription to a stream', () => {
  const store = useStore();

  const create = async (count: number, changes: Partial<PersistentSubscriptionToStreamSettings> = {}) => {
    const stream = newStream();
    if (count > 0) await store.client.appendToStream(stream, events(count));
    await store.client.createPersistentSubscriptionToStream(stream, GROUP, settings(changes));
    return stream;
  };
  const subscribe = (stream: string, bufferSize = 10, client = store.client) =>
    client.subscribeToPersistentSubscriptionToStream(stream, GROUP, { bufferSize });
  const parked = (stream: string) =>
    eventually(
      () => collect(store.client.readStream(parkedStream(stream))).catch(() => []),
      (found) => found.length > 0,
    );
  const info = (stream: string) => store.client.getPersistentSubscriptionToStreamInfo(stream, GROUP);

  test('gives what is there and what comes, as long as it is acknowledged', async () => {
    const stream = await create(15);
    const subscription = subscribe(stream);
    const received = new Received<Message>(subscription);
    subscription.on('data', (message) => void subscription.ack(message));
    await received.count(15);
    await store.client.appendToStream(stream, events(5));
    expect(revisions(await received.count(20))).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(received.items.every(({ retryCount }) => retryCount === 0)).toBe(true);
    await subscription.unsubscribe();
  });

  test.each([
    ['the start', START, [0, 1, 2]],
    ['a revision, which it includes', 1n, [1, 2]],
  ] as const)('begins at %s', async (_case, startFrom, expected) => {
    const stream = await create(3, { startFrom });
    const subscription = subscribe(stream);
    expect(revisions(await new Received<Message>(subscription).count(expected.length))).toEqual(expected);
    await subscription.unsubscribe();
  });

  test('from the end gives only what comes', async () => {
    const stream = await create(3, { startFrom: END });
    const subscription = subscribe(stream);
    const received = new Received<Message>(subscription);
    await emitted(subscription, 'confirmation');
    await store.client.appendToStream(stream, event('Live'));
    expect(revisions(await received.count(1))).toEqual([3]);
    await subscription.unsubscribe();
  });

  test('gives a consumer no more than its buffer holds', async () => {
    const stream = await create(20);
    const subscription = subscribe(stream, 3);
    const received = new Received<Message>(subscription);
    await received.count(3);
    expect((await info(stream)).stats.totalInFlightMessages).toBe(3);
    expect(received.items).toHaveLength(3);
    await subscription.ack(...received.items);
    await received.count(6);
    await subscription.unsubscribe();
  });

  test('goes on where it was when a consumer comes back', async () => {
    const stream = await create(6, { checkPointUpperBound: 1 });
    const first = subscribe(stream, 3);
    const received = new Received<Message>(first);
    await received.count(3);
    await first.ack(...received.items);
    await eventually(
      () => info(stream),
      ({ stats }) => stats.lastCheckpointedEventRevision === 2n,
    );
    await first.unsubscribe();
    await eventually(
      () => info(stream),
      ({ connections }) => connections.length === 0,
    );
    const second = subscribe(stream);
    expect(revisions(await new Received<Message>(second).count(3)).sort()).toEqual([3, 4, 5]);
    await second.unsubscribe();
  });

  test('tries a message again at once when told to, then parks it with the reason', async () => {
    const stream = await create(1, { maxRetryCount: 2 });
    const subscription = subscribe(stream);
    const received = new Received<Message>(subscription);
    subscription.on('data', (message) => void subscription.nack(RETRY, 'not now', message));
    await received.count(3);
    expect(received.items.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2]);
    const [link] = await parked(stream);
    expect(link?.event).toMatchObject({ type: '$>' });
    expect(Buffer.from(link?.event?.data as Uint8Array).toString()).toBe(`0@${stream}`);
    expect(link?.event?.metadata).toMatchObject({ reason: 'Reached retry count of 2', subscriptionEventNumber: 0 });
    await subscription.unsubscribe();
  });

  test('parks a message when told to, with the reason and the moment', async () => {
    const stream = await create(2);
    const subscription = subscribe(stream);
    const received = new Received<Message>(subscription);
    await received.count(2);
    await subscription.nack(PARK, 'cannot read this', ...received.items.slice(1));
    const [link] = await parked(stream);
    expect(link?.event?.metadata).toMatchObject({ subscriptionEventNumber: 1 });
    const { reason, added } = link?.event?.metadata as { reason: string; added: string };
    expect(reason).toMatch(/^Client explicitly NAK'ed message\.\s*cannot read this$/);
    expect(Number.isNaN(Date.parse(added))).toBe(false);
    const [resolved] = await collect(store.client.readStream(parkedStream(stream), { resolveLinkTos: true }));
    expect(resolved?.event).toMatchObject({ streamId: stream, revision: 1n });
    expect((await info(stream)).stats.parkedMessageCount).toBe(1n);
    await subscription.unsubscribe();
  });

  test.each([
    ['skips a message when told to', SKIP],
    ['neither tries again nor parks a message when told to stop', STOP],
  ] as const)('%s', async (_case, action) => {
    const stream = await create(2);
    const subscription = subscribe(stream, 1);
    const received = new Received<Message>(subscription);
    const [first] = await received.count(1);
    if (first !== undefined) await subscription.nack(action, 'whatever', first);
    expect(revisions(await received.count(2))).toEqual([0, 1]);
    expect((await info(stream)).stats.parkedMessageCount).toBe(0n);
    await subscription.unsubscribe();
  });

  test('takes a message back that was not answered in time', async () => {
    const stream = await create(1, { messageTimeout: 300, maxRetryCount: 1 });
    const subscription = subscribe(stream);
    const received = new Received<Message>(subscription);
    await received.count(2);
    expect(received.items.map(({ retryCount }) => retryCount)).toEqual([0, 1]);
    const [link] = await parked(stream);
    expect(link?.event?.metadata).toMatchObject({ reason: 'Reached retry count of 1' });
    await subscription.unsubscribe();
  });

  test('gives the messages of a consumer that left to another, as a retry', async () => {
    const stream = await create(2);
    const leaving = subscribe(stream);
    await new Received<Message>(leaving).count(2);
    const staying = subscribe(stream);
    const received = new Received<Message>(staying);
    await emitted(staying, 'confirmation');
    await leaving.unsubscribe();
    await received.count(2);
    expect(received.items.map(({ retryCount, event: e }) => [Number(e?.revision), retryCount])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    await staying.unsubscribe();
  });

  test('replays parked messages, with the link and a retry count of 0', async () => {
    const stream = await create(3);
    const subscription = subscribe(stream);
    const received = new Received<Message>(subscription);
    await received.count(3);
    await subscription.nack(PARK, 'later', ...received.items);
    await eventually(
      () => info(stream),
      ({ stats }) => stats.parkedMessageCount === 3n,
    );
    await store.client.replayParkedMessagesToStream(stream, GROUP);
    const replayed = (await received.count(6)).slice(3);
    expect(replayed.map(({ event: e, link, retryCount }) => [e?.revision, link?.streamId, retryCount])).toEqual([
      [0n, parkedStream(stream), 0],
      [1n, parkedStream(stream), 0],
      [2n, parkedStream(stream), 0],
    ]);
    await subscription.ack(...replayed);
    const { metadata } = await eventually(
      () => store.client.getStreamMetadata(parkedStream(stream)),
      (answer) => answer.metadata?.truncateBefore !== undefined,
    );
    expect(metadata?.truncateBefore).toBe(3);
    expect((await info(stream)).stats.parkedMessageCount).toBe(0n);
    await subscription.unsubscribe();
  });

  test('replays parked messages up to where it is told', async () => {
    const stream = await create(4);
    const subscription = subscribe(stream);
    const received = new Received<Message>(subscription);
    await received.count(4);
    await subscription.nack(PARK, 'later', ...received.items);
    await eventually(
      () => info(stream),
      ({ stats }) => stats.parkedMessageCount === 4n,
    );
    await store.client.replayParkedMessagesToStream(stream, GROUP, { stopAt: 2 });
    await received.count(6);
    await eventually(
      () => info(stream),
      ({ stats }) => stats.parkedMessageCount === 2n,
    );
    expect(received.items).toHaveLength(6);
    await subscription.unsubscribe();
  });

  test('resolves links when created so, and acknowledges them by the link', async () => {
    const [target, links] = [newStream(), newStream('links')];
    await store.client.appendToStream(target, events(2));
    const link = (n: number) => binaryEvent({ type: '$>', data: Buffer.from(`${n}@${target}`) });
    await store.client.appendToStream(links, [link(0), link(1)]);
    await store.client.createPersistentSubscriptionToStream(links, GROUP, settings({ resolveLinkTos: true }));
    const subscription = subscribe(links, 1);
    const received = new Received<Message>(subscription);
    subscription.on('data', (message) => void subscription.ack(message));
    await received.count(2);
    expect(received.items.map(({ event: e, link: l }) => [e?.streamId, e?.revision, l?.streamId])).toEqual([
      [target, 0n, links],
      [target, 1n, links],
    ]);
    await subscription.unsubscribe();
  });

  test('names what is wrong: exists already, does not exist, has its consumers', async () => {
    const stream = await create(0, { maxSubscriberCount: 1 });
    const again = await failureOf(store.client.createPersistentSubscriptionToStream(stream, GROUP, settings()));
    expect(again).toBeInstanceOf(PersistentSubscriptionExistsError);
    expect(again).toMatchObject({ streamName: stream, groupName: GROUP });
    const subscription = subscribe(stream);
    await emitted(subscription, 'confirmation');
    expect(await new Received(subscribe(stream)).failure()).toBeInstanceOf(
      PersistentSubscriptionMaximumSubscribersReachedError,
    );
    const missing = newStream();
    const attempts = [
      () => store.client.updatePersistentSubscriptionToStream(missing, GROUP, settings()),
      () => store.client.deletePersistentSubscriptionToStream(missing, GROUP),
      () => store.client.getPersistentSubscriptionToStreamInfo(missing, GROUP),
      () => store.client.listPersistentSubscriptionsToStream(missing),
      () => store.client.replayParkedMessagesToStream(missing, GROUP),
    ];
    for (const attempt of attempts) {
      const error = await failureOf(attempt());
      expect(error).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
      expect(error).toMatchObject({ streamName: missing });
    }
    expect(await new Received(subscribe(missing)).failure()).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
    await subscription.unsubscribe();
  });

  test.each([
    ['update', (stream: string) => store.client.updatePersistentSubscriptionToStream(stream, GROUP, settings())],
    ['delete', (stream: string) => store.client.deletePersistentSubscriptionToStream(stream, GROUP)],
  ])('drops its consumers on %s', async (_case, act) => {
    const stream = await create(0);
    const subscription = subscribe(stream);
    const received = new Received(subscription);
    await emitted(subscription, 'confirmation');
    await act(stream);
    const error = await received.failure();
    expect(error).toBeInstanceOf(PersistentSubscriptionDroppedError);
    expect(error).toMatchObject({ code: 1, streamName: stream, groupName: GROUP });
  });

  test('takes new settings', async () => {
    const stream = await create(0);
    const changed = settings({
      startFrom: 12n,
      maxRetryCount: 3,
      checkPointLowerBound: 2,
      consumerStrategyName: 'Pinned',
    });
    await store.client.updatePersistentSubscriptionToStream(stream, GROUP, changed);
    expect((await info(stream)).settings).toEqual(changed);
  });

  test('tells its settings, its figures and who is connected', async () => {
    const wanted = settings({ extraStatistics: true, checkPointUpperBound: 1 });
    const stream = await create(0, wanted);
    const before = await info(stream);
    expect(before).toMatchObject({ eventSource: stream, groupName: GROUP, settings: wanted, connections: [] });
    expect(before.stats.lastKnownEventRevision).toBeUndefined();
    await store.client.appendToStream(stream, events(4));
    const subscription = subscribe(stream);
    subscription.on('data', (message) => void subscription.ack(message));
    const after = await eventually(
      () => info(stream),
      ({ stats }) => stats.lastCheckpointedEventRevision === 3n,
    );
    expect(after.stats).toMatchObject({ lastKnownEventRevision: 3n, totalItems: 4n, parkedMessageCount: 0n });
    expect(after.connections).toHaveLength(1);
    expect(after.connections[0]).toMatchObject({ connectionName: store.client.connectionName, totalItems: 4n });
    expect(after.connections[0]?.extraStatistics?.get('quintile 3')).toBeDefined();
    await subscription.unsubscribe();
  });

  test('is listed', async () => {
    const stream = await create(0);
    await store.client.createPersistentSubscriptionToStream(stream, 'second', settings({ startFrom: END }));
    const listed = await store.client.listPersistentSubscriptionsToStream(stream);
    expect(listed.map(({ groupName }) => groupName).sort()).toEqual([GROUP, 'second']);
    const all = await store.client.listAllPersistentSubscriptions();
    expect(all.filter(({ eventSource }) => eventSource === stream)).toHaveLength(2);
  });

  test('survives a restart of the subsystem', async () => {
    const stream = await create(2);
    await store.client.restartPersistentSubscriptionSubsystem();
    const received = await eventually(
      async () => {
        const subscription = subscribe(stream);
        const attempt = new Received<Message>(subscription);
        await attempt.until(() => attempt.error !== undefined || attempt.items.length === 2);
        await subscription.unsubscribe();
        return attempt;
      },
      ({ error }) => error === undefined,
    );
    expect(revisions(received.items)).toEqual([0, 1]);
  });
});

describe('the consumer strategy', () => {
  const store = useStore();

  const twoConsumers = async (stream: string, bufferSize: number) => {
    const consumers: { subscription: PersistentSubscriptionToStream; received: Received<Message> }[] = [];
    for (let n = 0; n < 2; n++) {
      const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, GROUP, { bufferSize });
      await emitted(subscription, 'confirmation');
      consumers.push({ subscription, received: new Received<Message>(subscription) });
    }
    const [first, second] = consumers;
    if (first === undefined || second === undefined) throw new Error('Two consumers were made.');
    return { first, second, leave: () => Promise.all(consumers.map(({ subscription }) => subscription.unsubscribe())) };
  };

  test('RoundRobin gives to everyone in turn', async () => {
    const stream = newStream();
    await store.client.createPersistentSubscriptionToStream(stream, GROUP, settings());
    const { first, second, leave } = await twoConsumers(stream, 20);
    await store.client.appendToStream(stream, events(10));
    await Promise.all([first.received.count(5), second.received.count(5)]);
    expect(revisions([...first.received.items, ...second.received.items]).sort()).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    await leave();
  });

  test('DispatchToSingle gives to one until its buffer is full', async () => {
    const stream = newStream();
    const strategy = { consumerStrategyName: 'DispatchToSingle' } as const;
    await store.client.createPersistentSubscriptionToStream(stream, GROUP, settings(strategy));
    const { first, second, leave } = await twoConsumers(stream, 4);
    await store.client.appendToStream(stream, events(6));
    await eventually(
      async () => first.received.items.length + second.received.items.length,
      (count) => count === 6,
    );
    expect([first.received.items.length, second.received.items.length].sort()).toEqual([2, 4]);
    await leave();
  });

  test('Pinned gives the events of one stream to one consumer', async () => {
    const category = `pinned${randomUUID().replaceAll('-', '')}`;
    const group = `pinned-${randomUUID()}`;
    await store.client.createPersistentSubscriptionToAll(
      group,
      persistentSubscriptionToAllSettingsFromDefaults({ startFrom: END, consumerStrategyName: 'Pinned' }),
      { filter: streamNameFilter({ prefixes: [category] }) },
    );
    const consumers: { subscription: PersistentSubscriptionToAll; received: Received<Message> }[] = [];
    for (let n = 0; n < 2; n++) {
      const subscription = store.client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 100 });
      await emitted(subscription, 'confirmation');
      subscription.on('data', (message) => void subscription.ack(message));
      consumers.push({ subscription, received: new Received<Message>(subscription) });
    }
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 12; n++) await store.client.appendToStream(`${category}-${n}`, event('A', n));
    }
    const [first, second] = consumers.map(({ received }) => received.items);
    await eventually(
      () => Promise.resolve((first?.length ?? 0) + (second?.length ?? 0)),
      (count) => count === 36,
    );
    const streamsOf = (items: Message[] = []) => new Set(items.map(({ event: e }) => e?.streamId));
    expect([...streamsOf(first)].filter((stream) => streamsOf(second).has(stream))).toEqual([]);
    expect(streamsOf(first).size + streamsOf(second).size).toBe(12);
    expect(streamsOf(first).size).toBeGreaterThan(0);
    expect(streamsOf(second).size).toBeGreaterThan(0);
    await Promise.all(consumers.map(({ subscription }) => subscription.unsubscribe()));
    await store.client.deletePersistentSubscriptionToAll(group);
  });
});

describe('a persistent subscription to $all', () => {
  const store = useStore();
  const allSettings = (changes: Parameters<typeof persistentSubscriptionToAllSettingsFromDefaults>[0] = {}) =>
    persistentSubscriptionToAllSettingsFromDefaults({ startFrom: END, ...changes });
  const group = () => `group-${randomUUID()}`;

  test('gives everything from the position on, which it includes', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, event('Before'));
    const { position } = await store.client.appendToStream(stream, event('Here'));
    await store.client.appendToStream(stream, event('After'));
    const name = group();
    await store.client.createPersistentSubscriptionToAll(name, allSettings({ startFrom: position ?? START }));
    const subscription = store.client.subscribeToPersistentSubscriptionToAll(name, { bufferSize: 100 });
    const received = new Received<Message>(subscription);
    const own = () => received.items.filter(({ event: e }) => e?.streamId === stream);
    await received.until(() => own().length >= 2);
    expect(own().map(({ event: e }) => e?.type)).toEqual(['Here', 'After']);
    await subscription.unsubscribe();
    await store.client.deletePersistentSubscriptionToAll(name);
  });

  test.each([
    ['stream name prefixes', (mark: string) => streamNameFilter({ prefixes: [`yes-${mark}`] })],
    ['a regular expression on stream names', (mark: string) => streamNameFilter({ regex: `^y.*${mark}` })],
    ['event type prefixes', (mark: string) => eventTypeFilter({ prefixes: [`Type-yes-${mark}`] })],
    ['a regular expression on event types', (mark: string) => eventTypeFilter({ regex: `^Type-y.*${mark}$` })],
  ])('filters by %s, and keeps the filter over an update', async (_case, filterFor) => {
    const [mark, name] = [randomUUID(), group()];
    await store.client.createPersistentSubscriptionToAll(name, allSettings(), { filter: filterFor(mark) });
    await store.client.updatePersistentSubscriptionToAll(name, allSettings({ maxRetryCount: 3 }));
    const subscription = store.client.subscribeToPersistentSubscriptionToAll(name);
    const received = new Received<Message>(subscription);
    subscription.on('data', (message) => void subscription.ack(message));
    await emitted(subscription, 'confirmation');
    for (const kind of ['no', 'yes', 'no', 'yes']) {
      await store.client.appendToStream(`${kind}-${mark}`, event(`Type-${kind}-${mark}`));
    }
    expect((await received.count(2)).map(({ event: e }) => e?.streamId)).toEqual([`yes-${mark}`, `yes-${mark}`]);
    await subscription.unsubscribe();
    await store.client.deletePersistentSubscriptionToAll(name);
  });

  test('parks and replays', async () => {
    const [stream, name] = [newStream(), group()];
    const filter = streamNameFilter({ prefixes: [stream] });
    await store.client.createPersistentSubscriptionToAll(name, allSettings(), { filter });
    await store.client.appendToStream(stream, events(2));
    const subscription = store.client.subscribeToPersistentSubscriptionToAll(name);
    const received = new Received<Message>(subscription);
    await received.count(2);
    await subscription.nack(PARK, 'later', ...received.items);
    await eventually(
      () => store.client.getPersistentSubscriptionToAllInfo(name),
      ({ stats }) => stats.parkedMessageCount === 2n,
    );
    await store.client.replayParkedMessagesToAll(name);
    const replayed = (await received.count(4)).slice(2);
    expect(replayed.map(({ event: e, link }) => [e?.streamId, link?.streamId])).toEqual([
      [stream, `$persistentsubscription-$all::${name}-parked`],
      [stream, `$persistentsubscription-$all::${name}-parked`],
    ]);
    await subscription.unsubscribe();
    await store.client.deletePersistentSubscriptionToAll(name);
  });

  test('tells its settings and figures as positions, and is listed', async () => {
    const [stream, name] = [newStream(), group()];
    const { position } = await store.client.appendToStream(stream, event('A'));
    const wanted = allSettings({ startFrom: position ?? START, checkPointUpperBound: 1 });
    await store.client.createPersistentSubscriptionToAll(name, wanted, {
      filter: streamNameFilter({ prefixes: [stream] }),
    });
    const subscription = store.client.subscribeToPersistentSubscriptionToAll(name);
    subscription.on('data', (message) => void subscription.ack(message));
    const after = await eventually(
      () => store.client.getPersistentSubscriptionToAllInfo(name),
      ({ stats }) => stats.lastCheckpointedEventPosition !== undefined,
    );
    expect(after).toMatchObject({ eventSource: '$all', groupName: name, settings: wanted });
    expect(after.stats.lastKnownEventPosition?.commit).toBeGreaterThanOrEqual(position?.commit ?? 0n);
    const listed = await store.client.listPersistentSubscriptionsToAll();
    expect(listed.map(({ groupName }) => groupName)).toContain(name);
    await subscription.unsubscribe();
    await store.client.deletePersistentSubscriptionToAll(name);
    expect(await failureOf(store.client.getPersistentSubscriptionToAllInfo(name))).toBeInstanceOf(
      PersistentSubscriptionDoesNotExistError,
    );
  });
});

describe('consumers on several connections', () => {
  const store = useStore();

  test('share the work, and nothing is done twice or left out', async () => {
    const stream = newStream();
    await store.client.createPersistentSubscriptionToStream(stream, GROUP, settings());
    const seen: number[] = [];
    const clients = Array.from({ length: 3 }, () => EventStoreDBClient.connectionString(store.url));
    const subscriptions = clients.map((client) => client.subscribeToPersistentSubscriptionToStream(stream, GROUP));
    for (const subscription of subscriptions) {
      subscription.on('data', (message) => {
        seen.push(Number(message.event?.revision));
        void subscription.ack(message);
      });
      await emitted(subscription, 'confirmation');
    }
    for (let n = 0; n < 10; n++) await store.client.appendToStream(stream, events(20));
    await eventually(
      () => Promise.resolve(seen.length),
      (count) => count >= 200,
    );
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
    await Promise.all(clients.map((client) => client.dispose()));
  });
});
