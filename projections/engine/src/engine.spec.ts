import { jest } from '@jest/globals';
import { Collection } from 'mongodb';
import type { Projection } from './index.js';
import { projection, ProjectionEngine, projectionStates, ReadModel, rebuild, write } from './index.js';
import type { CounterEvent } from './spec/stores.js';
import { Stores } from './spec/stores.js';

interface Counter {
  readonly last: number;
  readonly by: string;
  readonly timeline: Record<string, number>;
}

const declare = (version = 1, extra: Record<string, unknown> = {}): Projection =>
  projection<CounterEvent>({
    name: 'counters',
    version,
    prefixes: ['counter-'],
    indexes: [{ key: { last: 1 } }],
    on: {
      Counted: ({ stream, revision, event: { data, personal } }) =>
        write(stream, { last: data.n, by: personal?.by, [`timeline.${revision}`]: data.n, ...extra }),
    },
  });

let stores: Stores;
let stop: AbortController;
let running: Promise<unknown>[];
const PATIENCE = 20_000;

beforeEach(async () => {
  stores = await Stores.start();
  stop = new AbortController();
  running = [];
});
afterEach(async () => {
  jest.restoreAllMocks();
  stop.abort();
  await Promise.allSettled(running);
  await stores.close();
});

const engine = (declared = declare(), onNotice?: (notice: string) => void): ProjectionEngine => {
  const { db, eventStore } = stores;
  return new ProjectionEngine({ db, eventStore, projection: declared, ...(onNotice && { onNotice }) });
};

/** Runs an engine until the spec is over, or until the returned function is called. */
const run = (declared = declare(), onNotice?: (notice: string) => void): { stop: () => Promise<void> } => {
  const own = new AbortController();
  const finished = engine(declared, onNotice).run(AbortSignal.any([stop.signal, own.signal]));
  running.push(finished);
  return {
    stop: async () => {
      own.abort();
      await finished;
    },
  };
};

const model = (): ReadModel<Counter> => new ReadModel<Counter>(stores.db, declare());
const shown = async (): Promise<Record<string, unknown>[]> =>
  (await model().collection()).find().project({ position: 0 }).sort({ _id: 1 }).toArray();
const counter = (name: string, ...numbers: number[]): Record<string, unknown> => ({
  _id: `counter-${name}`,
  last: numbers.at(-1),
  by: `clerk ${numbers.at(-1)}`,
  timeline: Object.fromEntries(numbers.entries()),
});
const collections = async (): Promise<string[]> =>
  (await stores.db.listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .filter((name) => name.startsWith('counters.'));
const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  const deadline = performance.now() + PATIENCE;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('what the spec waits for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('an engine', () => {
  it('shows what was and what comes, and a reader can wait for what he wrote', async () => {
    await stores.count('a', 1, 2);
    run();
    const position = await stores.count('b', 3);
    expect(await model().atLeast(position, PATIENCE)).toBe(true);
    expect(await shown()).toEqual([counter('a', 1, 2), counter('b', 3)]);
  });

  it('tells a reader when his time is over', async () => {
    const position = await stores.count('a', 1);
    expect(await model().atLeast(position, 30)).toBe(false);
    expect(await shown()).toEqual([]);
  });

  it('tells how far it is behind', async () => {
    await stores.count('a', 1);
    const lagging = engine();
    expect(lagging.lag()).toEqual({ caughtUp: false, behind: null });
    running.push(lagging.run(stop.signal));
    await until(() => lagging.lag().caughtUp);
    expect(lagging.lag()).toEqual({ caughtUp: true, behind: 0 });
  });

  it('goes on where another left off', async () => {
    const first = run();
    await model().atLeast(await stores.count('a', 1), PATIENCE);
    await first.stop();
    const position = await stores.count('a', 2);
    const { project, ...declared } = declare();
    const seen: string[] = [];
    run({ ...declared, project: (stored) => (seen.push(`${stored.stream}@${stored.revision}`), project(stored)) });
    await model().atLeast(position, PATIENCE);
    expect(seen).toEqual(['counter-a@1']);
    expect(await shown()).toEqual([counter('a', 1, 2)]);
  });

  it('stops on what a projection throws, with the checkpoint before it', async () => {
    const failing = {
      ...declare(),
      project: () => {
        throw new RangeError('no such counter');
      },
    };
    await stores.count('a', 1);
    await expect(engine(failing).run(stop.signal)).rejects.toThrow('no such counter');
    expect(await projectionStates(stores.db)).toMatchObject([{ name: 'counters', position: null }]);
  });
});

