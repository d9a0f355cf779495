import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import type { EventStore, Position } from '#libs/event-store';
import type { Checkpoint } from './checkpoints.js';
import { Checkpoints, newCollectionName } from './checkpoints.js';
import type { Projection } from './declaration.js';
import { insert } from './documents.js';
import { RebuildTakenOver } from './errors.js';
import type { ProjectedDocument } from './folded-writes.js';
import { FoldedWrites } from './folded-writes.js';

export interface RebuildOptions {
  readonly db: Db;
  readonly eventStore: EventStore;
  readonly signal?: AbortSignal;
  /** Called now and then with the events read so far. */
  readonly onProgress?: (events: number) => void;
  /** Called when readers see the new collection; the old one is dropped a moment later. */
  readonly onShown?: () => void;
  /** Documents to put together before they are written; 5,000 when absent. */
  readonly documentsAtOnce?: number;
}

export interface Rebuilt {
  /** Events applied. */
  readonly events: number;
  readonly generation: number;
}

/** A write to MongoDB is due when so many documents, or so many events, have come together. */
const DOCUMENTS_AT_ONCE = 5_000;
const EVENTS_AT_ONCE = 50_000;

/** Milliseconds between two heartbeats, and between two looks at a builder that may be dead. */
const HEARTBEAT = 2_000;

/** Milliseconds that the old collection stays for the queries that are under way when it is replaced. */
const GRACE = 1_000;

/**
 * Builds a projection anew from all events in a collection of its own, then shows that one to readers; until then they,
 * and a running engine, go on with the old one. Waits while another process rebuilds the same projection, and takes
 * over from one that died.
 *
 * @throws RebuildTakenOver
 * @throws what the event store's subscriptions and MongoDB throw; readers then still see the old collection.
 */
export async function rebuild(projection: Projection, options: RebuildOptions): Promise<Rebuilt> {
  const builder = new Builder(projection, options);
  return builder.build();
}

class Builder {
  readonly #owner = randomUUID();
  readonly #checkpoints: Checkpoints;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #events = 0;

  constructor(
    private readonly projection: Projection,
    private readonly options: RebuildOptions,
  ) {
    this.#checkpoints = new Checkpoints(options.db);
    this.#signal = AbortSignal.any([this.#stop.signal, ...(options.signal ? [options.signal] : [])]);
  }

  async build(): Promise<Rebuilt> {
    const claimed = await this.#claim();
    const beating = this.#keepAlive();
    try {
      const { generation } = await this.#replace(claimed);
      return { events: this.#events, generation };
    } finally {
      this.#stop.abort();
      await beating;
    }
  }

  async #replace(claimed: Checkpoint): Promise<Checkpoint> {
    const { name, version } = this.projection;
    const collection = claimed.rebuild?.collection ?? '';
    let shown: Checkpoint | null;
    try {
      await this.#checkpoints.dropLeftOvers(name);
      const position = await this.#fill(collection);
      shown = await this.#checkpoints.swap(claimed, this.#owner, { version, collection, position });
      if (!shown) throw new RebuildTakenOver(name);
    } catch (error) {
      await this.#abandon(collection);
      throw error;
    }
    this.options.onShown?.();
    await sleep(GRACE);
    await this.options.db.dropCollection(claimed.collection);
    return shown;
  }

  async #claim(): Promise<Checkpoint> {
    for (;;) {
      this.options.signal?.throwIfAborted();
      const { _id, generation } = await this.#checkpoints.ensure(this.projection);
      const collection = newCollectionName(this.projection, generation + 1);
      const claimed = await this.#checkpoints.claim(_id, this.#owner, collection);
      if (claimed) return claimed;
      await sleep(HEARTBEAT / 4, undefined, { signal: this.#signal });
    }
  }

  /** Beats until the end; stops the work when another builder has taken over. */
  async #keepAlive(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await sleep(HEARTBEAT, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      const alive = await this.#checkpoints.heartbeat(this.projection.name, this.#owner).catch(() => true);
      if (!alive) this.#stop.abort();
    }
  }

  /** Reads everything there is; answers the position up to which the collection tells all. */
  async #fill(name: string): Promise<Position | null> {
    const { eventStore, db, onProgress, documentsAtOnce = DOCUMENTS_AT_ONCE } = this.options;
    const { prefixes, types, indexes } = this.projection;
    const collection = db.collection<ProjectedDocument>(name);
    await this.#checkpoints.createCollection(name, []);
    let position: Position | null = null;
    let folded = new FoldedWrites();
    // MongoDB writes one portion while the next one is read and folded.
    let writing: Promise<void> = Promise.resolve();
    const signal = this.#signal;
    const subscription = eventStore.subscribeInBatches({ prefixes, types, sparse: true, from: 'start', signal });
    for await (const batch of subscription) {
      folded.add(this.projection, batch.events);
      position = batch.position ?? position;
      this.#events += batch.events.length;
      const isFull = folded.size >= documentsAtOnce || folded.events >= EVENTS_AT_ONCE;
      if (!batch.caughtUp && !isFull) continue;
      await writing;
      onProgress?.(this.#events);
      writing = this.#write(collection, folded);
      folded = new FoldedWrites();
      if (batch.caughtUp) break;
    }
    await writing;
    this.options.signal?.throwIfAborted();
    if (this.#signal.aborted) throw new RebuildTakenOver(this.projection.name);
    if (indexes.length > 0) await collection.createIndexes([...indexes]);
    return position;
  }

  #write(collection: Collection<ProjectedDocument>, folded: FoldedWrites): Promise<void> {
    const writing = insert(collection, folded);
    writing.catch(() => this.#stop.abort()); // Awaited later; until then, do not read on in vain.
    return writing;
  }

  async #abandon(collection: string): Promise<void> {
    await this.#checkpoints.release(this.projection.name, this.#owner).catch(() => undefined);
    await this.options.db.dropCollection(collection).catch(() => undefined);
  }
}
