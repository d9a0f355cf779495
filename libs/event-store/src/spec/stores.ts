import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import { startEventStore } from '#libs/embedded-event-store';
import type { Catalogue, Keyring } from '../index.js';
import { EventStore, MongoKeyring } from '../index.js';

/** The real parts under a spec: an embedded event store of its own and a database of its own. */
export class Stores {
  readonly #opened: EventStore[] = [];
  readonly #masterKey = randomBytes(32);

  private constructor(
    private readonly folder: string,
    private server: Awaited<ReturnType<typeof startEventStore>>,
    private readonly mongo: MongoClient,
    readonly db: Db,
  ) {}

  static async start(): Promise<Stores> {
    const folder = await mkdtemp(join(tmpdir(), 'pli-spec-'));
    const server = await startEventStore({ dataFolder: folder, port: 0 });
    const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
    return new Stores(folder, server, mongo, mongo.db(`spec-${randomUUID().slice(0, 8)}`));
  }

  get connectionString(): string {
    return this.server.connectionString;
  }

  /** A key ring as another process would have it: the same keys, nothing in memory. */
  keyring(): Keyring {
    return new MongoKeyring(this.db, this.#masterKey);
  }

  /** An event store as another process would have it. */
  connect(catalogues: readonly Catalogue[], keyring = this.keyring()): EventStore {
    const { connectionString } = this;
    const eventStore = EventStore.connect({ connectionString, keyring, catalogues });
    this.#opened.push(eventStore);
    return eventStore;
  }

  async stopServer(): Promise<void> {
    await this.server.close();
  }

  /** On the same port, with the same data. */
  async startServer(): Promise<void> {
    this.server = await startEventStore({ dataFolder: this.folder, port: this.server.port });
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((eventStore) => eventStore.dispose()));
    await this.server.close();
    await this.db.dropDatabase();
    await this.mongo.close();
    await rm(this.folder, { recursive: true });
  }
}
