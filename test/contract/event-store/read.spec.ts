import { BACKWARDS, END, FORWARDS, jsonEvent, START, StreamNotFoundError } from '@eventstore/db-client';
import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import { collect, event, events, failureOf, newStream, useStore } from './store-under-test.js';

const numbers = (read: (ResolvedEvent | AllStreamResolvedEvent)[]) =>
  read.map(({ event: e }) => (e?.data as { n: number }).n);

describe('reading a stream', () => {
  const store = useStore();
  const read = (...args: Parameters<typeof store.client.readStream>) => collect(store.client.readStream(...args));
  const stream = newStream();

  beforeAll(() => store.client.appendToStream(stream, events(10)));

  test.each([
    ['from the start', {}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['from a revision', { fromRevision: 7n }, [7, 8, 9]],
    ['not more than asked for', { fromRevision: START, maxCount: 3 }, [0, 1, 2]],
    ['backwards from the end', { direction: BACKWARDS, fromRevision: END, maxCount: 2 }, [9, 8]],
    ['backwards from a revision', { direction: BACKWARDS, fromRevision: 2n }, [2, 1, 0]],
    ['backwards from past the end', { direction: BACKWARDS, fromRevision: 50n, maxCount: 1 }, [9]],
    ['backwards from the start', { direction: BACKWARDS, fromRevision: START }, [0]],
    ['past the end', { fromRevision: 10n }, []],
  ] as const)('%s', async (_case, options, expected) => {
    expect(numbers(await read(stream, options))).toEqual(expected);
  });

  test('gives commit and prepare the same value', async () => {
    const [last] = await read(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 });
    expect(last?.event?.position?.commit).toBe(last?.event?.position?.prepare);
  });

  test('that does not exist says so with its name', async () => {
    const missing = newStream();
    const error = await failureOf(read(missing));
    expect(error).toBeInstanceOf(StreamNotFoundError);
    expect(error).toMatchObject({ streamName: missing });
  });

  test('of no events, or forwards from the end, is an unknown error', async () => {
    expect(await failureOf(read(stream, { maxCount: 0 }))).toMatchObject({ type: 'unknown', code: 2 });
    expect(await failureOf(read(stream, { direction: FORWARDS, fromRevision: END }))).toMatchObject({
      type: 'unknown',
      code: 2,
    });
  });

  test('of many pages gives everything in order, both ways', async () => {
    const long = newStream();
    for (let batch = 0; batch < 5; batch++) {
      await store.client.appendToStream(
        long,
        Array.from({ length: 300 }, (_, n) => event('Happened', batch * 300 + n)),
      );
    }
    const all = Array.from({ length: 1500 }, (_, n) => n);
    expect(numbers(await read(long))).toEqual(all);
    expect(numbers(await read(long, { direction: BACKWARDS, fromRevision: END }))).toEqual(all.reverse());
  });

  test('can be left before its end', async () => {
    const long = newStream();
    // More than fits into the buffers on the way, so that the server still sends when the reader leaves.
    const large = () =>
      Array.from({ length: 20 }, () => jsonEvent({ type: 'Large', data: { text: 'x'.repeat(50_000) } }));
    for (let batch = 0; batch < 5; batch++) await store.client.appendToStream(long, large());
    const reading = store.client.readStream(long);
    for await (const first of reading) {
      expect(first.event?.revision).toBe(0n);
      break;
    }
    await reading.cancel();
    expect(await read(long, { maxCount: 1 })).toHaveLength(1);
  });
});

describe('reading links', () => {
  const store = useStore();
  const link = (target: string) => jsonEvent({ type: '$>', data: target });

  // The client can write JSON only as such, so the links are written as bytes, which is what a projection does too.
  const appendLink = async (stream: string, target: string) => {
    const { binaryEvent } = await import('@eventstore/db-client');
    await store.client.appendToStream(stream, binaryEvent({ type: '$>', data: Buffer.from(target) }));
  };

  test('resolves them when asked to', async () => {
    const [target, links] = [newStream(), newStream('links')];
    await store.client.appendToStream(target, events(3));
    await appendLink(links, `1@${target}`);
    const [resolved] = await collect(store.client.readStream(links, { resolveLinkTos: true }));
    expect(resolved?.event).toMatchObject({ streamId: target, revision: 1n, type: 'Happened' });
    expect(resolved?.link).toMatchObject({ streamId: links, revision: 0n, type: '$>' });
    const [plain] = await collect(store.client.readStream(links));
    expect(plain?.event?.type).toBe('$>');
    expect(plain?.link).toBeUndefined();
  });

  test('leaves the event out when it cannot be found', async () => {
    const links = newStream('links');
    await appendLink(links, `5@${newStream()}`);
    const [resolved] = await collect(store.client.readStream(links, { resolveLinkTos: true }));
    expect(resolved?.event).toBeUndefined();
    expect(resolved?.link?.type).toBe('$>');
  });

  test('takes a malformed link as an event like any other', async () => {
    const links = newStream('links');
    await appendLink(links, 'no link at all');
    await store.client.appendToStream(links, link('neither'));
    const read = await collect(store.client.readStream(links, { resolveLinkTos: true }));
    expect(read.map(({ event: e, link: l }) => [e?.type, l])).toEqual([
      ['$>', undefined],
      ['$>', undefined],
    ]);
  });
});

describe('reading $all', () => {
  const store = useStore();
  const read = (...args: Parameters<typeof store.client.readAll>) => collect(store.client.readAll(...args));

  test('forwards includes the position, backwards leaves it out', async () => {
    const stream = newStream();
    const at = [];
    for (const n of [0, 1, 2, 3]) at.push((await store.client.appendToStream(stream, event('A', n))).position);
    const own = async (...args: Parameters<typeof read>) =>
      numbers((await read(...args)).filter(({ event: e }) => e?.streamId === stream));
    expect(await own({ fromPosition: at[1] ?? START })).toEqual([1, 2, 3]);
    expect(await own({ fromPosition: at[2] ?? START, direction: BACKWARDS, maxCount: 10 })).toEqual([1, 0]);
    expect(await own({ fromPosition: END, direction: BACKWARDS, maxCount: 40 })).toEqual([3, 2, 1, 0]);
    expect(await read({ fromPosition: at[0] ?? START, maxCount: 1 })).toHaveLength(1);
  });

  test('gives positions that grow, with commit equal to prepare', async () => {
    await store.client.appendToStream(newStream(), events(5));
    const positions = (await read({ maxCount: 5, fromPosition: END, direction: BACKWARDS })).map(
      ({ event: e }) => e?.position,
    );
    for (const [index, position] of positions.entries()) {
      expect(position?.commit).toBe(position?.prepare);
      const older = positions[index + 1];
      if (older !== undefined) expect(older.commit).toBeLessThan(position?.commit ?? 0n);
    }
  });

  test('from a position where no event begins is an unknown error', async () => {
    const { position } = await store.client.appendToStream(newStream(), event('A'));
    await store.client.appendToStream(newStream(), event('B'));
    const between = { commit: (position?.commit ?? 0n) + 1n, prepare: (position?.prepare ?? 0n) + 1n };
    expect(await failureOf(read({ fromPosition: between, maxCount: 1 }))).toMatchObject({ type: 'unknown', code: 2 });
  });

  test('of no events, or forwards from the end, is an unknown error', async () => {
    expect(await failureOf(read({ maxCount: 0 }))).toMatchObject({ type: 'unknown', code: 2 });
    expect(await failureOf(read({ fromPosition: END, direction: FORWARDS }))).toMatchObject({
      type: 'unknown',
      code: 2,
    });
  });
});
