import { setTimeout as sleep } from 'node:timers/promises';
import type { ArgumentsHost, RpcExceptionFilter } from '@nestjs/common';
import { Catch, Logger } from '@nestjs/common';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { BaseRpcContext, Server } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { isObservable, lastValueFrom, throwError } from 'rxjs';
import { isAway, Pauses } from './availability.js';
import type { Delivery, GroupMembership } from './consumer-group.js';
import type { StoredEvent } from './envelope.js';
import type { EventStore } from './event-store.js';
import { Slots } from './slots.js';

export interface EventStoreTransportOptions {
  readonly eventStore: EventStore;
  /** Consumer group: processes of one group share the work. */
  readonly group: string;
  /** Streams whose name begins with one of these. Fixed when the group is first made: another filter needs another name. */
  readonly prefixes: readonly string[];
  /**
   * Calls only the handlers that name this group, `@EventPattern('Signed', { group: 'proofs' })`; any other group calls those that name
   * none. So work that is urgent or slow gets a group of its own, at the side of the one that has the rest.
   */
  readonly dedicated?: boolean;
  /** Another transport of this process, for whose handlers at work those of this one wait, though not for ever: what is urgent goes first. */
  readonly after?: EventStoreTransport;
  /** Events handled at the same time by this process. */
  readonly concurrency: number;
  /** How often a failed event is tried again before it is parked. */
  readonly maxRetries: number;
  /** Milliseconds before the given retry, 0 being the first; by default 250 ms, doubled up to 15 s. Below 60 s, the store's own time-out. */
  readonly retryDelay?: (retry: number) => number;
}

export type TransportStatus = 'connected' | 'disconnected';
type TransportEvents = Record<TransportStatus, () => void>;

/** Milliseconds after which an event is handled whatever goes first; with the handling itself below the 60 s of the store's own time-out. */
const LONGEST_WAIT = 20_000;

const defaultRetryDelay = (retry: number): number => Math.min(250 * 2 ** retry, 15_000);

/** The second argument of a handler (`@Ctx()`). */
export class EventContext extends BaseRpcContext<[StoredEvent, number]> {
  /** How often this event was delivered in vain before. */
  get retries(): number {
    return this.args[1];
  }
}

/**
 * Lets the transport see why a handler failed, so that the reason stands beside a parked event; without it Nest says
 * "Internal server error" instead. `app.useGlobalFilters(new HandlerFailureFilter())`
 */
@Catch()
export class HandlerFailureFilter implements RpcExceptionFilter {
  catch(failure: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => failure);
  }
}

/**
 * Feeds `@EventPattern('<event type>')` handlers from the store, each with a `StoredEvent` as payload. An event is
 * acknowledged when all its handlers have succeeded, tried again after a pause when one has failed, and parked after
 * `maxRetries`. Delivery is at least once and in no order: a handler must find out what is still to be done.
 */
