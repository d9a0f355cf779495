import type { AppendExpectedRevision, AppendResult, RecordedEvent } from '@eventstore/db-client';
import { EventStoreDBClient, StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client';
import { CHAIN_START } from '#libs/chain';
import { answerOf } from './availability.js';
import type { Catalogue } from './catalogue.js';
import { EventTypes } from './catalogue.js';
import type { GroupOptions } from './consumer-group.js';
import { GroupMembership } from './consumer-group.js';
import type { CommandContext, Decider, DomainEvent, Position, StoredEvent, StreamRevision } from './envelope.js';
import { CommandRefused, ConcurrencyExhausted } from './errors.js';
import type { Keyring } from './keyring.js';
import { LimitedCache } from './limited-cache.js';
import type { ParkedEvent } from './parked-events.js';
import { readParked, replayParked } from './parked-events.js';
import type { AppendedEvent } from './serialisation.js';
import { readStored, toEventData, toStored } from './serialisation.js';
import type { StreamKey } from './stream-key.js';
import type { Reader, SubscribeOptions, SubscriptionBatch, SubscriptionItem } from './subscription.js';
import { batches, items } from './subscription.js';

/** How often a command is decided on a freshly loaded stream before it gives up. */
const ATTEMPTS = 5;

/** Events whose streams' states are kept in memory, roughly 100 bytes each beside the states. */
const REMEMBERED_EVENTS = 200_000;

export interface EventStoreOptions {
  /** As EventStoreDB has it: `esdb://127.0.0.1:2113?tls=false`. */
  readonly connectionString: string;
  readonly keyring: Keyring;
  /** The event types of every domain library whose streams are read or written. */
  readonly catalogues: readonly Catalogue[];
}

/** A stream as it was read. */
export interface LoadedStream<Event extends DomainEvent = DomainEvent> {
  readonly events: readonly StoredEvent<Event>[];
  readonly revision: StreamRevision;
  /** Chain value of the last event, '' for none. */
  readonly chain: string;
}

/** What became of a command. */
export interface Executed<State, Event extends DomainEvent> {
  /** The state after the command. */
  readonly state: State;
  /** What the command appended, now or when it was first carried out; empty when there was nothing to do. */
  readonly events: readonly AppendedEvent<Event>[];
  /** A read model that has got here shows the result; null when the stream is empty. */
  readonly position: Position | null;
}

/** A command with its context. */
export interface Order<Command> {
  readonly command: Command;
  readonly context: CommandContext;
}

/** An event that is to be appended: the how manieth of its command's it is, and the command's context. */
interface Decided<Event> {
  readonly event: Event;
  readonly index: number;
  readonly context: CommandContext;
}

/** What was decided about one of several commands. */
type Verdict<State, Event, Code extends string> =
  | { readonly refused: Code }
  /** It was carried out before, or is there twice. */
  | { readonly repeated: true }
  | { readonly state: State; readonly decided: readonly Decided<Event>[] };

/** The end of a stream, as far as it is known. */
interface Tail<State> {
  readonly state: State;
  readonly revision: StreamRevision;
  readonly chain: string;
  readonly position: Position | null;
  /** Commands that the stream's events came from. Tails of one stream share it: a command too many in it costs one load. */
  readonly commands: Set<string>;
}

/** A tail that was kept, and whose states it holds. */
interface Remembered {
  readonly decider: unknown;
  readonly tail: Tail<unknown>;
}

const next = (revision: StreamRevision): bigint => (revision === 'no_stream' ? 0n : revision + 1n);

/** The one door to EventStoreDB. */
export class EventStore {
  readonly #client: EventStoreDBClient;
  readonly #keyring: Keyring;
  readonly #types: EventTypes;
  readonly #remembered = new LimitedCache<Remembered>(REMEMBERED_EVENTS);
  readonly #disposed = new AbortController();
  readonly #open: Reader = (recorded) => readStored(recorded, this.#keyring, this.#types);

  private constructor({ connectionString, keyring, catalogues }: EventStoreOptions) {
    this.#client = EventStoreDBClient.connectionString(connectionString);
    this.#keyring = keyring;
    this.#types = new EventTypes(catalogues);
  }

  /**
   * Opens the door; the store itself may still be away.
   *
   * @throws CatalogueInvalid
   */
  static connect(options: EventStoreOptions): EventStore {
    return new EventStore(options);
  }

  /**
   * Reads a whole stream; an unknown one has no events.
   *
   * @throws EventStoreUnavailable
   * @throws StreamKeyMissing, PersonalPartUnreadable, EnvelopeInvalid, EventTypeUnknown, EventSchemaTooNew
   */
  async load<Event extends DomainEvent>(stream: string): Promise<LoadedStream<Event>> {
    // The key is fetched while the stream is read; whether it is missing shows when an event needs it.
    const [recorded] = await Promise.all([
      answerOf(this.#read(stream)),
      this.#keyring.getMany([stream]).catch(() => null),
    ]);
    const events = (await readStored(recorded, this.#keyring, this.#types)) as StoredEvent<Event>[];
    const last = events.at(-1);
    return { events, revision: last?.revision ?? 'no_stream', chain: last?.metadata.chain ?? CHAIN_START };
  }

  /**
   * Reads a stream to its state, and keeps the state for the command that follows: whoever shows a page usually answers its form.
   *
   * @throws as `load`.
   */
  async fold<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
  ): Promise<{ state: State; events: readonly StoredEvent<Event>[] }> {
    const { tail, events } = await this.#fold(decider, stream);
    return { state: tail.state, events };
  }

  /**
   * Carries out a command: load, decide, append where nothing was appended in between; otherwise once more, five times.
   * A command whose `commandId` is in the stream already was carried out before: it answers what it appended then.
   *
   * The state of a stream that was seen a moment ago is decided on first. Such a decision counts only if it appends
   * events and the store finds the stream unchanged; a refusal or "nothing to do" is decided again on the stream itself.
   *
   * @throws CommandRefused with the decider's code.
   * @throws ConcurrencyExhausted
   * @throws EventStoreUnavailable; the same command may be sent again.
   */
  async execute<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
    command: Command,
    context: CommandContext,
  ): Promise<Executed<State, Event>> {
    let known = this.#recall(decider, stream);
    if (known?.commands.has(context.commandId)) known = undefined;
    if (known) {
      const decision = decider.decide(known.state, command);
      if (!('refused' in decision) && decision.length > 0) {
        const done = await this.#append(decider, stream, known, decidedBy(decision, context));
        if (done) return done;
      }
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { tail, events } = await this.#fold(decider, stream, known);
      const before = events.filter(({ metadata }) => metadata.commandId === context.commandId);
      if (before.length > 0) return { state: tail.state, events: before, position: before.at(-1)?.position ?? null };
      const decision = decider.decide(tail.state, command);
      if ('refused' in decision) throw new CommandRefused(decision.refused);
      if (decision.length === 0) return { state: tail.state, events: [], position: tail.position };
      const done = await this.#append(decider, stream, tail, decidedBy(decision, context));
      if (done) return done;
      // A stream that is not what this process saw of it is read from its beginning.
      known = known === tail ? undefined : tail;
    }
    throw new ConcurrencyExhausted(stream, ATTEMPTS);
  }

  /**
   * Carries out several commands of one stream in one append, each as if the others before it had come first. What becomes of each is
   * what `execute` would answer or throw: a refused one is no other's fault.
   *
   * @throws ConcurrencyExhausted
   * @throws EventStoreUnavailable; the same commands may be sent again.
   */
  async executeTogether<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
    orders: readonly Order<Command>[],
  ): Promise<PromiseSettledResult<Executed<State, Event>>[]> {
    let known = this.#recall(decider, stream);
    let isFresh = known === undefined;
    for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
      const tail: Tail<State> = known && !isFresh ? known : (await this.#fold(decider, stream, known)).tail;
      const verdicts = decideAll(decider, tail, orders);
      const decided = verdicts.flatMap((verdict) => ('decided' in verdict ? verdict.decided : []));
      // As for a single command: only what appends something may be decided on what this process remembers.
      const isCertain = isFresh || verdicts.every((verdict) => 'decided' in verdict && verdict.decided.length > 0);
      const nothing = { events: [], position: tail.position };
      const done = isCertain && (decided.length === 0 ? nothing : await this.#append(decider, stream, tail, decided));
      if (done) return Promise.all(this.#outcomes(decider, stream, orders, verdicts, done));
      known = isFresh && known === tail ? undefined : tail;
      isFresh = true;
    }
    throw new ConcurrencyExhausted(stream, ATTEMPTS);
  }

  /**
   * Claims a stream, so that something happens once (an address taken, a key used): appends the event if the stream is
   * new. True when this command got it, now or before.
   *
   * @throws EventStoreUnavailable
   */
  async reserve(stream: string, event: DomainEvent, context: CommandContext): Promise<boolean> {
    const key = event.personal ? await this.#keyring.create(stream) : undefined;
    const place = { stream, revision: 0n, index: 0, chain: CHAIN_START };
    if (await this.#write(stream, [toStored(event, place, key, this.#types, context)], 'no_stream')) return true;
    const { events } = await this.load(stream);
    return events[0]?.metadata.commandId === context.commandId;
  }

  /** Follows the log of the whole store, one thing at a time; comes back by itself after the store was away. */
  subscribe<Event extends DomainEvent = DomainEvent>(
    options: SubscribeOptions,
  ): AsyncIterable<SubscriptionItem<Event>> {
    return items(this.subscribeInBatches(options)) as AsyncIterable<SubscriptionItem<Event>>;
  }

  /** The same in batches of what has arrived; keys are fetched once for a batch. */
  subscribeInBatches<Event extends DomainEvent = DomainEvent>(
    options: SubscribeOptions,
  ): AsyncIterable<SubscriptionBatch<Event>> {
    const signal = AbortSignal.any([options.signal, this.#disposed.signal]);
    return batches(this.#client, this.#open, { ...options, signal }) as AsyncIterable<SubscriptionBatch<Event>>;
  }

  /** Takes a place in a consumer group until the connection ends; `EventStoreTransport` comes back by itself. */
  async joinGroup(options: GroupOptions): Promise<GroupMembership> {
    return GroupMembership.join(this.#client, this.#open, options);
  }

  /**
   * The events that a consumer group gave up on, oldest first.
   *
   * @throws EventStoreUnavailable
   */
  async parked(group: string): Promise<ParkedEvent[]> {
    return answerOf(readParked(this.#client, group));
  }

  /**
   * Hands the parked events of a consumer group to its members again.
   *
   * @throws EventStoreUnavailable
   */
  async replayParked(group: string): Promise<void> {
    return answerOf(replayParked(this.#client, group));
  }

  /** Ends all subscriptions and closes the connection. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    await this.#client.dispose();
  }

  async #read(stream: string, fromRevision: bigint = 0n): Promise<RecordedEvent[]> {
    const recorded: RecordedEvent[] = [];
    try {
      for await (const { event } of this.#client.readStream(stream, { fromRevision })) if (event) recorded.push(event);
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
    return recorded;
  }

  /** The stream's state: what is known of it and what came after, or all of it. Answers the events that were read. */
  async #fold<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
    known?: Tail<State>,
  ): Promise<{ tail: Tail<State>; events: readonly StoredEvent<Event>[] }> {
    if (known && known.revision !== 'no_stream') return this.#catchUp(decider, stream, known);
    const { events, revision, chain } = await this.load<Event>(stream);
    const state = events.reduce((folded, { event }) => decider.evolve(folded, event), decider.initial);
    const commands = new Set(events.map(({ metadata }) => metadata.commandId));
    const tail = { state, revision, chain, position: events.at(-1)?.position ?? null, commands };
    this.#remember(decider, stream, tail);
    return { tail, events };
  }

  /** Streams that many commands share, such as a credit account, grow long: only what is new is read. */
  async #catchUp<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
    known: Tail<State>,
  ): Promise<{ tail: Tail<State>; events: readonly StoredEvent<Event>[] }> {
    const recorded = await answerOf(this.#read(stream, next(known.revision)));
    const events = (await readStored(recorded, this.#keyring, this.#types)) as StoredEvent<Event>[];
    const last = events.at(-1);
    if (!last) {
      this.#remember(decider, stream, known);
      return { tail: known, events };
    }
    const state = events.reduce((folded, { event }) => decider.evolve(folded, event), known.state);
    for (const { metadata } of events) known.commands.add(metadata.commandId);
    const { revision, position } = last;
    const tail = { state, revision, chain: last.metadata.chain, position, commands: known.commands };
    this.#remember(decider, stream, tail);
    return { tail, events };
  }

  /** What became of each of several commands that were decided, and appended, together. */
  #outcomes<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
    orders: readonly Order<Command>[],
    verdicts: readonly Verdict<State, Event, Code>[],
    { events, position }: Pick<Executed<State, Event>, 'events' | 'position'>,
  ): Promise<PromiseSettledResult<Executed<State, Event>>>[] {
    let place = 0;
    const answers = orders.map(({ command, context }, index): Promise<Executed<State, Event>> => {
      const verdict = verdicts[index];
      if (!verdict || 'repeated' in verdict) return this.execute(decider, stream, command, context);
      if ('refused' in verdict) return Promise.reject(new CommandRefused(verdict.refused));
      const own = events.slice(place, (place += verdict.decided.length));
      return Promise.resolve({ state: verdict.state, events: own, position });
    });
    return answers.map(async (answer) => (await Promise.allSettled([answer]))[0]);
  }

  /** Null when the stream has changed since the tail was known. */
  async #append<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
    tail: Tail<State>,
    decided: readonly Decided<Event>[],
  ): Promise<Executed<State, Event> | null> {
    const bodies = decided.map(({ event }) => event);
    const key = await this.#keyFor(stream, tail.revision, bodies);
    const events: AppendedEvent<Event>[] = [];
    let { chain } = tail;
    for (const [count, { event, index, context }] of decided.entries()) {
      const place = { stream, revision: next(tail.revision) + BigInt(count), index, chain };
      const appended = toStored(event, place, key, this.#types, context);
      events.push(appended);
      chain = appended.metadata.chain;
    }
    this.#remembered.delete(stream);
    const result = await this.#write(stream, events, tail.revision);
    if (!result) return null;
    const state = bodies.reduce((folded, event) => decider.evolve(folded, event), tail.state);
    const position = result.position ?? null;
    const { commands } = tail;
    for (const { context } of decided) commands.add(context.commandId);
    this.#remember(decider, stream, { state, revision: result.nextExpectedRevision, chain, position, commands });
    return { state, events, position };
  }

  /** A stream's key is there before its first event is: an event is never under a key that is not kept. */
  async #keyFor(
    stream: string,
    revision: StreamRevision,
    events: readonly DomainEvent[],
  ): Promise<StreamKey | undefined> {
    if (revision === 'no_stream') return this.#keyring.create(stream);
    return events.some(({ personal }) => personal) ? this.#keyring.get(stream) : undefined;
  }

  async #write(
    stream: string,
    events: readonly AppendedEvent[],
    expectedRevision: AppendExpectedRevision,
  ): Promise<AppendResult | null> {
    const data = events.map(toEventData);
    try {
      return await answerOf(this.#client.appendToStream(stream, data, { expectedRevision }));
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) return null;
      throw error;
    }
  }

  #recall<State, Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Command, Event, Code>,
    stream: string,
  ): Tail<State> | undefined {
    const remembered = this.#remembered.get(stream);
    return remembered?.decider === decider ? (remembered.tail as Tail<State>) : undefined;
  }

  #remember(decider: unknown, stream: string, tail: Tail<unknown>): void {
    this.#remembered.set(stream, { decider, tail }, tail.commands.size + 1);
  }
}

const decidedBy = <Event>(events: readonly Event[], context: CommandContext): Decided<Event>[] =>
  events.map((event, index) => ({ event, index, context }));

/** Decides commands one after the other, each on the state that those before it lead to. */
function decideAll<State, Command, Event extends DomainEvent, Code extends string>(
  decider: Decider<State, Command, Event, Code>,
  tail: Tail<State>,
  orders: readonly Order<Command>[],
): Verdict<State, Event, Code>[] {
  const seen = new Set<string>();
  let { state } = tail;
  return orders.map(({ command, context }) => {
    if (tail.commands.has(context.commandId) || seen.has(context.commandId)) return { repeated: true };
    seen.add(context.commandId);
    const decision = decider.decide(state, command);
    if ('refused' in decision) return { refused: decision.refused };
    state = decision.reduce((folded, event) => decider.evolve(folded, event), state);
    return { state, decided: decidedBy(decision, context) };
  });
}
