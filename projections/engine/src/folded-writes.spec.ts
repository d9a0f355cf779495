import type { StoredEvent } from '#libs/event-store';
import { projection, write } from './declaration.js';
import { WritesContradict } from './errors.js';
import { FoldedWrites } from './folded-writes.js';
import type { CounterEvent } from './spec/stores.js';

const counters = projection<CounterEvent>({
  name: 'counters',
  version: 1,
  prefixes: ['counter-'],
  indexes: [],
  on: {
    Counted: ({ stream, revision, event: { data } }) => [
      write(stream, { last: data.n, [`timeline.${revision}`]: data.n }),
      write('all', { last: data.n }),
    ],
  },
});

const counted = (stream: string, revision: bigint, n: number, commit: bigint): StoredEvent =>
  ({
    event: { type: 'Counted', data: { n } },
    stream,
    revision,
    position: { commit, prepare: commit },
  }) as unknown as StoredEvent;

const fold = (...events: StoredEvent[]): FoldedWrites => {
  const folded = new FoldedWrites();
  folded.add(counters, events);
  return folded;
};

describe('folded writes', () => {
  it('write each document once, as the last event of each field says', () => {
    const folded = fold(counted('a', 0n, 1, 10n), counted('b', 0n, 2, 11n), counted('a', 1n, 3, 12n));
    expect([...folded.updates()]).toEqual([
      { id: 'a', set: { last: 3, 'timeline.0': 1, 'timeline.1': 3 }, position: 12n },
      { id: 'all', set: { last: 3 }, position: 12n },
      { id: 'b', set: { last: 2, 'timeline.0': 2 }, position: 11n },
    ]);
    expect([folded.size, folded.events]).toEqual([3, 3]);
  });

  it('are the same documents when they are inserted', () => {
    expect([...fold(counted('a', 0n, 1, 10n), counted('a', 1n, 3, 12n)).documents()][0]).toEqual({
      _id: 'a',
      last: 3,
      timeline: { 0: 1, 1: 3 },
      position: 12n,
    });
  });

  it('are no writes for events that the projection does not handle', () => {
    const ignored = { ...counted('a', 0n, 1, 10n), event: { type: 'Ignored', data: { n: 1 } } };
    expect(fold(ignored).size).toBe(0);
  });

  it.each([
    [{ timeline: {} }, { 'timeline.1': 1 }],
    [{ 'timeline.1': 1 }, { timeline: {} }],
  ])('may not set an object and its parts: %j, %j', (first, second) => {
    const contradicting = projection<CounterEvent>({
      name: 'contradicting',
      version: 1,
      prefixes: [],
      indexes: [],
      on: { Counted: ({ stream }) => [write(stream, first), write(stream, second)] },
    });
    expect(() => new FoldedWrites().add(contradicting, [counted('a', 0n, 1, 1n)])).toThrow(WritesContradict);
  });
});
