import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { isMongoAway, type EventStore, type SubscriptionBatch } from '#libs/event-store';
import type { Checkpoint } from './checkpoints.js';
import { Checkpoints } from './checkpoints.js';
import type { Projection } from './declaration.js';
import { update } from './documents.js';
import { ProjectionOutdated } from './errors.js';
import type { ProjectedDocument } from './folded-writes.js';
import { FoldedWrites } from './folded-writes.js';
import { rebuild } from './rebuild.js';

export interface EngineOptions {
  readonly db: Db;
  readonly eventStore: EventStore;
  readonly projection: Projection;
  /** Told in one line what an operator may want to know: a rebuild, another engine at work, MongoDB away. */
  readonly onNotice?: (notice: string) => void;
}

/** How far an engine is behind the store. */
export interface Lag {
  /** All that was in the store when it last caught up has been applied, and everything told since. */
  readonly caughtUp: boolean;
  /** Milliseconds since the last event applied was recorded, while not caught up; 0 otherwise, null before the first. */
  readonly behind: number | null;
}

/** Milliseconds to stand back after another engine was found at work on the same projection, and while MongoDB is away. */
const STAND_BACK = 1_000;

/**
 * Keeps one projection up to date. What arrives together is written together: the busier the store, the larger the
 * batch. Documents are written first, each guarded by the position it has seen, then the checkpoint moves; a crash in
 * between makes the batch come again and change nothing.
 */
export class ProjectionEngine {
  readonly #options: EngineOptions;
  readonly #checkpoints: Checkpoints;
  #caughtUp = false;
  #recordedAt: Date | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#checkpoints = new Checkpoints(options.db);
  }

  /**
   * Runs until the signal is aborted. Starts a rebuild when the collection shown is of an older version.
   *
   * @throws ProjectionOutdated when it is of a newer one.
   * @throws what a projection or the event store's subscription throws: an event that this version cannot read stops it.
   */
  async run(signal: AbortSignal): Promise<void> {
    await this.#checkpoints.dropLeftOvers(this.#options.projection.name);
    while (!signal.aborted) {
      try {
        const checkpoint = await this.#current(signal);
        if (signal.aborted) return;
        const other = await this.#follow(checkpoint, signal);
        if (other === 'engine') await this.#standBack('another engine keeps it up to date, too', signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!isMongoAway(error)) throw error;
        await this.#standBack('MongoDB does not answer', signal);
      }
    }
  }

  /** For metrics and health. */
  lag(): Lag {
    if (this.#caughtUp) return { caughtUp: true, behind: 0 };
    return { caughtUp: false, behind: this.#recordedAt && Date.now() - this.#recordedAt.getTime() };
  }

  /** The checkpoint to go on from, after a rebuild if it is due. */
  async #current(signal: AbortSignal): Promise<Checkpoint> {
    const { projection, db, eventStore } = this.#options;
    const checkpoint = await this.#checkpoints.ensure(projection);
    if (checkpoint.version > projection.version) {
      throw new ProjectionOutdated(projection.name, projection.version, checkpoint.version);
    }
    if (checkpoint.version === projection.version) return checkpoint;
    this.#notice(
      `version ${projection.version} is built from all events, version ${checkpoint.version} shown until then`,
    );
    const { events } = await rebuild(projection, { db, eventStore, signal });
    this.#notice(`version ${projection.version} is shown, built from ${events} events`);
    return this.#checkpoints.ensure(projection);
  }

  /** Applies what comes until somebody else moves the checkpoint; tells who. */
  async #follow(from: Checkpoint, signal: AbortSignal): Promise<'engine' | 'rebuild' | 'nobody'> {
    const { eventStore, projection, db } = this.#options;
    const { prefixes, types } = projection;
    const collection = db.collection<ProjectedDocument>(from.collection);
    let checkpoint = from;
    const subscription = eventStore.subscribeInBatches({ prefixes, types, from: from.position ?? 'start', signal });
    for await (const batch of subscription) {
      const folded = new FoldedWrites();
      folded.add(projection, batch.events);
      await update(collection, folded);
      if (batch.position) {
        const moved = await this.#checkpoints.advance(checkpoint, batch.position);
        if (!moved) return this.#whoMoved(checkpoint);
        checkpoint = moved;
      }
      this.#observe(batch);
    }
    return 'nobody';
  }

  async #whoMoved({ _id, generation }: Checkpoint): Promise<'engine' | 'rebuild'> {
    const now = await this.#checkpoints.find(_id);
    return now?.generation === generation ? 'engine' : 'rebuild';
  }

  #observe({ events, caughtUp }: SubscriptionBatch): void {
    this.#recordedAt = events.at(-1)?.recordedAt ?? this.#recordedAt;
    this.#caughtUp ||= caughtUp;
  }

  async #standBack(why: string, signal: AbortSignal): Promise<void> {
    this.#caughtUp = false;
    this.#notice(why);
    await sleep(STAND_BACK * (1 + Math.random()), undefined, { signal }).catch(() => undefined);
  }

  #notice(what: string): void {
    this.#options.onNotice?.(`${this.#options.projection.name}: ${what}`);
  }
}
