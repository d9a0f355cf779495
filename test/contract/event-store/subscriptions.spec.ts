import {
  END,
  EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import type { Filter, Position, ResolvedEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { emitted, event, events, eventually, newStream, Received, useStore } from './store-under-test.js';

const revisions = (items: { event?: { revision: bigint } }[]) => items.map(({ event: e }) => Number(e?.revision));
const streams = (items: { event?: { streamId: string } }[]) => items.map(({ event: e }) => e?.streamId);

describe('a catch-up subscription to a stream', () => {
  const store = useStore();

  test('gives what is there, says that it caught up, then gives what comes', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(3));
    const subscription = store.client.subscribeToStream(stream);
    const received = new Received(subscription);
    let caughtUpAfter = -1;
    subscription.on('caughtUp', () => (caughtUpAfter = received.items.length));
    await emitted(subscription, 'caughtUp');
    await store.client.appendToStream(stream, events(2));
    expect(revisions(await received.count(5))).toEqual([0, 1, 2, 3, 4]);
    expect(caughtUpAfter).toBe(3);
    await subscription.unsubscribe();
  });

  test('starts after the given revision', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(5));
    const subscription = store.client.subscribeToStream(stream, { fromRevision: 2n });
    expect(revisions(await new Received(subscription).count(2))).toEqual([3, 4]);
    await subscription.unsubscribe();
  });

  test('from the end gives only what comes', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(5));
    const subscription = store.client.subscribeToStream(stream, { fromRevision: END });
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    await store.client.appendToStream(stream, event('Live'));
    expect(revisions(await received.count(1))).toEqual([5]);
    await subscription.unsubscribe();
  });

  test('to a stream that does not exist yet waits for it, and catches up once', async () => {
    const stream = newStream();
    const subscription = store.client.subscribeToStream(stream);
    const received = new Received(subscription);
    let caughtUp = 0;
    subscription.on('caughtUp', () => caughtUp++);
    await emitted(subscription, 'caughtUp');
    await store.client.appendToStream(stream, events(2));
    await received.count(2);
    await store.client.appendToStream(stream, events(1));
    await received.count(3);
    expect(caughtUp).toBe(1);
    await subscription.unsubscribe();
  });

  test('resolves links when asked to', async () => {
    const { binaryEvent } = await import('@eventstore/db-client');
    const [target, links] = [newStream(), newStream('links')];
    await store.client.appendToStream(target, events(2));
    const subscription = store.client.subscribeToStream(links, { resolveLinkTos: true });
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    await store.client.appendToStream(links, binaryEvent({ type: '$>', data: Buffer.from(`1@${target}`) }));
    const [resolved] = await received.count(1);
    expect(resolved).toMatchObject({ event: { streamId: target, revision: 1n }, link: { streamId: links } });
    await subscription.unsubscribe();
  });

  test('gives every event once and in order while many are written', async () => {
    const stream = newStream();
    const subscription = store.client.subscribeToStream(stream);
    const received = new Received(subscription);
    const writers = Array.from({ length: 8 }, async () => {
      for (let n = 0; n < 50; n++) await store.client.appendToStream(stream, event('A', n));
    });
    await Promise.all(writers);
    expect(revisions(await received.count(400))).toEqual(Array.from({ length: 400 }, (_, n) => n));
    await subscription.unsubscribe();
  });

  test('gives every live event, also those that the metadata hides at once', async () => {
    const stream = newStream();
    await store.client.setStreamMetadata(stream, { maxCount: 1 });
    const subscription = store.client.subscribeToStream(stream);
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    await store.client.appendToStream(stream, events(5));
    expect(revisions(await received.count(5))).toEqual([0, 1, 2, 3, 4]);
    await subscription.unsubscribe();
  });

  test('leaves out what the metadata hides while it catches up', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(5));
    await store.client.setStreamMetadata(stream, { truncateBefore: 3 });
    const subscription = store.client.subscribeToStream(stream);
    expect(revisions(await new Received(subscription).count(2))).toEqual([3, 4]);
    await subscription.unsubscribe();
  });

  test('says that it fell behind when the reader did not take live events, then that it caught up again', async () => {
    const stream = newStream();
    const large = () =>
      Array.from({ length: 10 }, (_, n) => jsonEvent({ type: 'Large', data: { n, text: 'x'.repeat(50_000) } }));
    // On one connection the answers to the appends would wait behind what nobody reads.
    const writer = EventStoreDBClient.connectionString(store.url);
    const subscription = store.client.subscribeToStream(stream);
    const said: string[] = [];
    subscription.on('caughtUp', () => said.push('caughtUp'));
    subscription.on('fellBehind', () => said.push('fellBehind'));
    await emitted(subscription, 'caughtUp');
    // Nobody reads: first the connection's buffers fill, then the server's live buffer.
    for (let batch = 0; batch < 30; batch++) await writer.appendToStream(stream, large());
    await writer.dispose();
    const received = new Received(subscription);
    expect(revisions(await received.count(300))).toEqual(Array.from({ length: 300 }, (_, n) => n));
    await eventually(
      () => Promise.resolve(said.length >= 3 && said.at(-1) === 'caughtUp'),
      (isOver) => isOver,
    );
    expect(said).toEqual(['caughtUp', ...said.slice(1).map((_, n) => (n % 2 === 0 ? 'fellBehind' : 'caughtUp'))]);
    await subscription.unsubscribe();
  });

  test('can be iterated and left, and ends when unsubscribed', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(9));
    let seen = 0;
    for await (const { event: e } of store.client.subscribeToStream(stream)) {
      seen++;
      if (e?.revision === 8n) break;
    }
    expect(seen).toBe(9);
    const subscription = store.client.subscribeToStream(stream);
    const ended = new Promise((resolve) => subscription.on('end', resolve));
    await new Received(subscription).count(9);
    await subscription.unsubscribe();
    await ended;
  });

  test('holds back for a reader that stops reading, and loses nothing', async () => {
    const stream = newStream();
    const large = () =>
      Array.from({ length: 10 }, (_, n) => jsonEvent({ type: 'Large', data: { n, text: 'x'.repeat(50_000) } }));
    for (let batch = 0; batch < 30; batch++) await store.client.appendToStream(stream, large());
    const subscription = store.client.subscribeToStream(stream);
    const iterator: AsyncIterator<ResolvedEvent, undefined> = subscription[Symbol.asyncIterator]();
    const seen = [await iterator.next()];
    // Others are served meanwhile (over a connection of their own: on one connection they share HTTP/2's flow control).
    const other = EventStoreDBClient.connectionString(store.url);
    await other.appendToStream(newStream(), event('Meanwhile'));
    await other.dispose();
    while (seen.length < 300) seen.push(await iterator.next());
    expect(seen.map(({ value }) => Number(value?.event?.revision))).toEqual(Array.from({ length: 300 }, (_, n) => n));
    await subscription.unsubscribe();
  });
});

