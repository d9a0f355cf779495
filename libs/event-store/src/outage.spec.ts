import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { EventStoreUnavailable } from './errors.js';
import type { EventStore, SubscriptionItem } from './index.js';
import type { LetterboxEvent } from './spec/letterbox.js';
import { because, catalogue, empty, letterbox, put } from './spec/letterbox.js';
import { Stores } from './spec/stores.js';

let stores: Stores;
let eventStore: EventStore;
let name: string;
let fillId: string;
const abort = (): AbortController => {
  const controller = new AbortController();
  controllers.push(controller);
  return controller;
};
const controllers: AbortController[] = [];

beforeEach(async () => {
  stores = await Stores.start();
  eventStore = stores.connect([catalogue]);
  fillId = randomUUID();
  name = `letterbox-${fillId}`;
});
afterEach(async () => {
  for (const controller of controllers.splice(0)) controller.abort();
  await stores.close();
});

/** One letter in each of some letterboxes; may be repeated until it succeeds. */
const fill = async (from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n += 1) {
    const commandId = uuidv5(`${n}`, fillId);
    await eventStore.execute(letterbox, `${name}-${n}`, put(`${n}`, `person ${n}`), because(commandId));
  }
};

/** Collects items until one satisfies the condition. */
async function until(
  items: AsyncIterator<SubscriptionItem>,
  enough: (item: SubscriptionItem) => boolean,
): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    const { value, done } = await items.next();
    if (done) return told;
    if (value.kind === 'event') told.push((value.event.event as LetterboxEvent & { type: 'Put' }).data.letter);
    else if (value.kind === 'caughtUp') told.push('caughtUp');
    if (enough(value)) return told;
  }
}

const caughtUp = ({ kind }: SubscriptionItem): boolean => kind === 'caughtUp';
const letter =
  (wanted: string) =>
  (item: SubscriptionItem): boolean =>
    item.kind === 'event' && (item.event.event.data as { letter?: string }).letter === wanted;

describe('a subscription', () => {
  it('tells what was, that it has caught up, and what comes', async () => {
    await fill(0, 3);
    const items = eventStore.subscribe({ prefixes: [name], from: 'start', signal: abort().signal });
    const told = items[Symbol.asyncIterator]();
    expect(await until(told, caughtUp)).toEqual(['0', '1', '2', 'caughtUp']);
    await fill(3, 5);
    expect(await until(told, letter('4'))).toEqual(['3', '4']);
  });

  it('says that it has caught up after all that came before, however slowly it is read', async () => {
    await fill(0, 40);
    const batches = eventStore.subscribeInBatches({ prefixes: [name], from: 'start', signal: abort().signal });
    let seen = 0;
    for await (const batch of batches) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen += batch.events.length;
      if (batch.caughtUp) break;
    }
    expect(seen).toBe(40);
  });

  it('goes on after a position', async () => {
    await fill(0, 4);
    const first = eventStore.subscribe({ prefixes: [name], from: 'start', signal: abort().signal });
    let from;
    for await (const item of first) {
      if (item.kind === 'event' && letter('1')(item)) {
        from = item.event.position;
        break;
      }
    }
    if (!from) throw new RangeError('the second letter should have been told');
    const rest = eventStore.subscribe({ prefixes: [name], from, signal: abort().signal });
    expect(await until(rest[Symbol.asyncIterator](), caughtUp)).toEqual(['2', '3', 'caughtUp']);
  });

  it('tells only the types it was asked for, and how far it is', async () => {
    await fill(0, 1);
    await eventStore.execute(letterbox, `${name}-0`, empty, because());
    const types = new Set(['Emptied']);
    const items = eventStore.subscribe({ prefixes: [name], types, from: 'start', signal: abort().signal });
    const told: string[] = [];
    for await (const item of items) {
      told.push(item.kind === 'event' ? item.event.event.type : item.kind);
      if (item.kind === 'caughtUp') break;
    }
    expect(told.filter((kind) => kind !== 'checkpoint')).toEqual(['Emptied', 'caughtUp']);
  });

  it('tells the same when the store leaves out the rest', async () => {
    await fill(0, 2);
    await eventStore.execute(letterbox, `${name}-0`, empty, because());
    await eventStore.execute(letterbox, `other-${name}`, put('other'), because());
    const types = new Set(['Put']);
    const { signal } = abort();
    const items = eventStore.subscribe({ prefixes: [name], types, sparse: true, from: 'start', signal });
    expect(await until(items[Symbol.asyncIterator](), caughtUp)).toEqual(['0', '1', 'caughtUp']);
  });

  it('leaves out streams of other names', async () => {
    await eventStore.execute(letterbox, `other-${name}`, put('other'), because());
    await fill(0, 1);
    const items = eventStore.subscribe({ prefixes: [name], from: 'start', signal: abort().signal });
    expect(await until(items[Symbol.asyncIterator](), caughtUp)).toEqual(['0', 'caughtUp']);
  });

  it('ends when it is told to', async () => {
    const controller = abort();
    const items = eventStore.subscribe({ prefixes: [name], from: 'start', signal: controller.signal });
    const told = items[Symbol.asyncIterator]();
    await until(told, caughtUp);
    const ended = told.next();
    controller.abort();
    expect(await ended).toMatchObject({ done: true });
  });

  it('comes back by itself, with nothing lost and nothing told twice', async () => {
    await fill(0, 3);
    const items = eventStore.subscribe({ prefixes: [name], from: 'start', signal: abort().signal });
    const told = items[Symbol.asyncIterator]();
    await until(told, caughtUp);
    await stores.stopServer();
    const rest = until(told, letter('5'));
    await stores.startServer();
    await resend(() => fill(3, 6));
    expect((await rest).filter((each) => each !== 'caughtUp')).toEqual(['3', '4', '5']);
  });

  it('waits for a store that is away at first', async () => {
    await fill(0, 1);
    await stores.stopServer();
    const items = stores.connect([catalogue]).subscribe({ prefixes: [name], from: 'start', signal: abort().signal });
    const told = until(items[Symbol.asyncIterator](), caughtUp);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stores.startServer();
    expect(await told).toEqual(['0', 'caughtUp']);
  });
});

/** Sends something again until the store is back, as an edge would. */
async function resend(send: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await send();
      return;
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('a command while the store is away', () => {
  it('says so, and works when the store is back', async () => {
    await eventStore.execute(letterbox, name, put('a'), because());
    await stores.stopServer();
    const context = because();
    await expect(eventStore.execute(letterbox, name, put('b'), context)).rejects.toThrow(EventStoreUnavailable);
    await expect(eventStore.load(name)).rejects.toMatchObject({ code: 'EVENT_STORE_UNAVAILABLE' });
    await stores.startServer();
    await resend(() => eventStore.execute(letterbox, name, put('b'), context));
    expect((await eventStore.load(name)).events).toHaveLength(2);
  });

  it('is carried out once although its answers get lost', async () => {
    const contexts = Array.from({ length: 30 }, () => because());
    const sent = Promise.all(
      contexts.map((context, n) =>
        resend(() => eventStore.execute(letterbox, `${name}-${n % 10}`, put(`${n}`), context)),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 15));
    await stores.stopServer();
    await stores.startServer();
    await sent;
    for (let n = 0; n < 10; n += 1) {
      const { events } = await eventStore.load<LetterboxEvent>(`${name}-${n}`);
      expect(events.map(({ event }) => (event.type === 'Put' ? event.data.letter : '')).sort()).toEqual(
        [`${n}`, `${n + 10}`, `${n + 20}`].sort(),
      );
    }
  });
});
