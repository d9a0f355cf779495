import {
  ANY,
  BACKWARDS,
  binaryEvent,
  END,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import type { AppendExpectedRevision, EventData } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { collect, event, events, failureOf, newStream, useStore } from './store-under-test.js';

// Appends with credentials go over the unary call, all others over the batch call; both must answer alike.
const WAYS = [
  ['batch', {}],
  ['unary', { credentials: { username: 'admin', password: 'changeit' } }],
] as const;

describe.each(WAYS)('an append over the %s call', (_way, call) => {
  const store = useStore();
  const append = (stream: string, proposed: EventData | EventData[], expectedRevision: AppendExpectedRevision = ANY) =>
    store.client.appendToStream(stream, proposed, { expectedRevision, ...call });
  const read = (stream: string) => collect(store.client.readStream(stream));

  test('numbers the events of a stream from 0 and says where the last one is', async () => {
    const stream = newStream();
    const first = await append(stream, events(3), NO_STREAM);
    const second = await append(stream, event('Next'), 2n);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(second).toMatchObject({ success: true, nextExpectedRevision: 3n });
    const stored = await read(stream);
    expect(stored.map(({ event: e }) => e?.revision)).toEqual([0n, 1n, 2n, 3n]);
    expect(stored[2]?.event?.position).toEqual(first.position);
    expect(stored[3]?.event?.position).toEqual(second.position);
  });

  test('keeps id, type, data, metadata and the moment, of JSON and of bytes', async () => {
    const stream = newStream();
    const before = Date.now();
    const json = jsonEvent({ type: 'Été', data: { name: 'Zoé', list: [1, 2] }, metadata: { why: 'test' } });
    const binary = binaryEvent({ type: 'Bytes', data: Uint8Array.of(0, 255, 10), metadata: Uint8Array.of(1, 2) });
    await append(stream, [json, binary]);
    const [first, second] = await read(stream);
    expect(first?.event).toMatchObject({
      streamId: stream,
      id: json.id,
      type: 'Été',
      isJson: true,
      data: { name: 'Zoé', list: [1, 2] },
      metadata: { why: 'test' },
    });
    expect(first?.event?.created.getTime()).toBeGreaterThanOrEqual(before - 1000);
    expect(second?.event).toMatchObject({ id: binary.id, type: 'Bytes', isJson: false });
    expect(Buffer.from(second?.event?.data as Uint8Array)).toEqual(Buffer.of(0, 255, 10));
    expect(Buffer.from(second?.event?.metadata as Uint8Array)).toEqual(Buffer.of(1, 2));
  });

  test('takes stream names with any characters', async () => {
    const stream = newStream('été/дом 0️⃣');
    await append(stream, event('A'), NO_STREAM);
    expect((await read(stream))[0]?.event?.streamId).toBe(stream);
  });

  test.each([
    ['no_stream on a stream that has events', NO_STREAM, 2, NO_STREAM, 1n],
    ['a revision that is past', 0n, 2, 0n, 1n],
    ['a revision that is still to come', 7n, 2, 7n, 1n],
    ['a revision of a stream that does not exist', 3n, 0, 3n, 'no_stream'],
    ['stream_exists on a stream that does not exist', STREAM_EXISTS, 0, STREAM_EXISTS, 'no_stream'],
  ] as const)(
    'refuses %s and says what is there',
    async (_case, expected, existing, expectedVersion, actualVersion) => {
      const stream = newStream();
      if (existing > 0) await append(stream, events(existing));
      const error = await failureOf(append(stream, event('Late'), expected));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, expectedVersion, actualVersion, message: '' });
      if (existing > 0) expect(await read(stream)).toHaveLength(existing);
    },
  );

  test('takes stream_exists and any on a stream that exists', async () => {
    const stream = newStream();
    await append(stream, event('A'), ANY);
    await append(stream, event('B'), STREAM_EXISTS);
    expect(await append(stream, event('C'), ANY)).toMatchObject({ nextExpectedRevision: 2n });
  });

  test('with any, answers a repetition with the original place and ignores its body', async () => {
    const stream = newStream();
    const ids = [randomUUID(), randomUUID()] as const;
    const first = await append(stream, [event('A', 1, ids[0]), event('B', 2, ids[1])]);
    await append(stream, event('C'));
    const again = await append(stream, [event('Other', 9, ids[0]), event('Other', 9, ids[1])]);
    expect(again).toEqual(first);
    const prefix = await append(stream, event('Other', 9, ids[0]));
    expect(prefix.nextExpectedRevision).toBe(0n);
    expect((await read(stream)).map(({ event: e }) => e?.type)).toEqual(['A', 'B', 'C']);
  });

  test('with any, writes everything when the first id is new, and refuses when only a later one is', async () => {
    const stream = newStream();
    const known = event('A');
    await append(stream, known);
    expect(await append(stream, [event('New'), known])).toMatchObject({ nextExpectedRevision: 2n });
    const error = await failureOf(append(stream, [known, event('New')]));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ expectedVersion: 'any', actualVersion: 2n });
    expect(await read(stream)).toHaveLength(3);
  });

  test('with a revision, answers a repetition with the original place, and writes again at the current one', async () => {
    const stream = newStream();
    const known = event('A');
    const first = await append(stream, known, NO_STREAM);
    expect(await append(stream, known, NO_STREAM)).toEqual(first);
    expect(await append(stream, known, 0n)).toMatchObject({ nextExpectedRevision: 1n });
    expect(await read(stream)).toHaveLength(2);
  });

  test('writes two events when one request has the same id twice', async () => {
    const stream = newStream();
    const twice = event('A');
    expect(await append(stream, [twice, twice])).toMatchObject({ nextExpectedRevision: 1n });
    expect(await read(stream)).toHaveLength(2);
  });

  test('knows an id in its own stream only', async () => {
    const shared = event('A');
    const [one, other] = [newStream(), newStream()];
    await append(one, shared);
    await append(other, shared);
    expect(await read(other)).toHaveLength(1);
  });

  test('of no events succeeds and writes nothing', async () => {
    const stream = newStream();
    expect(await append(stream, [], ANY)).toMatchObject({ success: true, nextExpectedRevision: 0n });
    expect(await failureOf(read(stream))).toBeInstanceOf(StreamNotFoundError);
    await append(stream, events(2));
    expect(await append(stream, [], ANY)).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(await read(stream)).toHaveLength(2);
  });

  test('takes exactly 1,048,576 bytes of data and not one more', async () => {
    const stream = newStream();
    const half = (bytes: number) =>
      binaryEvent({ type: 'Large', data: new Uint8Array(bytes), metadata: new Uint8Array(5_000) });
    await append(stream, [half(524_288), half(524_288)]);
    const error = await failureOf(append(stream, [half(524_288), half(524_289)]));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: 1_048_576 });
    expect(await read(stream)).toHaveLength(2);
  });

  test('refuses an empty event type', async () => {
    const stream = newStream();
    await failureOf(append(stream, event('')));
    expect(await failureOf(read(stream))).toBeInstanceOf(StreamNotFoundError);
    await append(stream, event('A'));
  });

  test('is atomic among many at once: revisions have no gap and every event is there once', async () => {
    const stream = newStream();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => append(stream, event('A', n))));
    expect(new Set(answers.map(({ nextExpectedRevision }) => nextExpectedRevision)).size).toBe(100);
    const stored = await read(stream);
    expect(stored.map(({ event: e }) => Number(e?.revision))).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(new Set(stored.map(({ event: e }) => e?.id)).size).toBe(100);
  });

  test('lets one of many with the same expected revision win', async () => {
    const stream = newStream();
    const race = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => append(stream, event('A', n), NO_STREAM)),
    );
    expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await read(stream)).toHaveLength(1);
  });
});