describe('a catch-up subscription to $all', () => {
  const store = useStore();

  test('starts after the given position and goes on live', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, event('Before'));
    const { position } = await store.client.appendToStream(stream, event('Here'));
    await store.client.appendToStream(stream, event('After'));
    const subscription = store.client.subscribeToAll({ fromPosition: position ?? START });
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    await store.client.appendToStream(stream, event('Live'));
    const own = () => received.items.filter(({ event: e }) => e?.streamId === stream);
    await received.until(() => own().length >= 2);
    expect(own().map(({ event: e }) => e?.type)).toEqual(['After', 'Live']);
    await subscription.unsubscribe();
  });

  test('from the end gives only what comes', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, event('Before'));
    const subscription = store.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({ prefixes: [stream] }),
    });
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    await store.client.appendToStream(stream, event('Live'));
    expect((await received.count(1)).map(({ event: e }) => e?.type)).toEqual(['Live']);
    await subscription.unsubscribe();
  });

  test('from a position where no event begins is an invalid argument', async () => {
    const { position } = await store.client.appendToStream(newStream(), event('A'));
    await store.client.appendToStream(newStream(), event('B'));
    const between = { commit: (position?.commit ?? 0n) + 1n, prepare: (position?.prepare ?? 0n) + 1n };
    const received = new Received(store.client.subscribeToAll({ fromPosition: between }));
    expect(await received.failure()).toMatchObject({ code: 3 });
  });

  const mark = randomUUID();
  test.each<[string, Filter, string[]]>([
    ['stream name prefixes', streamNameFilter({ prefixes: [`one-${mark}`, `two-${mark}`] }), ['one', 'two']],
    ['a regular expression on stream names', streamNameFilter({ regex: `^t.*-${mark}` }), ['two', 'three']],
    ['event type prefixes', eventTypeFilter({ prefixes: [`T-three-${mark}`, `T-one-${mark}`] }), ['one', 'three']],
    ['a regular expression on event types', eventTypeFilter({ regex: `^T-(one|two)-${mark}$` }), ['one', 'two']],
  ])('filters by %s, both what is there and what comes', async (_case, filter, expected) => {
    const write = async () => {
      for (const name of ['one', 'two', 'three']) {
        await store.client.appendToStream(`${name}-${mark}`, event(`T-${name}-${mark}`));
      }
    };
    const { position } = await store.client.appendToStream(newStream(), event('Start'));
    await write();
    const subscription = store.client.subscribeToAll({ fromPosition: position ?? START, filter });
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    await write();
    const wanted = expected.map((name) => `${name}-${mark}`);
    expect(streams(await received.count(2 * wanted.length))).toEqual([...wanted, ...wanted]);
    await subscription.unsubscribe();
  });

  test('leaves out system events when asked to', async () => {
    const stream = newStream();
    const { position } = await store.client.appendToStream(newStream(), event('Start'));
    await store.client.setStreamMetadata(stream, { cacheControl: 1 });
    await store.client.appendToStream(stream, event('Seen'));
    const subscription = store.client.subscribeToAll({
      fromPosition: position ?? START,
      filter: excludeSystemEvents(),
    });
    const received = new Received(subscription);
    await received.until(() => received.items.some(({ event: e }) => e?.streamId === stream));
    expect(received.items.every(({ event: e }) => !e?.type.startsWith('$'))).toBe(true);
    await subscription.unsubscribe();
  });

  test('names checkpoints while it catches up, from which another can go on', async () => {
    const [stream, other] = [newStream(), newStream()];
    await store.client.appendToStream(other, events(200));
    await store.client.appendToStream(stream, event('Mine'));
    const checkpoints: Position[] = [];
    const subscription = store.client.subscribeToAll({
      fromPosition: START,
      filter: streamNameFilter({
        prefixes: [stream],
        checkpointInterval: 1,
        checkpointReached: (_subscription, position) => void checkpoints.push(position),
      }),
    });
    await new Received(subscription).count(1);
    await subscription.unsubscribe();
    expect(checkpoints[0]).toEqual({ commit: 0n, prepare: 0n });
    expect(checkpoints.length).toBeGreaterThan(4);
    expect(checkpoints.slice(1).every(({ commit, prepare }) => commit > 0n && prepare === 0n)).toBe(true);
    const resumed = store.client.subscribeToAll({
      fromPosition: checkpoints.at(-1) ?? START,
      filter: streamNameFilter({ prefixes: [stream] }),
    });
    expect((await new Received(resumed).count(1)).map(({ event: e }) => e?.type)).toEqual(['Mine']);
    await resumed.unsubscribe();
  });

  test('names a checkpoint every 32 live events, with commit equal to prepare', async () => {
    const checkpoints: Position[] = [];
    let reached: () => void = () => undefined;
    const subscription = store.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({
        prefixes: ['no-such-stream'],
        checkpointReached: (_subscription, position) => {
          checkpoints.push(position);
          if (checkpoints.length === 2) reached();
        },
      }),
    });
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    const twice = new Promise<void>((resolve) => (reached = resolve));
    await store.client.appendToStream(newStream(), events(64));
    await twice;
    expect(checkpoints.every(({ commit, prepare }) => commit === prepare && commit > 0n)).toBe(true);
    expect(received.items).toEqual([]);
    await subscription.unsubscribe();
  });

  test('waits for the work that is done at a checkpoint, and names neither too many nor too few', async () => {
    const stream = newStream();
    const { position } = await store.client.appendToStream(newStream(), event('Start'));
    await store.client.appendToStream(stream, events(8));
    let working = false;
    let overlaps = 0;
    let checkpoints = 0;
    const subscription = store.client.subscribeToAll({
      fromPosition: position ?? START,
      filter: excludeSystemEvents({
        checkpointInterval: 2,
        checkpointReached: async () => {
          checkpoints++;
          working = true;
          await new Promise((resolve) => setTimeout(resolve, 100));
          working = false;
        },
      }),
    });
    const received = new Received(subscription);
    subscription.on('data', () => (overlaps += working ? 1 : 0));
    for (let batch = 0; batch < 18; batch++) await store.client.appendToStream(stream, events(20));
    await store.client.appendToStream(stream, events(16));
    await received.until(() => received.items.filter(({ event: e }) => e?.streamId === stream).length >= 384);
    await subscription.unsubscribe();
    expect(overlaps).toBe(0);
    // 384 events, one checkpoint every 2 × 32; other specs may write at the same time, and catching up may add one.
    expect(checkpoints).toBeGreaterThanOrEqual(5);
    expect(checkpoints).toBeLessThanOrEqual(8 + Math.ceil((received.items.length - 384) / 64));
  });

  test('counts the checkpoint interval in multiples of the search window', async () => {
    const checkpoints: Position[] = [];
    let reached: () => void = () => undefined;
    const subscription = store.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({
        prefixes: ['no-such-stream'],
        maxSearchWindow: 5,
        checkpointInterval: 2,
        checkpointReached: (_subscription, position) => {
          checkpoints.push(position);
          reached();
        },
      }),
    });
    await emitted(subscription, 'caughtUp');
    const once = new Promise<void>((resolve) => (reached = resolve));
    const { position } = await store.client.appendToStream(newStream(), events(10));
    await once;
    expect(checkpoints[0]).toEqual(position);
    await subscription.unsubscribe();
  });
});

describe('subscriptions and connections', () => {
  const store = useStore();

  test('end with their client', async () => {
    const client = EventStoreDBClient.connectionString(store.url);
    const subscription = client.subscribeToAll({ fromPosition: END });
    await emitted(subscription, 'confirmation');
    await client.dispose();
    await store.client.appendToStream(newStream(), event('After'));
  });

  test('are many on one connection, each on its own', async () => {
    for (let round = 0; round < 40; round++) {
      const stream = newStream();
      const [before, after] = [events(3), events(7)];
      const credentials = { username: 'admin', password: 'changeit' };
      const { nextExpectedRevision } = await store.client.appendToStream(stream, before, { credentials });
      const subscription = store.client.subscribeToStream(stream, { fromRevision: START });
      const received = new Received(subscription);
      await received.count(3);
      const expectedRevision = nextExpectedRevision;
      await store.client.appendToStream(stream, after, { credentials, expectedRevision });
      const items = await received.count(10);
      expect(items.map(({ event: e }) => e?.id)).toEqual([...before, ...after].map(({ id }) => id));
      await subscription.unsubscribe();
    }
  });
});
