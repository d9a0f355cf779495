/** A fact of the domain: `data` is public, `personal` is encrypted at rest under the key of its stream. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
  readonly personal?: object;
}

/** A decider's "no": the code is a key of its domain's table of refusals. */
export interface Refusal<Code extends string = string> {
  readonly refused: Code;
}

/**
 * An aggregate as pure functions. `evolve` must return a new state instead of changing the old one: states are kept
 * between commands. `decide` answers `[]` when the command is already fulfilled.
 */
export interface Decider<State, Command, Event extends DomainEvent, Code extends string = string> {
  readonly initial: State;
  decide(state: State, command: Command): readonly Event[] | Refusal<Code>;
  evolve(state: State, event: Event): State;
}

/** A place in the log of the whole store. An EventStoreDB counts bytes, the embedded store events; only order matters. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Who asks for a command, and because of what. All of it is stored with each event that the command causes. */
export interface CommandContext {
  /** UUID of the request, the same when it is tried again: a command is carried out once. */
  readonly commandId: string;
  /** UUID of the whole story, from the first request on. */
  readonly correlationId: string;
  /** UUID of the event or request that made this command necessary. */
  readonly causationId: string;
  /** `user:<id>`, `key:<id>`, `recipient`, `worker` or `operator`. */
  readonly actor: string;
}

/** What is stored beside an event's data. */
export interface EventMetadata {
  /** Version of the event's shape when it was written; see the catalogue of its domain. */
  readonly schema: number;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor: string;
  /** Hex SHA-256 over the stream's previous chain value and this event; see libs/chain. */
  readonly chain: string;
}

/** The data of an event as it lies in the store: the public part, and `personal` as a JWE (RFC 7516 §7.1). */
export type DataAsStored = Readonly<Record<string, unknown>>;

/** An event that was read from the store: brought to its current schema, its personal part decrypted. */
export interface StoredEvent<Event extends DomainEvent = DomainEvent> {
  readonly event: Event;
  readonly id: string;
  readonly stream: string;
  /** 0 for the first event of the stream. */
  readonly revision: bigint;
  readonly position: Position;
  /** The store's clock when the event was written. */
  readonly recordedAt: Date;
  readonly metadata: EventMetadata;
  readonly asStored: DataAsStored;
}

/** Where a stream ends: the revision of its last event, or `no_stream`. */
export type StreamRevision = bigint | 'no_stream';

/** Negative, zero or positive as `left` lies before, at or after `right`. */
export function comparePositions(left: Position, right: Position): number {
  if (left.commit !== right.commit) return left.commit < right.commit ? -1 : 1;
  if (left.prepare !== right.prepare) return left.prepare < right.prepare ? -1 : 1;
  return 0;
}