export class EventStoreTransport extends Server<TransportEvents, TransportStatus> implements CustomTransportStrategy {
  /** This transport reports failures itself. */
  override readonly propagatesEventHandlerErrors = true;
  protected override readonly logger = new Logger(EventStoreTransport.name);
  readonly #options: EventStoreTransportOptions;
  readonly #handlers = new Map<string, MessageHandler[]>();
  readonly #slots: Slots;
  readonly #closing = new AbortController();
  readonly #unanswered = new Set<Promise<void>>();
  #atWork = 0;
  #idle = Promise.withResolvers<null>();
  #membership: GroupMembership | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: EventStoreTransportOptions) {
    super();
    this.#options = options;
    this.#slots = new Slots(options.concurrency);
  }

  /** Handlers of one type stand side by side; Nest's own chain would give up on all when the first one is done early. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: { readonly group?: string } = {},
  ): void {
    if (!isEventHandler) {
      this.logger.warn('Events have no reply: a @MessagePattern handler is never called; make it an @EventPattern.');
      return;
    }
    const { dedicated = false, group } = this.#options;
    if (extras.group !== (dedicated ? group : undefined)) return;
    const type = this.normalizePattern(pattern as string);
    const others = this.#handlers.get(type);
    if (others) others.push(callback);
    else this.#handlers.set(type, [callback]);
    if (!others) super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Calls back once connected, or once the store was found away; then it goes on trying by itself. */
  listen(callback: (error?: unknown) => void): void {
    let told = false;
    this.#running = this.#run(() => {
      if (!told) callback();
      told = true;
    });
  }

  /** Comes when no handler is at work, after `patience` milliseconds at the latest. */
  async idle(patience: number): Promise<void> {
    if (this.#atWork === 0) return;
    const over = new AbortController();
    await Promise.race([
      this.#idle.promise,
      sleep(patience, undefined, { signal: over.signal }).catch(() => undefined),
    ]);
    over.abort();
  }

  /** Takes no more events, waits for the handlers that are at work and leaves the group. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#unanswered);
    await this.#membership?.leave();
    await this.#running;
  }

  on<Event extends TransportStatus>(event: Event, callback: TransportEvents[Event]): void {
    this.status.subscribe((status) => {
      if (status === event) callback();
    });
  }

  /** The `EventStore`. */
  unwrap<T>(): T {
    return this.#options.eventStore as T;
  }

  async #run(listening: () => void): Promise<void> {
    const { signal } = this.#closing;
    const pauses = new Pauses();
    while (!signal.aborted) {
      try {
        await this.#member(() => {
          pauses.reset();
          listening();
        });
      } catch (error) {
        if (!signal.aborted && !isAway(error)) {
          this.logger.error(`Group ${this.#options.group} was interrupted: ${reasonOf(error)}`);
        }
      }
      this._status$.next('disconnected');
      listening();
      if (!signal.aborted) await pauses.wait(signal);
    }
  }

  /** One connection's worth of membership. */
  async #member(joined: () => void): Promise<void> {
    const { eventStore, group, prefixes, maxRetries, concurrency } = this.#options;
    // Twice as many as are handled, so that those that wait for their retry do not hold up the others.
    const membership = await eventStore.joinGroup({ group, prefixes, maxRetries, bufferSize: concurrency * 2 });
    this.#membership = membership;
    this._status$.next('connected');
    joined();
    for await (const delivery of membership.deliveries()) {
      await this.#slots.take();
      if (this.#closing.signal.aborted) {
        await Promise.all(this.#unanswered);
        return;
      }
      const answered = this.#answer(delivery).catch((error: unknown) => {
        this.logger.warn(`${delivery.type} will be delivered again, its answer was lost: ${reasonOf(error)}`);
      });
      this.#unanswered.add(answered);
      void answered.finally(() => this.#unanswered.delete(answered));
    }
  }

  async #answer(delivery: Delivery): Promise<void> {
    const failure = await this.#handle(delivery).finally(() => this.#slots.give());
    if (failure === null) return delivery.ack();
    const { maxRetries, retryDelay = defaultRetryDelay } = this.#options;
    const { type, retries } = delivery;
    if (retries >= maxRetries) {
      this.logger.error(`${type} is parked after ${retries} retries: ${failure}`);
      return delivery.park(failure);
    }
    this.logger.warn(`${type} is tried again (retry ${retries + 1} of ${maxRetries}): ${failure}`);
    await sleep(retryDelay(retries), undefined, { signal: this.#closing.signal }).catch(() => undefined);
    return delivery.retry(failure);
  }

  /** Null when all handlers succeeded, else why not. */
  async #handle(delivery: Delivery): Promise<string | null> {
    const handlers = this.#handlers.get(delivery.type);
    if (!handlers) return null;
    await this.#options.after?.idle(LONGEST_WAIT);
    this.#atWork += 1;
    try {
      const event = await delivery.open();
      await this.#dispatch(handlers, event, new EventContext([event, delivery.retries]));
      return null;
    } catch (error) {
      return reasonOf(error);
    } finally {
      this.#atWork -= 1;
      if (this.#atWork === 0) this.#becameIdle();
    }
  }

  #becameIdle(): void {
    this.#idle.resolve(null);
    this.#idle = Promise.withResolvers();
  }

  #dispatch(handlers: readonly MessageHandler[], event: StoredEvent, context: EventContext): Promise<void> {
    return new Promise((resolve, reject) => {
      this.runWithProcessingHooks(context, async (processed) => {
        const outcomes = await Promise.allSettled(handlers.map((handler) => settle(handler, event, context)));
        processed();
        const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
        if (failures.length === 0) resolve();
        else reject(new AggregateError(failures.map(({ reason }) => reason as unknown)));
      });
    });
  }
}

/** Waits for a handler to its very end, also when it answers with an observable. */
async function settle(handler: MessageHandler, event: StoredEvent, context: EventContext): Promise<void> {
  const result: unknown = await handler(event, context);
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}

/** One line for the log and for the parked event. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(' / ');
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
