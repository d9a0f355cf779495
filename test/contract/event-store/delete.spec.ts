import {
  ANY,
  BACKWARDS,
  END,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
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

const TOMBSTONE = 2n ** 63n - 1n;

describe('a soft delete', () => {
  const store = useStore();
  const read = (stream: string) => collect(store.client.readStream(stream));
  const types = async (stream: string) => (await read(stream)).map(({ event: e }) => [e?.type, e?.revision]);

  test('hides the stream, and the next event goes on numbering', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(3));
    const { position } = await store.client.deleteStream(stream);
    expect(position?.commit).toBeGreaterThan(0n);
    expect(await failureOf(read(stream))).toBeInstanceOf(StreamNotFoundError);
    await store.client.appendToStream(stream, event('Again'));
    expect(await types(stream)).toEqual([['Again', 3n]]);
  });

  test.each([
    ['any', ANY],
    ['no_stream', NO_STREAM],
    ['the exact last revision', 2n],
  ] as const)('lets the stream be written again with %s', async (_case, expectedRevision) => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(3));
    await store.client.deleteStream(stream);
    const answer = await store.client.appendToStream(stream, event('Again'), { expectedRevision });
    expect(answer.nextExpectedRevision).toBe(3n);
    expect(await types(stream)).toEqual([['Again', 3n]]);
  });

  test('refuses stream_exists and a wrong revision until then', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(3));
    await store.client.deleteStream(stream);
    const append = (expectedRevision: bigint | typeof STREAM_EXISTS) =>
      failureOf(store.client.appendToStream(stream, event('Again'), { expectedRevision }));
    const error = await append(STREAM_EXISTS);
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: stream });
    expect(await append(1n)).toMatchObject({ expectedVersion: 1n, actualVersion: 2n });
  });

  test('keeps the other metadata', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(1));
    await store.client.setStreamMetadata(stream, { maxCount: 7, acl: { readRoles: ['$all'] }, note: 'kept' });
    await store.client.deleteStream(stream);
    const { metadata } = await store.client.getStreamMetadata(stream);
    expect(metadata).toMatchObject({ maxCount: 7, note: 'kept', acl: { readRoles: ['$all'] } });
    expect(metadata?.truncateBefore).toBe(Number(TOMBSTONE));
  });

  test('asks for the expected revision', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(3));
    const error = await failureOf(store.client.deleteStream(stream, { expectedRevision: 1n }));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ streamName: stream, expectedVersion: 1n, actualVersion: 2n });
    expect(await failureOf(store.client.deleteStream(stream, { expectedRevision: NO_STREAM }))).toBeInstanceOf(
      WrongExpectedVersionError,
    );
    await store.client.deleteStream(stream, { expectedRevision: 2n });
  });

  test('of a missing stream is a wrong expected version', async () => {
    const stream = newStream();
    const error = await failureOf(store.client.deleteStream(stream));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ streamName: stream, expectedVersion: -2n, actualVersion: -1n, code: 9 });
  });

  test('of a stream that has metadata only succeeds', async () => {
    const stream = newStream();
    await store.client.setStreamMetadata(stream, { cacheControl: 10 });
    await store.client.deleteStream(stream, { expectedRevision: NO_STREAM });
  });

  test('leaves the events in $all', async () => {
    const stream = newStream();
    const { position } = await store.client.appendToStream(stream, event('Kept'));
    await store.client.deleteStream(stream);
    const [found] = await collect(store.client.readAll({ maxCount: 1, ...(position && { fromPosition: position }) }));
    expect(found?.event).toMatchObject({ streamId: stream, type: 'Kept' });
  });
});

