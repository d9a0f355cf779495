import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { GridFSBucket, MongoClient, type Binary, type Db } from 'mongodb';
import { DocumentAddressInvalid, DocumentAltered, DocumentMissing, DocumentStore } from './index.js';

const client = new MongoClient(process.env['MONGODB_URL'] ?? 'mongodb://MONGODB_URL.invalid');
const key = randomBytes(32);
const scope = '0197b0c2-8f3e-7c11-9a70-3f6f0a3f9b11';
/** Several chunks of 255 KiB, the last one not full. */
const bytes = randomBytes(900_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const id = `${scope}/${sha256}`;

let db: Db;
let store: DocumentStore;

const chunks = () =>
  db.collection<{ _id: string; files_id: string; n: number; data: { buffer: Buffer } }>('documents.chunks');
const files = () => db.collection<{ _id: string; length: number; data?: Binary }>('documents.files');

beforeEach(() => {
  db = client.db(`documents-${randomUUID()}`);
  store = new DocumentStore(db);
});
afterEach(() => db.dropDatabase());
afterAll(() => client.close());

async function copyOfChunks(): Promise<unknown[]> {
  return chunks()
    .find({}, { sort: { n: 1 } })
    .toArray();
}

describe('a document that was put', () => {
  it.each([0, 1, 255 * 1024 - 16, 255 * 1024, 900_000])('is found again, with %i bytes', async (size) => {
    const content = randomBytes(size);
    const stored = await store.put(scope, key, content);
    expect(stored).toEqual({ sha256: createHash('sha256').update(content).digest('hex'), size });
    expect((await store.get(scope, key, stored.sha256)).equals(content)).toBe(true);
  });

  it('lies in GridFS under its scope and fingerprint, and tells nothing', async () => {
    await store.put(scope, key, Buffer.concat([Buffer.from('%PDF-1.7 Locataire'), bytes]));
    const [file] = await files().find().toArray();
    expect(file?._id).toMatch(new RegExp(`^${scope}/[0-9a-f]{64}$`));
    const parts: Buffer[] = [];
    const stream = new GridFSBucket(db, { bucketName: 'documents' }).openDownloadStream(file?._id as never);
    for await (const part of stream) parts.push(part as Buffer);
    const stored = Buffer.concat(parts);
    expect(stored.length).toBe(file?.length);
    expect(stored.includes('%PDF-') || stored.includes('Locataire')).toBe(false);
  });

  it('is one entry when it would fit into one chunk, also where it lies in a chunk from earlier', async () => {
    const small = randomBytes(40_000);
    const { sha256: print } = await store.put(scope, key, small);
    expect(await chunks().countDocuments()).toBe(0);
    await store.put(scope, key, small);
    const [entry] = await files().find().toArray();
    expect(Buffer.from(entry?.data?.value() ?? '').includes(small.subarray(0, 32))).toBe(false);
    await chunks().insertOne({
      _id: `${scope}/${print}/0`,
      files_id: `${scope}/${print}`,
      n: 0,
      data: entry?.data as never,
    });
    await files().updateOne({}, { $unset: { data: 1 } });
    expect((await store.get(scope, key, print)).equals(small)).toBe(true);
    await store.put(scope, key, small);
    expect(await files().countDocuments()).toBe(1);
  });

  it('changes nothing when it is put again', async () => {
    await store.put(scope, key, bytes);
    const before = { chunks: await copyOfChunks(), files: await files().find().toArray() };
    await expect(store.put(scope, key, bytes)).resolves.toEqual({ sha256, size: bytes.length });
    expect({ chunks: await copyOfChunks(), files: await files().find().toArray() }).toEqual(before);
  });

  it('is one document when ten callers race', async () => {
    const others = Array.from({ length: 10 }, () => new DocumentStore(db));
    await Promise.all(others.map((other) => other.put(scope, key, bytes)));
    expect(await files().countDocuments()).toBe(1);
    expect(await chunks().countDocuments()).toBe(4);
    expect((await store.get(scope, key, sha256)).equals(bytes)).toBe(true);
  });

  it('is another one in another scope, bound to it by its authentication tag', async () => {
    await store.put(scope, key, bytes);
    await store.put('another-letter', key, bytes);
    expect(await files().countDocuments()).toBe(2);
    const tags = (await chunks().find({ n: 3 }).toArray()).map(({ data }) => data.buffer.subarray(-16).toString('hex'));
    expect(new Set(tags).size).toBe(2);
  });
});

describe('an upload that was killed half-way', () => {
  /** What is left when the process dies before the last step: chunks, some of them, and no file. */
  async function leaveHalf(): Promise<void> {
    await store.put(scope, key, bytes);
    await files().deleteMany({});
    await chunks().deleteMany({ n: { $in: [1, 3] } });
  }

  it('shows no document', async () => {
    await leaveHalf();
    await expect(store.get(scope, key, sha256)).rejects.toThrow(DocumentMissing);
  });

  it('is made good by the next one', async () => {
    await leaveHalf();
    await store.put(scope, key, bytes);
    expect((await store.get(scope, key, sha256)).equals(bytes)).toBe(true);
    expect(await chunks().countDocuments()).toBe(4);
  });

  it('is made good by the next one, even if what it left is wrong', async () => {
    await leaveHalf();
    await chunks().updateOne({ n: 2 }, { $set: { data: Buffer.from('torn') as never } });
    await store.put(scope, key, bytes);
    expect((await store.get(scope, key, sha256)).equals(bytes)).toBe(true);
  });
});

describe('a document that is not what was put', () => {
  it.each([
    ['a changed byte', () => chunks().updateOne({ n: 0 }, { $set: { data: randomBytes(255 * 1024) as never } })],
    ['a lost chunk', () => chunks().deleteOne({ n: 1 })],
    ['a cut chunk', () => chunks().updateOne({ n: 3 }, { $set: { data: randomBytes(5) as never } })],
    ['nothing left of it', () => files().updateOne({}, { $set: { length: 0 } })],
  ])('is reported: %s', async (_case, alter) => {
    await store.put(scope, key, bytes);
    await alter();
    await expect(store.get(scope, key, sha256)).rejects.toThrow(DocumentAltered);
  });

  it('is reported: another document in its place', async () => {
    await store.put(scope, key, bytes);
    const other = await store.put(scope, key, randomBytes(bytes.length));
    await chunks().deleteMany({ _id: new RegExp(`^${id}/`) });
    for (const chunk of await chunks().find().toArray()) {
      const moved = { ...chunk, _id: chunk._id.replace(other.sha256, sha256), files_id: id };
      await chunks().deleteOne({ _id: chunk._id });
      await chunks().insertOne(moved);
    }
    await expect(store.get(scope, key, sha256)).rejects.toThrow(DocumentAltered);
  });

  it('does not open under another key', async () => {
    await store.put(scope, key, bytes);
    await expect(store.get(scope, randomBytes(32), sha256)).rejects.toThrow(DocumentAltered);
  });

  it('was never put', async () => {
    await expect(store.get(scope, key, sha256)).rejects.toThrow(DocumentMissing);
  });
});

test('a scope, a key or a fingerprint that cannot be one is a fault of the caller', async () => {
  for (const wrong of ['', 'a/b', '../x', 'é', 'x'.repeat(201)]) {
    await expect(store.put(wrong, key, bytes)).rejects.toThrow(DocumentAddressInvalid);
  }
  await expect(store.put(scope, randomBytes(31), bytes)).rejects.toThrow(DocumentAddressInvalid);
  await expect(store.get(scope, key, 'x')).rejects.toThrow(DocumentAddressInvalid);
});
