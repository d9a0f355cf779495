import type { KeyObject } from 'node:crypto';
import { createSecretKey, randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { Binary } from 'mongodb';
import { StreamKeyMissing } from './errors.js';
import { LimitedCache } from './limited-cache.js';
import { KEY_BYTES, StreamKey, unwrapKey, wrapKey } from './stream-key.js';

/** Where the keys of the streams are; a class so that it can be injected by its name. */
export abstract class Keyring {
  /** Makes the stream's key unless it has one, durably; everybody who asks gets the same one. */
  abstract create(stream: string): Promise<StreamKey>;
  /** @throws StreamKeyMissing when the stream has no key. */
  abstract get(stream: string): Promise<StreamKey>;
  /** The keys of many streams in one go, by stream. @throws StreamKeyMissing when one has no key. */
  abstract getMany(streams: Iterable<string>): Promise<ReadonlyMap<string, StreamKey>>;
}

interface WrappedKey {
  _id: string;
  wrapped: Binary;
  createdAt: Date;
}

/** Unwrapped keys kept in memory; about 300 bytes each. */
const KEYS_IN_MEMORY = 20_000;

/** Keys in the MongoDB collection `stream_keys`, each wrapped by the master key (RFC 3394); unwrapped ones are kept in memory. */
export class MongoKeyring extends Keyring {
  readonly #keys: Collection<WrappedKey>;
  readonly #masterKey: KeyObject;
  readonly #unwrapped = new LimitedCache<StreamKey>(KEYS_IN_MEMORY);

  /** @param masterKey 32 bytes. */
  constructor(db: Db, masterKey: Buffer) {
    super();
    if (masterKey.length !== KEY_BYTES) {
      throw new RangeError(`The master key has ${masterKey.length} bytes; it must have ${KEY_BYTES}.`);
    }
    this.#keys = db.collection<WrappedKey>('stream_keys', { writeConcern: { w: 'majority', journal: true } });
    this.#masterKey = createSecretKey(masterKey);
  }

  /**
   * One upsert for winner and loser alike: with a majority write concern the server answers the loser, too, only when
   * the winner's key can no longer be rolled back, so that nothing is ever encrypted under a key that may vanish.
   */
  override async create(stream: string): Promise<StreamKey> {
    const known = this.#unwrapped.get(stream);
    if (known) return known;
    const wrapped = new Binary(wrapKey(this.#masterKey, randomBytes(KEY_BYTES)));
    const stored = await this.#keys.findOneAndUpdate(
      { _id: stream },
      { $setOnInsert: { wrapped, createdAt: new Date() } },
      { upsert: true, returnDocument: 'after' },
    );
    if (!stored) throw new StreamKeyMissing(stream);
    return this.#unwrap(stored);
  }

  override async get(stream: string): Promise<StreamKey> {
    const known = this.#unwrapped.get(stream);
    if (known) return known;
    const stored = await this.#keys.findOne({ _id: stream });
    if (!stored) throw new StreamKeyMissing(stream);
    return this.#unwrap(stored);
  }

  override async getMany(streams: Iterable<string>): Promise<ReadonlyMap<string, StreamKey>> {
    const found = new Map<string, StreamKey>();
    const missing = new Set<string>();
    for (const stream of streams) {
      const known = this.#unwrapped.get(stream);
      if (known) found.set(stream, known);
      else missing.add(stream);
    }
    if (missing.size === 0) return found;
    for await (const stored of this.#keys.find({ _id: { $in: [...missing] } }, { batchSize: missing.size })) {
      found.set(stored._id, this.#unwrap(stored));
      missing.delete(stored._id);
    }
    for (const stream of missing) throw new StreamKeyMissing(stream);
    return found;
  }

  #unwrap(stored: WrappedKey): StreamKey {
    const key = new StreamKey(unwrapKey(this.#masterKey, Buffer.from(stored.wrapped.value()), stored._id));
    this.#unwrapped.set(stored._id, key);
    return key;
  }
}
