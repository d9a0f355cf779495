import type { Instant } from '#libs/legal-profile';

export type { Instant };

/**
 * A fact that happened. `data` is its public part; `personal` is encrypted at rest under its stream's own key and is
 * absent for good once that key has been destroyed.
 */
export interface Event<Type extends string, Data extends object, Personal extends object = never> {
  readonly type: Type;
  readonly data: Readonly<Data>;
  readonly personal?: Readonly<Personal>;
}

/** A decision not to act: a code of the table beside the decider, which holds its sentence and HTTP status. */
export interface Refusal<Code extends string> {
  readonly refused: Code;
}

/** What a refusal code means: the HTTP status for programs, the French sentence for people. */
export interface RefusalMeaning {
  readonly status: number;
  readonly sentence: string;
}

/**
 * An aggregate as pure functions. `decide` answers the events to append, `[]` when what is asked is already so, or a
 * refusal; `evolve` folds one event into the state.
 */
export interface Decider<State, Command, Happened, Code extends string> {
  readonly initial: State;
  decide(state: State, command: Command): readonly Happened[] | Refusal<Code>;
  evolve(state: State, event: Happened): State;
}

/** The part of an event that an upcaster may change. */
export interface EventBody {
  readonly data: Readonly<Record<string, unknown>>;
  readonly personal?: Readonly<Record<string, unknown>>;
}

/** How an event type is stored: its current schema, and one pure step from each older schema to the next. */
export interface CatalogueEntry {
  readonly schema: number;
  readonly upcast: Readonly<Record<number, (older: EventBody) => EventBody>>;
}

/** Tells a refusal from the events of a decision. */
export function isRefusal<Happened, Code extends string>(
  outcome: readonly Happened[] | Refusal<Code>,
): outcome is Refusal<Code> {
  return 'refused' in outcome;
}