describe('a tombstone', () => {
  const store = useStore();

  test('ends the stream for good', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(2));
    await store.client.tombstoneStream(stream, { expectedRevision: 1n });
    const attempts = [
      () => collect(store.client.readStream(stream)),
      () => store.client.appendToStream(stream, event('Never')),
      () => store.client.appendToStream(stream, event('Never'), { credentials: { username: 'a', password: 'b' } }),
      () => store.client.deleteStream(stream),
      () => store.client.tombstoneStream(stream),
    ];
    for (const attempt of attempts) {
      const error = await failureOf(attempt());
      expect(error).toBeInstanceOf(StreamDeletedError);
      expect(error).toMatchObject({ streamName: stream });
    }
  });

  test('of a missing stream succeeds', async () => {
    const stream = newStream();
    await store.client.tombstoneStream(stream);
    expect(await failureOf(collect(store.client.readStream(stream)))).toBeInstanceOf(StreamDeletedError);
  });

  test('asks for the expected revision', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(2));
    const error = await failureOf(store.client.tombstoneStream(stream, { expectedRevision: 0n }));
    expect(error).toMatchObject({ type: 'wrong-expected-version', expectedVersion: 0n, actualVersion: 1n, code: 9 });
  });

  test('arrives live as $streamDeleted', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, event('A'));
    const subscription = store.client.subscribeToStream(stream);
    const received = new Received(subscription);
    await emitted(subscription, 'caughtUp');
    await store.client.tombstoneStream(stream);
    const items = await received.count(2);
    expect(items[1]?.event).toMatchObject({ type: '$streamDeleted', revision: TOMBSTONE, streamId: stream });
    // Nothing can follow, so the subscription ends.
    expect(await received.failure()).toMatchObject({ type: 'stream-deleted', streamName: stream });
    const late = new Received(store.client.subscribeToStream(stream));
    expect(await late.failure()).toMatchObject({ type: 'stream-deleted' });
  });
});

describe('stream metadata', () => {
  const store = useStore();
  const revisions = async (stream: string) =>
    (await collect(store.client.readStream(stream))).map(({ event: e }) => Number(e?.revision));

  test('is given back as it was set, the newest only', async () => {
    const stream = newStream();
    expect((await store.client.getStreamMetadata(stream)).metadata).toBeUndefined();
    await store.client.setStreamMetadata(stream, { maxAge: 1, own: 1 });
    const all = {
      maxAge: 3600,
      maxCount: 10,
      truncateBefore: 2,
      cacheControl: 5,
      acl: { readRoles: ['a'] },
      own: { x: 1 },
    };
    await store.client.setStreamMetadata(stream, all);
    expect((await store.client.getStreamMetadata(stream)).metadata).toEqual(all);
    expect(await collect(store.client.readStream(`$$${stream}`))).toHaveLength(1);
  });

  test('maxCount keeps the newest events', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(10));
    await store.client.setStreamMetadata(stream, { maxCount: 3 });
    expect(await revisions(stream)).toEqual([7, 8, 9]);
    await store.client.appendToStream(stream, event('A'));
    expect(await revisions(stream)).toEqual([8, 9, 10]);
  });

  test('maxCount 0 is ignored', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(4));
    await store.client.setStreamMetadata(stream, { maxCount: 0 });
    expect(await revisions(stream)).toEqual([0, 1, 2, 3]);
  });

  test('truncateBefore hides what is older; a stream of which nothing is left is empty, not missing', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, events(5));
    await store.client.setStreamMetadata(stream, { truncateBefore: 3 });
    expect(await revisions(stream)).toEqual([3, 4]);
    const backwards = await collect(store.client.readStream(stream, { direction: BACKWARDS, fromRevision: END }));
    expect(backwards.map(({ event: e }) => Number(e?.revision))).toEqual([4, 3]);
    await store.client.setStreamMetadata(stream, { truncateBefore: 5 });
    expect(await revisions(stream)).toEqual([]);
  });

  test('maxAge hides what is older', async () => {
    const stream = newStream();
    await store.client.setStreamMetadata(stream, { maxAge: 1 });
    await store.client.appendToStream(stream, events(2));
    expect(await revisions(stream)).toEqual([0, 1]);
    expect(
      await eventually(
        () => revisions(stream),
        (left) => left.length === 0,
      ),
    ).toEqual([]);
    await store.client.appendToStream(stream, event('Fresh'));
    expect(await revisions(stream)).toEqual([2]);
  });

  test('takes an expected revision of its own', async () => {
    const stream = newStream();
    await store.client.setStreamMetadata(stream, { maxCount: 1 }, { expectedRevision: NO_STREAM });
    const error = await failureOf(
      store.client.setStreamMetadata(stream, { maxCount: 2 }, { expectedRevision: NO_STREAM }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    await store.client.setStreamMetadata(stream, { maxCount: 2 }, { expectedRevision: 0n });
  });
});
