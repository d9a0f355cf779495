import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { CommandRefused, ConcurrencyExhausted, EnvelopeInvalid, EventSchemaTooNew } from './errors.js';
import { verifyChain } from '#libs/chain';
import { chainLink, Keyring } from './index.js';
import type { EventStore, StreamKey } from './index.js';
import type { LetterboxEvent } from './spec/letterbox.js';
import { because, catalogue, empty, letterbox, put } from './spec/letterbox.js';
import { Stores } from './spec/stores.js';

let stores: Stores;
let here: EventStore;
let there: EventStore;
let stream: string;

beforeAll(async () => {
  stores = await Stores.start();
});
afterAll(() => stores.close());
beforeEach(() => {
  here = stores.connect([catalogue]);
  there = stores.connect([catalogue]);
  stream = `letterbox-${randomUUID()}`;
});

const letters = async (): Promise<string[]> => {
  const { events } = await there.load<LetterboxEvent>(stream);
  return events.map(({ event }) => (event.type === 'Put' ? event.data.letter : 'emptied'));
};

const chainIsIntact = async (): Promise<boolean> =>
  verifyChain((await there.load(stream)).events.map(chainLink)).intact;

describe('a command', () => {
  it('appends what was decided and answers the state after it', async () => {
    const { state, events, position } = await here.execute(letterbox, stream, put('a'), because());
    expect(state).toEqual({ letters: ['a'] });
    expect(events).toMatchObject([{ event: { type: 'Put', data: { letter: 'a' } }, stream, revision: 0n }]);
    const read = await there.load(stream);
    expect(read).toMatchObject({ revision: 0n, chain: events[0]?.metadata.chain });
    expect(read.events[0]).toMatchObject({ id: events[0]?.id, position, event: events[0]?.event });
    expect(read.events[0]?.recordedAt).toBeInstanceOf(Date);
  });

  it('stores who asked for it and why', async () => {
    const context = { ...because(), correlationId: randomUUID(), causationId: randomUUID(), actor: 'user:7' };
    await here.execute(letterbox, stream, put('a'), context);
    const { events } = await there.load(stream);
    expect(events[0]?.metadata).toEqual({ schema: 1, ...context, chain: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('keeps the personal part unreadable in the store and readable here', async () => {
    await here.execute(letterbox, stream, put('a', 'Mme Véron'), because());
    const [stored] = (await there.load<LetterboxEvent>(stream)).events;
    expect(stored?.event).toEqual({ type: 'Put', data: { letter: 'a' }, personal: { from: 'Mme Véron' } });
    expect(JSON.stringify(stored?.asStored)).not.toContain('Véron');
    expect(stored?.asStored['personal']).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('is refused with the code of the decider, and appends nothing', async () => {
    for (const letter of ['a', 'b', 'c']) await here.execute(letterbox, stream, put(letter), because());
    const refusal = here.execute(letterbox, stream, put('d'), because());
    await expect(refusal).rejects.toThrow(CommandRefused);
    await expect(refusal).rejects.toMatchObject({ code: 'FULL' });
    expect(await letters()).toEqual(['a', 'b', 'c']);
  });

  it('may have nothing to do, and then tells how far a reader must be to see why', async () => {
    expect(await here.execute(letterbox, stream, empty, because())).toMatchObject({ events: [], position: null });
    await here.execute(letterbox, stream, put('a'), because());
    const { position } = await here.execute(letterbox, stream, empty, because());
    expect(await here.execute(letterbox, stream, empty, because())).toMatchObject({ events: [], position });
  });

  it('that cannot be written as JSON says so', async () => {
    await expect(here.execute(letterbox, stream, put('\ud800'), because())).rejects.toMatchObject({
      code: 'EVENT_NOT_SERIALISABLE',
    });
  });
});

describe('the same command again', () => {
  it.each([
    ['here', () => here],
    ['in another process', () => there],
  ])('is carried out once, %s', async (_, other) => {
    const context = because();
    const first = await here.execute(letterbox, stream, put('a'), context);
    await here.execute(letterbox, stream, put('b'), because());
    const again = await other().execute(letterbox, stream, put('a'), context);
    expect(again.events.map(({ id }) => id)).toEqual(first.events.map(({ id }) => id));
    expect(again.position).toEqual(first.position);
    expect(await letters()).toEqual(['a', 'b']);
  });

  it('answers what was stored, although it says something else now and the state here is old', async () => {
    await here.execute(letterbox, stream, put('a'), because());
    await there.execute(letterbox, stream, put('b'), because());
    const context = because();
    await here.execute(letterbox, stream, put('as of noon'), context);
    const again = await there.execute(letterbox, stream, put('as of one'), context);
    expect(again.events).toMatchObject([{ event: { data: { letter: 'as of noon' } } }]);
    await there.execute(letterbox, stream, empty, because());
    expect(verifyChain((await here.load(stream)).events.map(chainLink))).toMatchObject({ intact: true });
    expect(await letters()).toEqual(['a', 'b', 'as of noon', 'emptied']);
  });

  it('twenty times at once is carried out once', async () => {
    const context = because();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? here : there).execute(letterbox, stream, put('a'), context)),
    );
    expect(await letters()).toEqual(['a']);
  });
});

describe('a state that has grown old in memory', () => {
  it('does not refuse what is allowed by now', async () => {
    for (const letter of ['a', 'b', 'c']) await here.execute(letterbox, stream, put(letter), because());
    await there.execute(letterbox, stream, empty, because());
    expect((await here.execute(letterbox, stream, put('d'), because())).state).toEqual({ letters: ['d'] });
  });

  it('does not allow what is refused by now', async () => {
    await here.execute(letterbox, stream, put('a'), because());
    for (const letter of ['b', 'c']) await there.execute(letterbox, stream, put(letter), because());
    await expect(here.execute(letterbox, stream, put('d'), because())).rejects.toMatchObject({ code: 'FULL' });
    expect(await letters()).toEqual(['a', 'b', 'c']);
  });

  it('does not find nothing to do where there is something', async () => {
    await here.execute(letterbox, stream, put('a'), because());
    await here.execute(letterbox, stream, empty, because());
    await there.execute(letterbox, stream, put('b'), because());
    expect((await here.execute(letterbox, stream, empty, because())).events).toMatchObject([
      { event: { type: 'Emptied', data: { letters: 1 } }, revision: 3n },
    ]);
  });

  it('decides again on what was appended in between', async () => {
    await here.execute(letterbox, stream, put('a'), because());
    await there.execute(letterbox, stream, put('b'), because());
    expect((await here.execute(letterbox, stream, put('c'), because())).state).toEqual({ letters: ['a', 'b', 'c'] });
  });

  it('reads of a stream that others write to only what is new', async () => {
    const folded: unknown[] = [];
    const watched: typeof letterbox = {
      ...letterbox,
      evolve: (state, event) => {
        folded.push(event.type === 'Put' ? event.data.letter : 'emptied');
        return letterbox.evolve(state, event);
      },
    };
    await here.execute(watched, stream, put('a'), because());
    await there.execute(letterbox, stream, put('b'), because());
    folded.length = 0;
    const { state } = await here.execute(watched, stream, put('c'), because());
    expect([state.letters, folded]).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    expect(verifyChain((await there.load(stream)).events.map(chainLink))).toMatchObject({ intact: true });
  });

  it('is not given to another decider', async () => {
    await here.execute(letterbox, stream, put('a'), because());
    const counting = { ...letterbox, initial: { letters: ['counted before'] } };
    const { state } = await here.execute(counting, stream, put('b'), because());
    expect(state).toEqual({ letters: ['counted before', 'a', 'b'] });
  });

  it('breaks no chain when many write at once', async () => {
    const write = (n: number): Promise<unknown> =>
      (n % 2 ? here : there)
        .execute(letterbox, stream, n % 3 ? put(`${n}`) : empty, because())
        .catch((error: unknown) => {
          expect(error).toHaveProperty('code', expect.stringMatching(/FULL|CONCURRENCY_EXHAUSTED/));
        });
    await Promise.all(Array.from({ length: 30 }, (_, n) => write(n)));
    const { events } = await here.load(stream);
    expect(events.length).toBeGreaterThan(1);
    expect(verifyChain(events.map(chainLink))).toMatchObject({ intact: true });
  });
});

describe('when others write all the time', () => {
  /** Lets somebody else write each time when this process is about to append. */
  class Meddling extends Keyring {
    times = 0;
    constructor(private readonly keys: Keyring) {
      super();
    }
    override async create(name: string): Promise<StreamKey> {
      return this.get(name);
    }
    override async get(name: string): Promise<StreamKey> {
      this.times += 1;
      await there.execute(letterbox, name, this.times % 2 ? put('mine') : empty, because());
      return this.keys.create(name);
    }
    override getMany(names: Iterable<string>): Promise<ReadonlyMap<string, StreamKey>> {
      return this.keys.getMany(names);
    }
  }

  it('gives up after five attempts, with nothing written', async () => {
    const meddling = new Meddling(stores.keyring());
    const disturbed = stores.connect([catalogue], meddling);
    await expect(disturbed.execute(letterbox, stream, put('yours', 'X'), because())).rejects.toThrow(
      ConcurrencyExhausted,
    );
    expect(meddling.times).toBe(5);
    expect(await letters()).not.toContain('yours');
  });
});

describe('commands that are carried out together', () => {
  const order = (letter: string, context = because()) => ({ command: put(letter), context });
  const outcomes = async (orders: ReturnType<typeof order>[], store = here) =>
    (await store.executeTogether(letterbox, stream, orders)).map((outcome) =>
      outcome.status === 'fulfilled'
        ? { letters: outcome.value.state.letters, appended: outcome.value.events.length }
        : (outcome.reason as CommandRefused).code,
    );

  it('come one after the other, each with its own answer; a refused one stops no other', async () => {
    expect(await outcomes(['a', 'b', 'c', 'd'].map((letter) => order(letter)))).toEqual([
      { letters: ['a'], appended: 1 },
      { letters: ['a', 'b'], appended: 1 },
      { letters: ['a', 'b', 'c'], appended: 1 },
      'FULL',
    ]);
    const { events } = await there.load(stream);
    expect(events.map(({ metadata }) => metadata.commandId)).toHaveLength(3);
    expect(new Set(events.map(({ metadata }) => metadata.commandId)).size).toBe(3);
    await expect(chainIsIntact()).resolves.toBe(true);
  });

  it('are carried out once: again later, twice in one go, or partly known', async () => {
    const [a, b] = [order('a'), order('b')];
    expect(await outcomes([a, a])).toEqual([
      { letters: ['a'], appended: 1 },
      { letters: ['a'], appended: 1 },
    ]);
    expect(await outcomes([a, b], there)).toEqual([
      { letters: ['a', 'b'], appended: 1 },
      { letters: ['a', 'b'], appended: 1 },
    ]);
    expect(await letters()).toEqual(['a', 'b']);
  });

  it('are decided again on what others appended in between, also when they were refused', async () => {
    await outcomes(['a', 'b', 'c'].map((letter) => order(letter)));
    await there.execute(letterbox, stream, empty, because());
    expect(await outcomes([order('d'), order('e')])).toEqual([
      { letters: ['d'], appended: 1 },
      { letters: ['d', 'e'], appended: 1 },
    ]);
    await there.execute(letterbox, stream, put('f'), because());
    expect(await outcomes([order('g')])).toEqual(['FULL']);
  });

  it('append nothing where there is nothing to do', async () => {
    const nothing = { command: empty, context: because() };
    const [outcome] = await here.executeTogether(letterbox, stream, [nothing]);
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { events: [], position: null } });
    expect(await letters()).toEqual([]);
  });

  it('break no chain when two processes write at once', async () => {
    const write = async (store: EventStore, letter: string) => outcomes([order(letter), order(letter)], store);
    await Promise.all([write(here, 'a'), write(there, 'b'), write(here, 'c')]);
    expect(await letters()).toHaveLength(3);
    await expect(chainIsIntact()).resolves.toBe(true);
  });
});

describe('a reservation', () => {
  const claim = { type: 'Put', data: { letter: 'claim' } } as const;

  it('is had by the first, also when he asks again, and by nobody else', async () => {
    const mine = because();
    expect(await here.reserve(stream, claim, mine)).toBe(true);
    expect(await there.reserve(stream, claim, because())).toBe(false);
    expect(await there.reserve(stream, claim, mine)).toBe(true);
    expect(await letters()).toEqual(['claim']);
  });

  it('is had by one of many at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? here : there).reserve(stream, claim, because())),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });
});

describe('the chain', () => {
  beforeEach(async () => {
    await here.execute(letterbox, stream, put('a', 'X'), because());
    await here.execute(letterbox, stream, put('b'), because());
    await here.execute(letterbox, stream, empty, because());
  });

  it('follows from the first event to the last', async () => {
    const { events, chain } = await there.load(stream);
    expect(verifyChain(events.map(chainLink))).toEqual({ intact: true, chain });
  });
});

describe('events that this version cannot read', () => {
  it('are named when they are newer', async () => {
    const newer = stores.connect([{ ...catalogue, Put: { schema: 2, upcast: { 1: (older) => older } } }]);
    await newer.execute(letterbox, stream, put('a'), because());
    await expect(here.load(stream)).rejects.toThrow(EventSchemaTooNew);
    await expect(here.load(stream)).rejects.toThrow(`Put has schema 2 (${stream}@0)`);
  });

  it('are brought up to date when they are older', async () => {
    await here.execute(letterbox, stream, put('a', 'X'), because());
    const newer = stores.connect([
      {
        ...catalogue,
        Put: {
          schema: 2,
          upcast: { 1: ({ data, personal }) => ({ data: { ...data, colour: 'white' }, personal: { ...personal } }) },
        },
      },
    ]);
    const { events } = await newer.load(stream);
    expect(events[0]?.event).toEqual({
      type: 'Put',
      data: { letter: 'a', colour: 'white' },
      personal: { from: 'X' },
    });
    expect(verifyChain(events.map(chainLink))).toMatchObject({ intact: true });
  });

  it('are named when something else wrote them', async () => {
    const stranger = EventStoreDBClient.connectionString(stores.connectionString);
    await stranger.appendToStream(stream, jsonEvent({ type: 'Put', data: { letter: 'x' } }));
    await stranger.dispose();
    await expect(here.load(stream)).rejects.toThrow(EnvelopeInvalid);
  });
});
