import { randomBytes } from 'node:crypto';
import type { Collection, Db, Filter } from 'mongodb';
import { MongoServerError } from 'mongodb';
import type { Position } from '#libs/event-store';
import type { Projection } from './declaration.js';

/** How far a projection is, and where its documents are. */
export interface Checkpoint {
  /** The projection's name. */
  readonly _id: string;
  readonly version: number;
  /** One more with each rebuild. */
  readonly generation: number;
  /** The collection that readers see. */
  readonly collection: string;
  /** Position of the last event applied; null before the first. */
  readonly position: Position | null;
  readonly movedAt: Date;
  /** The rebuild that is at work, or that died at work. */
  readonly rebuild?: { readonly owner: string; readonly collection: string; readonly heartbeatAt: Date };
}

const DUPLICATE_KEY = 11_000;

/** Milliseconds without a heartbeat after which a rebuild counts as dead; by the clock of MongoDB. */
const DEAD_AFTER = 10_000;

const STALE = { $lt: ['$rebuild.heartbeatAt', { $subtract: ['$$NOW', DEAD_AFTER] }] };

/** A new name, so that no two builders ever fill the same collection. */
export const newCollectionName = ({ name }: Projection, generation: number): string =>
  `${name}.${generation}.${randomBytes(4).toString('hex')}`;

const isCollectionOf = (projection: string, collection: string): boolean =>
  collection.startsWith(`${projection}.`) && /^\d+\.[0-9a-f]{8}$/.test(collection.slice(projection.length + 1));

/**
 * The checkpoints of all projections, in the collection `projections` beside the documents they speak of, so that a
 * backup always holds both of the same moment. Each change compares first: whoever works on old knowledge learns so.
 */
export class Checkpoints {
  readonly #db: Db;
  readonly #all: Collection<Checkpoint>;

  constructor(db: Db) {
    this.#db = db;
    this.#all = db.collection<Checkpoint>('projections', { useBigInt64: true, writeConcern: { w: 'majority' } });
  }

  async find(name: string): Promise<Checkpoint | null> {
    return this.#all.findOne({ _id: name });
  }

  async list(): Promise<Checkpoint[]> {
    return this.#all.find().sort({ _id: 1 }).toArray();
  }

  /** The projection's checkpoint, made with an empty collection when it has none. */
  async ensure(projection: Projection): Promise<Checkpoint> {
    const found = await this.find(projection.name);
    if (found) return found;
    const { name, version, indexes } = projection;
    const collection = newCollectionName(projection, 1);
    const made = { _id: name, version, generation: 1, collection, position: null, movedAt: new Date() };
    await this.createCollection(collection, indexes);
    try {
      await this.#all.insertOne(made);
      return made;
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      await this.#db.dropCollection(collection);
      return this.ensure(projection);
    }
  }

  async createCollection(name: string, indexes: Projection['indexes']): Promise<void> {
    await this.#db.createCollection(name);
    if (indexes.length > 0) await this.#db.collection(name).createIndexes([...indexes]);
  }

  /** Moves a checkpoint on; null when somebody else moved it, or a rebuild replaced the collection. */
  async advance(checkpoint: Checkpoint, position: Position): Promise<Checkpoint | null> {
    const { _id, generation, position: from } = checkpoint;
    const { commit, prepare } = position;
    return this.#all.findOneAndUpdate(
      { _id, generation, ...samePosition(from) },
      { $set: { position: { commit, prepare } }, $currentDate: { movedAt: true } },
      { returnDocument: 'after' },
    );
  }

  /** Takes the one place of a builder; null while another builder is alive. */
  async claim(name: string, owner: string, collection: string): Promise<Checkpoint | null> {
    return this.#all.findOneAndUpdate(
      { _id: name, $or: [{ rebuild: { $exists: false } }, { $expr: STALE }] },
      [{ $set: { rebuild: { owner, collection, heartbeatAt: '$$NOW' } } }],
      { returnDocument: 'after' },
    );
  }

  /** Says that the builder is alive; false when another has taken its place. */
  async heartbeat(name: string, owner: string): Promise<boolean> {
    const beat = await this.#all.updateOne({ _id: name, 'rebuild.owner': owner }, [
      { $set: { 'rebuild.heartbeatAt': '$$NOW' } },
    ]);
    return beat.matchedCount === 1;
  }

  /** Shows readers the builder's collection, in one step; null when another has taken its place. */
  async swap(
    claimed: Checkpoint,
    owner: string,
    built: Pick<Checkpoint, 'version' | 'collection' | 'position'>,
  ): Promise<Checkpoint | null> {
    const { _id, generation } = claimed;
    return this.#all.findOneAndUpdate(
      { _id, generation, 'rebuild.owner': owner },
      { $set: { ...built, generation: generation + 1 }, $unset: { rebuild: '' }, $currentDate: { movedAt: true } },
      { returnDocument: 'after' },
    );
  }

  /** Gives the builder's place back. */
  async release(name: string, owner: string): Promise<void> {
    await this.#all.updateOne({ _id: name, 'rebuild.owner': owner }, { $unset: { rebuild: '' } });
  }

  /** Drops the collections of the projection that are neither shown nor being filled: what dead builders left. */
  async dropLeftOvers(name: string): Promise<void> {
    const collections = await this.#db.listCollections({}, { nameOnly: true }).toArray();
    const ours = collections.map((each) => each.name).filter((each) => isCollectionOf(name, each));
    const checkpoint = await this.find(name);
    const inUse = [checkpoint?.collection, checkpoint?.rebuild?.collection];
    for (const each of ours) if (checkpoint && !inUse.includes(each)) await this.#db.dropCollection(each);
  }
}

function samePosition(position: Position | null): Filter<Checkpoint> {
  if (!position) return { position: null };
  return { 'position.commit': position.commit, 'position.prepare': position.prepare };
}