describe('an append', () => {
  const store = useStore();

  test('larger than one message of the batch call is one append', async () => {
    const stream = newStream();
    const proposed = events(300);
    await store.client.appendToStream(stream, proposed, { batchAppendSize: 4_000, expectedRevision: NO_STREAM });
    const stored = await collect(store.client.readStream(stream));
    expect(stored.map(({ event: e }) => e?.id)).toEqual(proposed.map(({ id }) => id));
  });

  test('that is refused while it still arrives is answered once, and the call goes on', async () => {
    const stream = newStream();
    const large = Array.from({ length: 30 }, () => binaryEvent({ type: 'Large', data: new Uint8Array(100_000) }));
    const options = { batchAppendSize: 150_000 };
    expect(await failureOf(store.client.appendToStream(stream, large, options))).toBeInstanceOf(
      MaxAppendSizeExceededError,
    );
    await store.client.appendToStream(stream, event('A'));
    expect(await collect(store.client.readStream(stream, { direction: BACKWARDS, fromRevision: END }))).toHaveLength(1);
  });

  test('whose deadline is over is refused and not written', async () => {
    const stream = newStream();
    const error = await failureOf(store.client.appendToStream(stream, events(5_000), { deadline: 1 }));
    expect(error).toMatchObject({ type: 'deadline-exceeded' });
  });

  test('answers instead of throwing when the client is told so', async () => {
    const stream = newStream();
    const separator = store.url.includes('?') ? '&' : '?';
    const { EventStoreDBClient } = await import('@eventstore/db-client');
    const client = EventStoreDBClient.connectionString(`${store.url}${separator}throwOnAppendFailure=false`);
    await client.appendToStream(stream, events(2));
    const answer = await client.appendToStream(stream, event('Late'), { expectedRevision: NO_STREAM });
    expect(answer.success).toBe(false);
    await client.dispose();
  });
});
