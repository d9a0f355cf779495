import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import type { Position } from '#libs/event-store';
import { comparePositions } from '#libs/event-store';
import { Checkpoints } from './checkpoints.js';
import type { Projection } from './declaration.js';
import type { ProjectedDocument } from './folded-writes.js';

const FIRST_LOOK_AFTER = 5;
const LONGEST_PAUSE = 50;

/** What queries read of a projection: the collection that is shown now. */
export class ReadModel<Document extends object> {
  readonly #db: Db;
  readonly #name: string;
  readonly #checkpoints: Checkpoints;

  constructor(db: Db, { name }: Pick<Projection, 'name'>) {
    this.#db = db;
    this.#name = name;
    this.#checkpoints = new Checkpoints(db);
  }

  /** To be asked for each query: a rebuild replaces the collection. Before any engine ran it is an empty one. */
  async collection(): Promise<Collection<Document & ProjectedDocument>> {
    const checkpoint = await this.#checkpoints.find(this.#name);
    return this.#db.collection<Document & ProjectedDocument>(checkpoint?.collection ?? `${this.#name}.none`);
  }

  /**
   * A text that changes whenever one of these documents does, for pages that follow them (`LivePages` of libs/web). To be asked for before
   * what it speaks of is read. The declaration needs an index of the filter's fields and, behind them, `position`.
   */
  async mark(filter: Readonly<Record<string, string>>): Promise<string> {
    const checkpoint = await this.#checkpoints.find(this.#name);
    if (!checkpoint?.position) return '0';
    // Documents of a batch that is being written are not counted before all of it is.
    const [last] = await this.#db
      .collection<ProjectedDocument>(checkpoint.collection, { useBigInt64: true })
      .find({ ...filter, position: { $lte: checkpoint.position.commit } })
      .sort({ position: -1 })
      .limit(1)
      .project<{ position: bigint }>({ position: 1 })
      .toArray();
    return String(last?.position ?? 0);
  }

  /**
   * Waits until the read model shows a command's result (read your own write).
   *
   * @param position of an event that the projection handles; another one is passed only when a later event comes.
   * @param timeout in milliseconds.
   * @returns false when the time is over: what is read then may be older.
   */
  async atLeast(position: Position, timeout: number): Promise<boolean> {
    const deadline = performance.now() + timeout;
    for (let pause = FIRST_LOOK_AFTER; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const checkpoint = await this.#checkpoints.find(this.#name);
      if (checkpoint?.position && comparePositions(checkpoint.position, position) >= 0) return true;
      if (performance.now() + pause > deadline) return false;
      await sleep(pause);
    }
  }
}

/** How far a projection is, for operators. */
export interface ProjectionState {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly position: Position | null;
  readonly movedAt: Date;
  readonly rebuilding: boolean;
}

/** All projections that ever ran on this database. */
export async function projectionStates(db: Db): Promise<ProjectionState[]> {
  const checkpoints = await new Checkpoints(db).list();
  return checkpoints.map(({ _id: name, version, generation, position, movedAt, rebuild }) => ({
    name,
    version,
    generation,
    position,
    movedAt,
    rebuilding: rebuild !== undefined,
  }));
}
