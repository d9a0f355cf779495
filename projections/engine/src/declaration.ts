import type { IndexDescription } from 'mongodb';
import type { DomainEvent, StoredEvent } from '#libs/event-store';

/**
 * What an event changes in one document of a projection: the fields to set, and nothing else, so that the writes of
 * many events can be merged and repeated. A key may lead into an object (`timeline.12`); whoever uses such a key never
 * sets the object itself.
 */
export interface Write {
  readonly id: string;
  readonly set: Readonly<Record<string, unknown>>;
}

/** What a projection does with one event type: no, one or several documents change. */
export type Handler<Event extends DomainEvent> = (stored: StoredEvent<Event>) => Write | readonly Write[];

/** One handler for each event type that matters. */
export type Handlers<Event extends DomainEvent> = {
  readonly [Type in Event['type']]?: Handler<Extract<Event, { type: Type }>>;
};

export interface Declaration<Event extends DomainEvent> {
  /** Name of the projection and of its checkpoint; its collections' names begin with it. */
  readonly name: string;
  /** A whole number, raised whenever documents or indexes come out differently: a new collection is built from all events, then shown. */
  readonly version: number;
  /** Streams whose name begins with one of these. */
  readonly prefixes: readonly string[];
  readonly indexes: readonly IndexDescription[];
  readonly on: Handlers<Event>;
}

/** A declared projection, its event types forgotten. */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly prefixes: readonly string[];
  readonly indexes: readonly IndexDescription[];
  /** The event types that it handles. */
  readonly types: ReadonlySet<string>;
  /** Pure: the same event gives the same writes. */
  project(stored: StoredEvent): readonly Write[];
}

/** Declares a projection: a read model as data. */
export function projection<Event extends DomainEvent>(declaration: Declaration<Event>): Projection {
  const { name, version, prefixes, indexes, on } = declaration;
  const handlers = new Map(Object.entries(on) as [string, Handler<DomainEvent>][]);
  return {
    name,
    version,
    prefixes,
    indexes,
    types: new Set(handlers.keys()),
    project(stored) {
      const writes = handlers.get(stored.event.type)?.(stored) ?? [];
      return Array.isArray(writes) ? (writes as readonly Write[]) : [writes as Write];
    },
  };
}

/** One document changes. */
export const write = (id: string, set: Write['set']): Write => ({ id, set });
