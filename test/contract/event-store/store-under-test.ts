import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import type {
  AllStreamResolvedEvent,
  AllStreamSubscription,
  PersistentSubscriptionToAll,
  PersistentSubscriptionToStream,
  ResolvedEvent,
  StreamSubscription,
} from '@eventstore/db-client';
import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';

/** The store that a spec talks to: EVENTSTORE_URL when set, else an embedded one of its own. */
export interface StoreUnderTest {
  readonly url: string;
  readonly client: EventStoreDBClient;
}

/**
 * Prepares the store for the specs of one file and closes it after them. The specs use names that nobody else uses, so a
 * server may be shared and need not be empty.
 *
 * @param systemProjections true for specs of `$ce-` and its like: they run against EVENTSTORE_URL only when
 *   EVENTSTORE_PROJECTIONS=on says that the server there runs projections
 */
export function useStore(systemProjections = false): StoreUnderTest {
  let server: EventStoreServer | undefined;
  let folder: string | undefined;
  let url = '';
  let client: EventStoreDBClient | undefined;

  beforeAll(async () => {
    const isFit = !systemProjections || process.env['EVENTSTORE_PROJECTIONS'] === 'on';
    url = isFit ? (process.env['EVENTSTORE_URL'] ?? '') : '';
    if (url === '') {
      folder = await mkdtemp(join(tmpdir(), 'event-store-contract-'));
      server = await startEventStore({ dataFolder: folder, systemProjections });
      url = server.connectionString;
    }
    client = EventStoreDBClient.connectionString(url);
  });

  afterAll(async () => {
    await client?.dispose();
    await server?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  return {
    get url() {
      return url;
    },
    get client() {
      if (client === undefined) throw new Error('The store is ready in tests and hooks only.');
      return client;
    },
  };
}

/** A stream name that no other spec uses. */
export const newStream = (prefix = 'contract'): string => `${prefix}-${randomUUID()}`;

/** An event with this type and a number to tell it by. */
export const event = (type: string, n = 0, id: string = randomUUID()) => jsonEvent({ id, type, data: { n } });

export const events = (count: number, type = 'Happened') => Array.from({ length: count }, (_, n) => event(type, n));

/** Everything that a read yields. */
export async function collect<Item>(read: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of read) items.push(item);
  return items;
}

/** The error that an action ends in; the test fails when there is none. */
export async function failureOf(action: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  let outcome: unknown;
  try {
    outcome = await action;
  } catch (error) {
    return error as Record<string, unknown> & Error;
  }
  throw new Error(`Expected an error, got ${String(outcome)}.`);
}

type AnySubscription =
  StreamSubscription | AllStreamSubscription | PersistentSubscriptionToStream | PersistentSubscriptionToAll;

/** The client's types give each kind of subscription listeners of its own; all of them are Node.js streams. */
const asStream = (subscription: AnySubscription): Readable => subscription as unknown as Readable;

/** Collects from a subscription and lets a spec wait until what it expects has come. */
export class Received<Item = ResolvedEvent | AllStreamResolvedEvent> {
  readonly items: Item[] = [];
  error: unknown;
  private readonly watchers = new Set<() => void>();

  constructor(subscription: AnySubscription) {
    const stream = asStream(subscription);
    stream.on('data', (item: Item) => {
      this.items.push(item);
      this.changed();
    });
    stream.on('error', (error: unknown) => {
      this.error = error;
      this.changed();
    });
  }

  /** Resolves when `count` items have come; Jest's time limit is the only clock. */
  count(count: number): Promise<Item[]> {
    return this.until(() => this.items.length >= count);
  }

  async until(condition: () => boolean): Promise<Item[]> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.watchers.add(resolve);
      });
    }
    return this.items;
  }

  async failure(): Promise<Record<string, unknown>> {
    await this.until(() => this.error !== undefined);
    return this.error as Record<string, unknown>;
  }

  private changed(): void {
    for (const watcher of this.watchers) watcher();
    this.watchers.clear();
  }
}

/** Resolves when a subscription emits this event. */
export const emitted = (subscription: AnySubscription, name: 'confirmation' | 'caughtUp'): Promise<void> =>
  new Promise((resolve) => asStream(subscription).once(name, resolve));

/** Asks again and again until the answer passes; Jest's time limit is the only clock. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  passes: (answer: Answer) => boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (passes(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
