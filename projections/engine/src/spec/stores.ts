import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import { startEventStore } from '#libs/embedded-event-store';
import type { DomainEvent, Position } from '#libs/event-store';
import { EventStore, MongoKeyring } from '#libs/event-store';

interface Numbered {
  readonly data: { readonly n: number };
  readonly personal?: { readonly by: string };
}
export type CounterEvent = ({ readonly type: 'Counted' } & Numbered) | ({ readonly type: 'Ignored' } & Numbered);

const catalogues = [{ Counted: { schema: 1, upcast: {} }, Ignored: { schema: 1, upcast: {} } }];

/** Appends whatever it is told to. */
const recorder = {
  initial: null,
  decide: (_: null, events: readonly DomainEvent[]) => events,
  evolve: () => null,
};

/** The real parts under a spec: an embedded event store and a database of its own. */
export class Stores {
  private constructor(
    private readonly folder: string,
    private readonly server: Awaited<ReturnType<typeof startEventStore>>,
    private readonly mongo: MongoClient,
    readonly db: Db,
    readonly eventStore: EventStore,
  ) {}

  static async start(): Promise<Stores> {
    const folder = await mkdtemp(join(tmpdir(), 'pli-spec-'));
    const server = await startEventStore({ dataFolder: folder, port: 0 });
    const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
    const db = mongo.db(`spec-${randomUUID().slice(0, 8)}`);
    const keyring = new MongoKeyring(db, randomBytes(32));
    const { connectionString } = server;
    return new Stores(folder, server, mongo, db, EventStore.connect({ connectionString, keyring, catalogues }));
  }

  /** Appends events to `counter-<name>`; answers the position of the last. */
  async count(name: string, ...numbers: number[]): Promise<Position> {
    const events = numbers.map((n): CounterEvent => ({ type: 'Counted', data: { n }, personal: { by: `clerk ${n}` } }));
    return this.append(name, events);
  }

  async append(name: string, events: readonly CounterEvent[]): Promise<Position> {
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor: 'worker' };
    const { position } = await this.eventStore.execute(recorder, `counter-${name}`, events, context);
    if (!position) throw new RangeError('events were to be appended');
    return position;
  }

  async close(): Promise<void> {
    await this.eventStore.dispose();
    await this.server.close();
    await this.db.dropDatabase();
    await this.mongo.close();
    await rm(this.folder, { recursive: true });
  }
}
