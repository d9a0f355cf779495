import type {
  EventStoreDBClient,
  PersistentAction,
  PersistentSubscriptionToAll,
  PersistentSubscriptionToAllResolvedEvent,
} from '@eventstore/db-client';
import {
  PARK,
  persistentSubscriptionToAllSettingsFromDefaults,
  PersistentSubscriptionExistsError,
  PINNED,
  RETRY,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredEvent } from './envelope.js';
import { EventStoreUnavailable } from './errors.js';
import type { Reader } from './subscription.js';

export interface GroupOptions {
  readonly group: string;
  /** Streams whose name begins with one of these. Fixed when the group is made: another filter needs another name. */
  readonly prefixes: readonly string[];
  /** After so many retries the store parks an event by itself, for instance one that nobody answers for. */
  readonly maxRetries: number;
  /** Most events delivered and not yet answered. */
  readonly bufferSize: number;
}

/** An event that the store gave to this process, until it is answered. */
export interface Delivery {
  readonly type: string;
  /** How often it was delivered in vain before. */
  readonly retries: number;
  /** Opens the event. Rejects as `EventStore.load` does. */
  open(): Promise<StoredEvent>;
  ack(): Promise<void>;
  retry(reason: string): Promise<void>;
  park(reason: string): Promise<void>;
}

/** Milliseconds after which the store gives an unanswered event to somebody else. */
const ANSWER_WITHIN = 60_000;

/** Milliseconds for the last answers to reach the store: closing a call drops what it has not sent yet. */
const LAST_WORDS = 50;

/** A group remembers where it is; made once, it starts at the beginning of the log, so that nothing is missed. */
async function ensureGroup(client: EventStoreDBClient, { group, prefixes, maxRetries }: GroupOptions): Promise<void> {
  const settings = persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: START,
    consumerStrategyName: PINNED,
    maxRetryCount: maxRetries,
    messageTimeout: ANSWER_WITHIN,
    checkPointLowerBound: 1,
  });
  try {
    await client.createPersistentSubscriptionToAll(group, settings, {
      filter: streamNameFilter({ prefixes: [...prefixes] }),
    });
  } catch (error) {
    if (!(error instanceof PersistentSubscriptionExistsError)) throw error;
  }
}

/** A process's place in a consumer group (a persistent subscription to $all). Ends for good when the connection does. */
export class GroupMembership {
  readonly #subscription: PersistentSubscriptionToAll;
  readonly #read: Reader;
  /** Ends the answers that are being sent when the connection ends: by themselves they may never settle then. */
  readonly #sending = new Set<(reason: unknown) => void>();
  #ended: { readonly reason: unknown } | undefined;

  private constructor(subscription: PersistentSubscriptionToAll, read: Reader) {
    this.#subscription = subscription;
    this.#read = read;
    const over = (): void => this.#end(new EventStoreUnavailable('the connection has ended'));
    subscription
      .once('error', (error) => this.#end(error))
      .once('end', over)
      .once('close', over);
  }

  /** Joins a group, which is made if it is missing. Rejects with the client's error when the store is away. */
  static async join(client: EventStoreDBClient, read: Reader, options: GroupOptions): Promise<GroupMembership> {
    await ensureGroup(client, options);
    const { group, bufferSize } = options;
    const subscription = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize });
    subscription.on('error', () => undefined); // There may be more than one, and nobody listens after the first.
    try {
      await new Promise<void>((resolve, reject) => {
        subscription.once('confirmation', resolve).once('error', reject);
      });
    } catch (error) {
      subscription.destroy();
      throw error;
    }
    return new GroupMembership(subscription, read);
  }

  /** What the store delivers, until `leave` or until the connection ends; throws what broke it. */
  async *deliveries(): AsyncGenerator<Delivery, void, undefined> {
    for await (const resolved of this.#subscription) yield this.#delivery(resolved);
  }

  /** Leaves the group after the answers given so far. What was delivered and not answered goes to another member. */
  async leave(): Promise<void> {
    await sleep(LAST_WORDS);
    await this.#subscription.unsubscribe().catch(() => undefined);
    this.#subscription.destroy();
  }

  #end(reason: unknown): void {
    this.#ended ??= { reason };
    for (const reject of this.#sending) reject(this.#ended.reason);
    this.#sending.clear();
  }

  /** Not `Promise.race` with one promise of the connection's: that would keep every answer ever given until the connection ends. */
  async #sent(answer: Promise<void>): Promise<void> {
    const ended = Promise.withResolvers<null>();
    if (this.#ended) ended.reject(this.#ended.reason);
    this.#sending.add(ended.reject);
    await Promise.race([answer, ended.promise]).finally(() => this.#sending.delete(ended.reject));
  }

  #delivery(resolved: PersistentSubscriptionToAllResolvedEvent): Delivery {
    const { event, retryCount } = resolved;
    const nack = (action: PersistentAction, reason: string): Promise<void> =>
      this.#sent(this.#subscription.nack(action, reason, resolved));
    return {
      type: event?.type ?? '',
      retries: retryCount,
      open: async () => {
        const [stored] = await this.#read(event ? [event] : []);
        if (!stored) throw new RangeError('The delivery is a link to an event that is gone; skip it.');
        return stored;
      },
      ack: () => this.#sent(this.#subscription.ack(resolved)),
      retry: (reason) => nack(RETRY, reason),
      park: (reason) => nack(PARK, reason),
    };
  }
}
