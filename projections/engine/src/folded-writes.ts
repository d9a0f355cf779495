import type { StoredEvent } from '#libs/event-store';
import type { Projection, Write } from './declaration.js';
import { WritesContradict } from './errors.js';

/** A projected document as it lies in MongoDB. */
export interface ProjectedDocument {
  readonly _id: string;
  /** Commit position of the last event that changed it: what an older event may not overwrite. */
  readonly position: bigint;
  readonly [field: string]: unknown;
}

interface FoldedDocument {
  readonly set: Record<string, unknown>;
  /** First parts of the keys that lead into an object. */
  readonly roots: Set<string>;
  position: bigint;
}

/** The writes of many events, merged so that each document is written once. */
export class FoldedWrites {
  readonly #documents = new Map<string, FoldedDocument>();
  #events = 0;

  /** Documents to be written. */
  get size(): number {
    return this.#documents.size;
  }

  /** Events folded so far. */
  get events(): number {
    return this.#events;
  }

  /** Events must come in the order of the log. */
  add(projection: Projection, events: readonly StoredEvent[]): void {
    for (const stored of events) {
      for (const write of projection.project(stored)) this.#merge(write, stored.position.commit);
    }
    this.#events += events.length;
  }

  /** For each document the fields to set, keys as the projection wrote them, and the position of its last event. */
  *updates(): Generator<{ id: string; set: Readonly<Record<string, unknown>>; position: bigint }> {
    for (const [id, { set, position }] of this.#documents) yield { id, set, position };
  }

  /** The documents as they are when nothing was there before. */
  *documents(): Generator<ProjectedDocument> {
    for (const { id, set, position } of this.updates()) yield { _id: id, ...nested(set), position };
  }

  #merge({ id, set }: Write, position: bigint): void {
    let document = this.#documents.get(id);
    if (!document) {
      document = { set: {}, roots: new Set(), position };
      this.#documents.set(id, document);
    }
    document.position = position;
    for (const key of Object.keys(set)) {
      assertNoContradiction(id, key, document);
      document.set[key] = set[key];
    }
  }
}

function assertNoContradiction(id: string, key: string, { set, roots }: FoldedDocument): void {
  const dot = key.indexOf('.');
  if (dot < 0) {
    if (roots.has(key)) throw new WritesContradict(id, key);
    return;
  }
  const root = key.slice(0, dot);
  if (Object.hasOwn(set, root)) throw new WritesContradict(id, root);
  roots.add(root);
}

function nested(set: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(set)) {
    const path = key.split('.');
    const last = path.pop() ?? key;
    let inner = document;
    for (const part of path) inner = (inner[part] ??= {}) as Record<string, unknown>;
    inner[last] = value;
  }
  return document;
}
