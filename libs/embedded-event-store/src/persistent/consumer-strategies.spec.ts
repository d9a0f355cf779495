import type { StoredEvent } from '../stored-event.js';
import type { Consumer } from './consumer.js';
import { consumerStrategy, type ConsumerStrategy } from './consumer-strategies.js';
import { newMessage } from './message.js';

/** A consumer as far as the strategies look at it. */
const consumer = () => ({ isReady: true }) as { isReady: boolean } & Consumer;

const message = (stream: string, type = 'T', data: Uint8Array | null = null) => {
  const stored: StoredEvent = {
    position: 1,
    stream,
    revision: 0,
    id: Buffer.alloc(16),
    type,
    created: 0,
    json: 0,
    data,
    metadata: null,
  };
  return newMessage(stored, { event: stored, link: undefined }, { place: 0 });
};

const STREAMS = Array.from({ length: 300 }, (_, n) => `letter-${n}`);
const assignment = (strategy: ConsumerStrategy) =>
  new Map(STREAMS.map((stream) => [stream, strategy.choose(message(stream))]));
const countFor = (assigned: Map<string, unknown>, one: unknown) =>
  [...assigned.values()].filter((owner) => owner === one).length;

describe('Pinned', () => {
  test('shares the streams out and keeps each with its consumer', () => {
    const strategy = consumerStrategy('Pinned');
    const consumers = [consumer(), consumer(), consumer()];
    for (const one of consumers) strategy.add(one);
    const assigned = assignment(strategy);
    expect(assignment(strategy)).toEqual(assigned);
    for (const one of consumers) expect(countFor(assigned, one)).toBeGreaterThan(50);
  });

  test('moves only what it must when consumers come and go', () => {
    const strategy = consumerStrategy('Pinned');
    const [first, second, third] = [consumer(), consumer(), consumer()];
    strategy.add(first);
    strategy.add(second);
    const before = assignment(strategy);
    strategy.add(third);
    const during = assignment(strategy);
    for (const [stream, owner] of during) if (owner !== third) expect(owner).toBe(before.get(stream));
    strategy.remove(third);
    const after = assignment(strategy);
    expect(countFor(after, third)).toBe(0);
    for (const [stream, owner] of during) if (owner !== third) expect(after.get(stream)).toBe(owner);
  });

  test('leaves a message for its own consumer while that one is busy, and says when all are', () => {
    const strategy = consumerStrategy('Pinned');
    const [first, second] = [consumer(), consumer()];
    strategy.add(first);
    strategy.add(second);
    const ofFirst = STREAMS.find((stream) => strategy.choose(message(stream)) === first) ?? '';
    first.isReady = false;
    expect(strategy.choose(message(ofFirst))).toBe('skip');
    second.isReady = false;
    expect(strategy.choose(message(ofFirst))).toBe('full');
  });

  test('takes an unresolved link for its target', () => {
    const strategy = consumerStrategy('Pinned');
    for (const one of [consumer(), consumer(), consumer(), consumer()]) strategy.add(one);
    for (const stream of STREAMS.slice(0, 20)) {
      const link = message('links', '$>', Buffer.from(`7@${stream}`));
      expect(strategy.choose(link)).toBe(strategy.choose(message(stream)));
    }
  });
});

describe('RoundRobin', () => {
  test('leaves out who is busy', () => {
    const strategy = consumerStrategy('RoundRobin');
    const [first, second] = [consumer(), consumer()];
    strategy.add(first);
    strategy.add(second);
    expect([1, 2, 3, 4].map(() => strategy.choose(message('s')))).toEqual([first, second, first, second]);
    second.isReady = false;
    expect([1, 2].map(() => strategy.choose(message('s')))).toEqual([first, first]);
    strategy.remove(first);
    expect(strategy.choose(message('s'))).toBe('full');
  });
});
