import { MongoClient, MongoServerError, type Db, type Document } from 'mongodb';

const NOT_YET_INITIALIZED = 94;

/**
 * Brings a mongod that was started with `--replSet rs0` to be the primary of a set of one: initiates it once, and tells it
 * its address when the data folder was used on another port before. A readiness probe: called until it answers true.
 */
export async function isPrimary(port: number): Promise<boolean> {
  const host = `127.0.0.1:${String(port)}`;
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 1_000 });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    if (hello['isWritablePrimary'] === true && hello['me'] === host) return true;
    await configure(admin, host);
    return false;
  } finally {
    await client.close();
  }
}

async function configure(admin: Db, host: string): Promise<void> {
  const config = await currentConfig(admin);
  if (config === undefined) {
    await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } });
  } else if (config.members[0]?.host !== host) {
    const moved = { ...config, version: config.version + 1, members: [{ ...config.members[0], host }] };
    await admin.command({ replSetReconfig: moved, force: true });
  }
}

interface ReplicaSetConfig extends Document {
  version: number;
  members: { host: string }[];
}

async function currentConfig(admin: Db): Promise<ReplicaSetConfig | undefined> {
  try {
    return (await admin.command({ replSetGetConfig: 1 }))['config'] as ReplicaSetConfig;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED) return undefined;
    throw error;
  }
}
