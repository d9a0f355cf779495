import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { Binary, GridFSBucket, MongoBulkWriteError, MongoGridFSChunkError, MongoServerError } from 'mongodb';
import type { Collection, Db, GridFSFile } from 'mongodb';

/** Where a document is found again: its fingerprint, and how long it is in bytes before encryption. */
export interface StoredDocument {
  /** SHA-256 of the plain bytes, 64 hexadecimal digits. */
  sha256: string;
  size: number;
}

/** No whole document with this fingerprint is in this scope: it was never put, or its upload never came to an end. */
export class DocumentMissing extends Error {
  readonly code = 'DOCUMENT_MISSING';

  constructor(scope: string, sha256: string) {
    super(`Scope ${scope} holds no document ${sha256}: put it first, or restore the database that held it.`);
    this.name = 'DocumentMissing';
  }
}

/** A stored document is not what was put: bytes were lost or changed, or the key is another one. */
export class DocumentAltered extends Error {
  readonly code = 'DOCUMENT_ALTERED';

  constructor(scope: string, sha256: string, how: string) {
    super(`Document ${sha256} of scope ${scope} is not what was put (${how}): restore it from a backup.`);
    this.name = 'DocumentAltered';
  }
}

/** The caller handed a scope or a key over that cannot be one. A fault of the program. */
export class DocumentAddressInvalid extends Error {
  readonly code = 'DOCUMENT_ADDRESS_INVALID';

  constructor(sentence: string) {
    super(sentence);
    this.name = 'DocumentAddressInvalid';
  }
}

/** A chunk as the GridFS specification has it, but for its `_id`, which is the same however often it is written. */
interface Chunk {
  _id: string;
  files_id: string;
  n: number;
  data: Buffer;
}

/** The entry that makes a document visible. A small one holds its bytes itself; for it there are no chunks. */
type File = Omit<GridFSFile, '_id'> & { _id: string; data?: Binary };

const BUCKET = 'documents';
/** The GridFS default, 255 KiB. */
const CHUNK_BYTES = 255 * 1024;
const TAG_BYTES = 16;
const DUPLICATE_KEY = 11_000;
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;

/**
 * Documents by fingerprint within a scope (a letter), encrypted with AES-256-GCM, in GridFS.
 *
 * Key and nonce of a document derive from the scope's key and the document's own SHA-256 (HKDF, RFC 5869): the same document
 * gives the same bytes, and a nonce never serves two contents under one key. So chunks may be written over each other by
 * callers that race and by one that comes back after a crash. The driver's upload stream cannot do that; hence chunks are
 * written here, in the layout of the GridFS specification, and the entry of the `files` collection, which alone makes a
 * document visible, comes last. What would fit into one chunk is in the entry itself: one write instead of two, and one read.
 */
export class DocumentStore {
  private readonly files: Collection<File>;
  private readonly chunks: Collection<Chunk>;
  private readonly bucket: GridFSBucket;
  private indexes: Promise<unknown> | undefined;

  constructor(db: Db) {
    this.files = db.collection(`${BUCKET}.files`);
    this.chunks = db.collection(`${BUCKET}.chunks`);
    this.bucket = new GridFSBucket(db, { bucketName: BUCKET });
  }

