import type { DomainEvent } from './envelope.js';
import { CatalogueInvalid, EventSchemaTooNew, EventTypeUnknown } from './errors.js';

/** The part of an event that an upcaster may change. */
export interface EventBody {
  readonly data: Readonly<Record<string, unknown>>;
  readonly personal?: Readonly<Record<string, unknown>>;
}

/** How an event type is stored: its current schema (1 at first), and one pure step from each older schema to the next. */
export interface CatalogueEntry {
  readonly schema: number;
  readonly upcast: Readonly<Record<number, (older: EventBody) => EventBody>>;
}

/** The event types of one domain library. */
export type Catalogue = Readonly<Record<string, CatalogueEntry>>;

/** All event types of the product, and the way of each from any schema ever written to the current one. */
export class EventTypes {
  readonly #entries = new Map<string, CatalogueEntry>();

  /** @throws CatalogueInvalid when a type appears twice or a step between two schemas is missing. */
  constructor(catalogues: Iterable<Catalogue>) {
    for (const catalogue of catalogues) {
      for (const [type, entry] of Object.entries(catalogue)) this.#add(type, entry);
    }
  }

  /** The schema in which an event type is written now. @throws EventTypeUnknown */
  currentSchema(type: string): number {
    return this.#entry(type, 'to be written').schema;
  }

  /**
   * Brings an event from the schema it was written in to the current one, step by step.
   *
   * @param where names the event in errors, as `letter-…@3`.
   * @throws EventTypeUnknown
   * @throws EventSchemaTooNew
   */
  upcast(type: string, schema: number, body: EventBody, where: string): DomainEvent {
    const entry = this.#entry(type, where);
    if (schema > entry.schema) throw new EventSchemaTooNew(type, schema, entry.schema, where);
    let current = body;
    for (let from = schema; from < entry.schema; from += 1) {
      const step = entry.upcast[from];
      if (!step) throw new CatalogueInvalid(`${type} has schema ${schema} (${where}), below the first schema, 1.`);
      current = step(current);
    }
    return { type, ...current };
  }

  #entry(type: string, where: string): CatalogueEntry {
    const entry = this.#entries.get(type);
    if (!entry) throw new EventTypeUnknown(type, where);
    return entry;
  }

  #add(type: string, entry: CatalogueEntry): void {
    if (this.#entries.has(type)) {
      throw new CatalogueInvalid(`Two catalogues have the event type ${type}; give one of them another name.`);
    }
    for (let from = 1; from < entry.schema; from += 1) {
      if (!entry.upcast[from]) {
        throw new CatalogueInvalid(`${type} has no step from schema ${from}; add it to its catalogue.`);
      }
    }
    this.#entries.set(type, entry);
  }
}