describe('events applied twice', () => {
  const rewind = async (): Promise<void> => {
    await stores.db
      .collection<{ _id: string }>('projections')
      .updateOne({ _id: 'counters' }, { $set: { position: null } });
  };

  it('give the same documents, all again or some again', async () => {
    const first = run();
    await stores.count('a', 1);
    await model().atLeast(await stores.count('b', 5, 6), PATIENCE);
    await first.stop();
    await rewind();
    const position = await stores.count('a', 2);
    run();
    await model().atLeast(position, PATIENCE);
    expect(await shown()).toEqual([counter('a', 1, 2), counter('b', 5, 6)]);
  });

  it('do not bring an older state back while they are repeated', async () => {
    const first = run();
    for (const n of [1, 2, 3]) await model().atLeast(await stores.count('a', n), PATIENCE);
    await first.stop();
    await rewind();
    const lasts: number[] = [];
    const bulkWrite = Collection.prototype.bulkWrite;
    jest.spyOn(Collection.prototype, 'bulkWrite').mockImplementation(async function (this: Collection, ...args) {
      // A stale repetition is answered with duplicate keys, which the engine takes for "already applied".
      try {
        return await bulkWrite.apply(this, args);
      } finally {
        lasts.push((await this.findOne({ _id: 'counter-a' } as object))?.['last'] as number);
      }
    });
    run();
    await model().atLeast(await stores.count('b', 1), PATIENCE);
    expect(lasts.length).toBeGreaterThan(0);
    expect(new Set(lasts)).toEqual(new Set([3]));
  });

  it('change nothing when the engine died between the documents and the checkpoint', async () => {
    const died = new Error('killed');
    const findOneAndUpdate = jest.spyOn(Collection.prototype, 'findOneAndUpdate');
    await stores.count('a', 1, 2);
    findOneAndUpdate.mockRejectedValueOnce(died);
    await expect(engine().run(stop.signal)).rejects.toBe(died);
    expect(await shown()).toMatchObject([{ _id: 'counter-a' }]);
    expect(await projectionStates(stores.db)).toMatchObject([{ position: null }]);
    run();
    await model().atLeast(await stores.count('a', 3), PATIENCE);
    expect(await shown()).toEqual([counter('a', 1, 2, 3)]);
  });
});

describe('two engines on one projection', () => {
  it('show the same as one would, and tell of each other', async () => {
    const notices: string[] = [];
    const note = (notice: string): void => void notices.push(notice);
    run(declare(), note);
    run(declare(), note);
    let position = await stores.count('a', 0);
    for (let n = 1; n < 60; n += 1) position = await stores.count(n % 2 ? 'a' : 'b', n);
    await until(async () => (position = await stores.count('c', 1)) && notices.length > 0);
    expect(await model().atLeast(position, PATIENCE)).toBe(true);
    const [a, b] = await shown();
    expect(a).toMatchObject({ last: 59 });
    expect(b).toMatchObject({ last: 58 });
    expect(Object.values((a as unknown as Counter).timeline)).toHaveLength(31);
    expect(notices[0]).toBe('counters: another engine keeps it up to date, too');
    expect(await collections()).toHaveLength(1);
  });
});

