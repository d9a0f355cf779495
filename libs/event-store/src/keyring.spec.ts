import { randomBytes, randomUUID } from 'node:crypto';
import type { Binary, Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import { MasterKeyMismatch, StreamKeyMissing } from './errors.js';
import { MongoKeyring } from './keyring.js';

const masterKey = randomBytes(32);
const client = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;

beforeAll(() => {
  db = client.db(`keyring-${randomUUID().slice(0, 8)}`);
});
afterAll(async () => {
  await db.dropDatabase();
  await client.close();
});

describe('MongoKeyring', () => {
  it('gives back the key it made, also to another process', async () => {
    const made = await new MongoKeyring(db, masterKey).create('letter-1');
    const read = await new MongoKeyring(db, masterKey).get('letter-1');
    expect(read.derive('x')).toEqual(made.derive('x'));
  });

  it('keeps only the wrapped key', async () => {
    await new MongoKeyring(db, masterKey).create('letter-2');
    const stored = await db.collection<{ _id: string; wrapped: Binary }>('stream_keys').findOne({ _id: 'letter-2' });
    expect(stored?.wrapped.length()).toBe(40);
  });

  it('gives one key to all who create it at the same moment', async () => {
    const keyrings = Array.from({ length: 8 }, () => new MongoKeyring(db, masterKey));
    const keys = await Promise.all(keyrings.map((keyring) => keyring.create('letter-raced')));
    expect(new Set(keys.map((key) => key.derive('x').toString('hex'))).size).toBe(1);
    expect(await db.collection<{ _id: string }>('stream_keys').countDocuments({ _id: 'letter-raced' })).toBe(1);
  });

  it('gives many at once, from memory and from the store', async () => {
    const maker = new MongoKeyring(db, masterKey);
    const made = await maker.create('letter-3');
    await new MongoKeyring(db, masterKey).create('letter-4');
    const keys = await maker.getMany(['letter-3', 'letter-4', 'letter-3']);
    expect([...keys.keys()].sort()).toEqual(['letter-3', 'letter-4']);
    expect(keys.get('letter-3')?.derive('x')).toEqual(made.derive('x'));
  });

  it('names the stream whose key is missing', async () => {
    const keyring = new MongoKeyring(db, masterKey);
    await expect(keyring.get('letter-none')).rejects.toThrow(StreamKeyMissing);
    await expect(keyring.getMany(['letter-1', 'letter-none'])).rejects.toThrow('letter-none');
  });

  it('says so when the master key is another one', async () => {
    await new MongoKeyring(db, masterKey).create('letter-5');
    const stranger = new MongoKeyring(db, randomBytes(32));
    await expect(stranger.get('letter-5')).rejects.toThrow(MasterKeyMismatch);
    await expect(stranger.create('letter-5')).rejects.toThrow(MasterKeyMismatch);
  });

  it('refuses a master key of another length', () => {
    expect(() => new MongoKeyring(db, randomBytes(16))).toThrow('16 bytes');
  });
});
