import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  AllStreamRecordedEvent,
  AllStreamResolvedEvent,
  AllStreamSubscription,
  EventStoreDBClient,
} from '@eventstore/db-client';
import { eventTypeFilter, START, streamNameFilter } from '@eventstore/db-client';
import { isAway, Pauses } from './availability.js';
import type { DomainEvent, Position, StoredEvent } from './envelope.js';
import { comparePositions } from './envelope.js';

/** What a subscription tells, in the order of the log. */
export type SubscriptionItem<Event extends DomainEvent = DomainEvent> =
  | { readonly kind: 'event'; readonly event: StoredEvent<Event> }
  /** Everything that was in the store has been told; what follows is new. Comes again after the store was away. */
  | { readonly kind: 'caughtUp' }
  /** Nothing that concerns the subscriber lies up to here. */
  | { readonly kind: 'checkpoint'; readonly position: Position };

/** What had arrived when it was asked for, at most a thousand events: the form for a reader who writes many at once. */
export interface SubscriptionBatch<Event extends DomainEvent = DomainEvent> {
  readonly events: readonly StoredEvent<Event>[];
  /** Everything up to here has been told, this batch included; null when the batch does not tell how far it goes. */
  readonly position: Position | null;
  /** Everything that was in the store has been told with this batch. */
  readonly caughtUp: boolean;
}

export interface SubscribeOptions {
  /** Streams whose name begins with one of these; at least one. */
  readonly prefixes: readonly string[];
  /** Event types to tell; all when absent. The others only move the position on, and need not be known to this version. */
  readonly types?: ReadonlySet<string>;
  /**
   * Lets the store leave out other types, too: far less is sent, but the position moves on only with what is told. For
   * reading history; whoever waits for a position needs the others.
   */
  readonly sparse?: boolean;
  /** The position after which to begin. */
  readonly from: Position | 'start';
  /** Ends the subscription. */
  readonly signal: AbortSignal;
}

/** Opens recorded events, many at once. */
export type Reader = (recorded: readonly AllStreamRecordedEvent[]) => Promise<StoredEvent[]>;

/** How many events may wait for the subscriber before the store is held back, and the most that come in one batch. */
const BUFFERED = 1_000;

/** Something that the client announced between two events: `after` counts the events before it. */
interface Mark {
  readonly after: number;
  readonly position?: Position;
}

interface Gulp {
  readonly events: readonly AllStreamRecordedEvent[];
  readonly mark?: Mark;
}

/** One connection's worth of a subscription, read in gulps of whatever has arrived, up to the next mark. */
class Connection {
  readonly #subscription: AllStreamSubscription;
  readonly #signal: AbortSignal;
  readonly #marks: Mark[] = [];
  #taken = 0;
  #failure: Error | undefined;
  #over = false;
  #wake = (): void => undefined;
  readonly #stop = (): void => this.#end();

  constructor(client: EventStoreDBClient, options: SubscribeOptions, from: Position | 'start') {
    const { prefixes, types, sparse, signal } = options;
    const checkpointReached = (_: unknown, position: Position): void => this.#announce({ position });
    const filter =
      sparse && types
        ? eventTypeFilter({ prefixes: [...types], checkpointReached })
        : streamNameFilter({ prefixes: [...prefixes], checkpointReached });
    this.#subscription = client.subscribeToAll(
      { fromPosition: from === 'start' ? START : from, filter },
      { highWaterMark: BUFFERED },
    );
    this.#subscription
      .on('caughtUp', () => this.#announce({}))
      .on('readable', () => this.#wake())
      .on('error', (error) => this.#end(error))
      .on('end', this.#stop)
      .on('close', this.#stop);
    this.#signal = signal;
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  /** Waits until something has arrived; null when the connection has ended. Throws what broke it, after all that arrived before. */
  async next(): Promise<Gulp | null> {
    for (;;) {
      // What arrived together is emitted tick by tick; a turn of the event loop later all of it is there.
      await nextTurn();
      if (this.#signal.aborted) return null;
      const gulp = this.#take();
      if (gulp.events.length > 0 || gulp.mark) return gulp;
      if (this.#failure) throw this.#failure;
      if (this.#over) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop);
    await this.#subscription.unsubscribe().catch(() => undefined);
    this.#subscription.destroy();
  }

  #take(): Gulp {
    const events: AllStreamRecordedEvent[] = [];
    const until = Math.min(this.#marks[0]?.after ?? Infinity, this.#taken + BUFFERED);
    while (this.#taken < until) {
      const resolved = this.#subscription.read() as AllStreamResolvedEvent | null;
      if (resolved === null) break;
      this.#taken += 1;
      if (resolved.event) events.push(resolved.event);
    }
    const mark = this.#marks[0]?.after === this.#taken ? this.#marks.shift() : undefined;
    return mark ? { events, mark } : { events };
  }

  /** The client announces these ahead of the events that still lie in its buffer. */
  #announce(told: { position?: Position }): void {
    this.#marks.push({ after: this.#taken + this.#subscription.readableLength, ...told });
    this.#wake();
  }

  #end(failure?: Error): void {
    this.#failure ??= failure;
    this.#over = true;
    this.#wake();
  }
}

/**
 * A mark without position says that the subscription has caught up. Checkpoints told while catching up have a prepare
 * position of 0 and cannot be resumed from, so only those with equal parts count.
 */
function positionOf({ events, mark }: Gulp, last: Position | 'start'): Position | null {
  const seen = events.at(-1)?.position ?? null;
  const told = mark?.position;
  if (!told || told.commit !== told.prepare) return seen;
  const known = seen ?? last;
  return known === 'start' || comparePositions(told, known) > 0 ? told : seen;
}

/** The store looks either at stream names or at types. */
function isWanted({ streamId, type }: AllStreamRecordedEvent, { prefixes, types }: SubscribeOptions): boolean {
  return (!types || types.has(type)) && prefixes.some((prefix) => streamId.startsWith(prefix));
}

/** All that comes over one connection, until it ends because of either side or because the store goes away. */
async function* gulps(connection: Connection): AsyncGenerator<Gulp, void, undefined> {
  try {
    for (let gulp = await connection.next(); gulp; gulp = await connection.next()) yield gulp;
  } catch (error) {
    if (!isAway(error)) throw error;
  } finally {
    await connection.close();
  }
}

/** A subscription to $all that comes back by itself, after a growing pause, when the store was away. */
export async function* batches(
  client: EventStoreDBClient,
  read: Reader,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionBatch, void, undefined> {
  const { signal } = options;
  const pauses = new Pauses();
  let last = options.from;
  while (!signal.aborted) {
    for await (const gulp of gulps(new Connection(client, options, last))) {
      pauses.reset();
      const position = positionOf(gulp, last);
      const caughtUp = gulp.mark !== undefined && gulp.mark.position === undefined;
      const wanted = gulp.events.filter((event) => isWanted(event, options));
      if (position || caughtUp) yield { events: await read(wanted), position, caughtUp };
      last = position ?? last;
    }
    if (!signal.aborted) await pauses.wait(signal);
  }
}

/** The same, one thing at a time. */
export async function* items(
  subscription: AsyncIterable<SubscriptionBatch>,
): AsyncGenerator<SubscriptionItem, void, undefined> {
  for await (const { events, position, caughtUp } of subscription) {
    for (const event of events) yield { kind: 'event', event };
    const last = events.at(-1);
    if (position && !(last && comparePositions(last.position, position) === 0)) yield { kind: 'checkpoint', position };
    if (caughtUp) yield { kind: 'caughtUp' };
  }
}