describe('a rebuild', () => {
  const options = () => ({ db: stores.db, eventStore: stores.eventStore });

  it('shows the same documents from a collection of its own, indexes included', async () => {
    const first = run();
    await model().atLeast(await stores.count('a', 1, 2), PATIENCE);
    await first.stop();
    const [before] = await collections();
    await stores.db
      .collection<{ _id: string }>(before ?? '')
      .updateOne({ _id: 'counter-a' }, { $set: { last: 'damaged' } });
    expect(await rebuild(declare(), options())).toEqual({ events: 2, generation: 2 });
    expect(await shown()).toEqual([counter('a', 1, 2)]);
    const [after, ...others] = await collections();
    expect([after, others]).toEqual([expect.not.stringMatching(before ?? ''), []]);
    expect(await stores.db.collection(after ?? '').indexes()).toMatchObject([{ name: '_id_' }, { key: { last: 1 } }]);
  });

  it('may come before any engine, and with no event at all', async () => {
    expect(await rebuild(declare(), options())).toEqual({ events: 0, generation: 2 });
    expect(await shown()).toEqual([]);
    run();
    await model().atLeast(await stores.count('a', 1), PATIENCE);
    expect(await shown()).toEqual([counter('a', 1)]);
  });

  it('loses nothing that comes meanwhile, and the running engine goes on with the new collection', async () => {
    run();
    for (let n = 0; n < 30; n += 1) await stores.count(`${n % 7}`, n);
    let busy = true;
    const writing = (async () => {
      let position = await stores.count('meanwhile', 0);
      for (let n = 1; busy; n += 1) position = await stores.count('meanwhile', n);
      return position;
    })();
    const { generation } = await rebuild(declare(), options());
    busy = false;
    const position = await writing;
    expect(await model().atLeast(position, PATIENCE)).toBe(true);
    const [state] = await projectionStates(stores.db);
    expect(state).toMatchObject({ generation, rebuilding: false });
    const documents = await shown();
    expect(documents).toHaveLength(8);
    const meanwhile = documents.find(({ _id }) => _id === 'counter-meanwhile') as unknown as Counter;
    expect(Object.values(meanwhile.timeline)).toEqual(Array.from({ length: meanwhile.last + 1 }, (_, n) => n));
  });

  it('leaves readers with the old collection and nothing behind when it fails', async () => {
    const first = run();
    await model().atLeast(await stores.count('a', 1), PATIENCE);
    await first.stop();
    const before = await collections();
    jest.spyOn(Collection.prototype, 'insertMany').mockRejectedValueOnce(new Error('disk full'));
    await expect(rebuild(declare(), options())).rejects.toThrow('disk full');
    expect(await collections()).toEqual(before);
    expect(await shown()).toEqual([counter('a', 1)]);
    expect(await projectionStates(stores.db)).toMatchObject([{ generation: 1, rebuilding: false }]);
  });

  it('takes over from one that was killed, and clears away what it left', async () => {
    await stores.count('a', 1);
    await rebuild(declare(), options());
    const dead = { owner: 'killed', collection: 'counters.3.deadbeef', heartbeatAt: new Date(Date.now() - 60_000) };
    await stores.db
      .collection<{ _id: string }>('projections')
      .updateOne({ _id: 'counters' }, { $set: { rebuild: dead } });
    await stores.db.collection('counters.3.deadbeef').insertOne({ half: 'built' });
    await stores.db.collection('counters.notes').insertOne({ not: 'ours' });
    expect(await rebuild(declare(), options())).toMatchObject({ generation: 3 });
    expect(await shown()).toEqual([counter('a', 1)]);
    const left = await collections();
    expect(left).toHaveLength(2);
    expect(left).toContain('counters.notes');
    expect(left).not.toContain('counters.3.deadbeef');
  });

  it('waits for another one that is alive', async () => {
    await stores.count('a', 1);
    const both = await Promise.all([rebuild(declare(), options()), rebuild(declare(), options())]);
    expect(both.map(({ generation }) => generation).sort()).toEqual([2, 3]);
    expect(await collections()).toHaveLength(1);
  });

  it('can be given up', async () => {
    await stores.count('a', 1);
    await expect(rebuild(declare(), { ...options(), signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(await projectionStates(stores.db)).toEqual([]);
  });

  it('writes documents that come in several portions', async () => {
    for (let n = 0; n < 40; n += 1) await stores.count(`${n % 4}`, n);
    await rebuild(declare(), { ...options(), onProgress: () => undefined });
    const whole = await shown();
    const insertMany = jest.spyOn(Collection.prototype, 'insertMany');
    await rebuild(declare(), { ...options(), documentsAtOnce: 2 });
    expect(insertMany.mock.calls.length).toBeGreaterThan(1);
    expect(await shown()).toEqual(whole);
  });
});

describe('a changed version', () => {
  it('is built by itself and then shown; the old one is shown until then', async () => {
    const old = run();
    await model().atLeast(await stores.count('a', 1), PATIENCE);
    await old.stop();
    const notices: string[] = [];
    run(declare(2, { colour: 'blue' }), (notice) => notices.push(notice));
    await until(async () => (await projectionStates(stores.db))[0]?.version === 2);
    await model().atLeast(await stores.count('a', 2), PATIENCE);
    expect(await shown()).toEqual([{ ...counter('a', 1, 2), colour: 'blue' }]);
    expect(notices[0]).toContain('version 2 is built from all events, version 1 shown until then');
  });

  it('stops engines of the old one', async () => {
    const outdated = engine().run(stop.signal);
    running.push(outdated);
    outdated.catch(() => undefined);
    await model().atLeast(await stores.count('a', 1), PATIENCE);
    await rebuild(declare(2), { db: stores.db, eventStore: stores.eventStore });
    await stores.count('a', 2);
    await expect(outdated).rejects.toMatchObject({ code: 'PROJECTION_OUTDATED' });
  });
});