  /**
   * Keeps a document. Again with the same bytes changes nothing; on return it survives a crash of the majority's machines.
   * @param scope a letter's id: letters, digits, `-`, `_`, `.`
   * @param key 32 bytes, the same for every document of the scope
   */
  async put(scope: string, key: Buffer, bytes: Uint8Array): Promise<StoredDocument> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const id = addressOf(scope, key, sha256);
    if (bytes.length + TAG_BYTES <= CHUNK_BYTES) await this.publish(id, seal(id, key, sha256, bytes), bytes.length);
    else if (!(await this.files.findOne({ _id: id }, { projection: { _id: 1 } }))) {
      const sealed = seal(id, key, sha256, bytes);
      await this.ready();
      await this.writeChunks(id, sealed);
      await this.publish(id, sealed, bytes.length);
    }
    return { sha256, size: bytes.length };
  }

  /**
   * Reads a document; its fingerprint is computed again.
   * @throws DocumentMissing, DocumentAltered
   */
  async get(scope: string, key: Buffer, sha256: string): Promise<Buffer> {
    const id = addressOf(scope, key, sha256);
    const file = await this.files.findOne({ _id: id }, { projection: { data: 1 } });
    if (!file) throw new DocumentMissing(scope, sha256);
    const sealed = file.data ? Buffer.from(file.data.value()) : await this.readChunks(scope, id, sha256);
    const bytes = open(id, key, sha256, sealed);
    if (!bytes) throw new DocumentAltered(scope, sha256, 'it does not open under this key');
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new DocumentAltered(scope, sha256, 'its fingerprint is another one');
    }
    return bytes;
  }

  private ready(): Promise<unknown> {
    this.indexes ??= Promise.all([
      this.files.createIndex({ filename: 1, uploadDate: 1 }),
      this.chunks.createIndex({ files_id: 1, n: 1 }, { unique: true }, {}),
    ]).catch((error: unknown) => {
      this.indexes = undefined;
      throw error;
    });
    return this.indexes;
  }

  private async writeChunks(id: string, sealed: Buffer): Promise<void> {
    const operations = Array.from({ length: Math.ceil(sealed.length / CHUNK_BYTES) }, (_, n) => ({
      replaceOne: {
        filter: { _id: `${id}/${n}` },
        replacement: { files_id: id, n, data: sealed.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES) },
        upsert: true,
      },
    }));
    try {
      await this.chunks.bulkWrite(operations, { ordered: false, ...DURABLE });
    } catch (error) {
      // Somebody else is writing the same chunk with the same bytes.
      if (!(error instanceof MongoBulkWriteError && isOnlyDuplicates(error))) throw error;
    }
  }

  private async publish(id: string, sealed: Buffer, size: number): Promise<void> {
    const entry = { length: sealed.length, chunkSize: CHUNK_BYTES, uploadDate: new Date(), filename: id };
    const inside = sealed.length <= CHUNK_BYTES ? { data: new Binary(sealed) } : {};
    try {
      await this.files.insertOne({ _id: id, ...entry, metadata: { cipher: 'A256GCM', size }, ...inside }, DURABLE);
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === DUPLICATE_KEY)) throw error;
    }
  }

  private async readChunks(scope: string, id: string, sha256: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    try {
      // The driver takes ObjectIds only by its types; the specification lets an id be of any type.
      const stream = this.bucket.openDownloadStream(id as never);
      for await (const part of stream) parts.push(part as Buffer);
    } catch (error) {
      if (error instanceof MongoGridFSChunkError) throw new DocumentAltered(scope, sha256, 'a part is missing or cut');
      throw error;
    }
    return Buffer.concat(parts);
  }
}

function addressOf(scope: string, key: Buffer, sha256: string): string {
  if (!/^[\w.-]{1,200}$/.test(scope)) {
    throw new DocumentAddressInvalid(
      'A scope has 1 to 200 letters, digits, "-", "_" or ".": give the id of the letter.',
    );
  }
  if (!/^[\da-f]{64}$/.test(sha256)) {
    throw new DocumentAddressInvalid(
      'A fingerprint has 64 lower-case hexadecimal digits: give the one that put answered.',
    );
  }
  if (key.length !== 32)
    throw new DocumentAddressInvalid('A document key has 32 bytes: derive it from the stream key.');
  return `${scope}/${sha256}`;
}

function isOnlyDuplicates(error: MongoBulkWriteError): boolean {
  const faults = [error.writeErrors].flat();
  return faults.length > 0 && faults.every(({ code }) => code === DUPLICATE_KEY);
}

/** RFC 5869 with the fingerprint as salt: 32 bytes of key and 12 of nonce for this one content. */
function secretsOf(key: Buffer, sha256: string): { key: Buffer; nonce: Buffer } {
  const derived = Buffer.from(hkdfSync('sha256', key, Buffer.from(sha256, 'hex'), 'pli document', 44));
  return { key: derived.subarray(0, 32), nonce: derived.subarray(32) };
}

function seal(id: string, key: Buffer, sha256: string, bytes: Uint8Array): Buffer {
  const secrets = secretsOf(key, sha256);
  const cipher = createCipheriv('aes-256-gcm', secrets.key, secrets.nonce).setAAD(Buffer.from(id));
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @returns undefined when the bytes are not what `seal` made of this document */
function open(id: string, key: Buffer, sha256: string, sealed: Buffer): Buffer | undefined {
  const end = sealed.length - TAG_BYTES;
  if (end < 0) return undefined;
  const secrets = secretsOf(key, sha256);
  const decipher = createDecipheriv('aes-256-gcm', secrets.key, secrets.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(id)).setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}
