import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EmbeddedEventStoreError } from './errors.js';
import { reasonOf, SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_LOCKED, SQLITE_NOTADB, sqliteCode } from './sqlite-errors.js';

/** Name of the one SQLite file in the data folder (its `-wal` file lies beside it while the store runs). */
export const DATABASE_FILE = 'events.sqlite';

const SCHEMA_VERSION = 1;
/** "PliE": tells our files from other SQLite files. */
const APPLICATION_ID = 0x506c6945;
/** Above this size a full check would make the start slow; then only the header and the newest events are looked at. */
const FULL_CHECK_LIMIT_BYTES = 48 * 1024 * 1024;

const SCHEMA = `
  CREATE TABLE streams (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    id       BLOB NOT NULL,
    type     TEXT NOT NULL,
    created  INTEGER NOT NULL,
    json     INTEGER NOT NULL,
    data     BLOB,
    metadata BLOB
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
  CREATE TABLE groups (
    stream       TEXT NOT NULL,
    name         TEXT NOT NULL,
    settings     TEXT NOT NULL,
    resume_from  INTEGER NOT NULL,
    checkpointed INTEGER NOT NULL,
    PRIMARY KEY (stream, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE replayed (
    stream   TEXT NOT NULL,
    name     TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (stream, name, revision)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Opens (and creates, when new) the database of a data folder, for this process alone.
 *
 * Every commit is on the disk when it returns: WAL with `synchronous=FULL` (https://www.sqlite.org/pragma.html#pragma_synchronous).
 *
 * @throws EmbeddedEventStoreError FOLDER_UNUSABLE, FOLDER_IN_USE, DATA_CORRUPT or DATA_TOO_NEW
 */
export function openDatabase(dataFolder: string): DatabaseSync {
  const file = join(dataFolder, DATABASE_FILE);
  prepareFolder(dataFolder);
  refuseForeignFile(file);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // The lock is taken by the first write and kept: two servers on one file would trust caches that the other outdates.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(
      'PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;',
    );
    database.exec('BEGIN IMMEDIATE; COMMIT;');
    createOrCheckSchema(database, file);
    checkIntegrity(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw asStartError(error, file);
  }
}

function prepareFolder(dataFolder: string): void {
  try {
    mkdirSync(dataFolder, { recursive: true });
  } catch (error) {
    throw new EmbeddedEventStoreError(
      'FOLDER_UNUSABLE',
      `The data folder ${dataFolder} cannot be created or used (${reasonOf(error)}): name a folder that this user may write.`,
      { cause: error },
    );
  }
}

/** SQLite would report a file of another kind only at the first read, and would overwrite one that is shorter than a header. */
function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return;
  const header = Buffer.alloc(100);
  let read: number;
  let length: number;
  try {
    length = statSync(file).size;
    const descriptor = openSync(file, 'r');
    read = readSync(descriptor, header, 0, header.length, 0);
    closeSync(descriptor);
  } catch (error) {
    throw asStartError(error, file);
  }
  // An empty file is what a kill during the very first start leaves behind: nothing was acknowledged, it is begun anew.
  if (length === 0) return;
  if (read < header.length || header.toString('latin1', 0, 15) !== 'SQLite format 3') {
    throw corrupt(file, 'its header is not that of an event store');
  }
  refuseCutOffFile(file, header, length);
}

/**
 * The header says how long the file is (https://www.sqlite.org/fileformat.html, 1.3); SQLite itself would read the missing end of a page
 * as zeros. Beside a `-wal` file it may be shorter: that holds the pages which are still to come.
 */
function refuseCutOffFile(file: string, header: Buffer, length: number): void {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const wanted = header.readUInt32BE(28) * pageBytes;
  if (length < wanted) throw corrupt(file, `it has ${length} of ${wanted} bytes`);
}

function createOrCheckSchema(database: DatabaseSync, file: string): void {
  const version = readPragma(database, 'user_version');
  if (version === 0) {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA}`);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
    return;
  }
  if (readPragma(database, 'application_id') !== APPLICATION_ID) {
    throw corrupt(file, 'it is an SQLite file of another program');
  }
  if (version > SCHEMA_VERSION) {
    throw new EmbeddedEventStoreError(
      'DATA_TOO_NEW',
      `The event store file ${file} has format ${version} and this program knows format ${SCHEMA_VERSION}: start a newer version.`,
    );
  }
}

function checkIntegrity(database: DatabaseSync, file: string): void {
  const pages = readPragma(database, 'page_count');
  const pageSize = readPragma(database, 'page_size');
  if (pages * pageSize <= FULL_CHECK_LIMIT_BYTES) {
    const finding = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (finding !== 'ok') throw corrupt(file, String(finding));
    return;
  }
  // The pages that a torn write or a cut-off file hits first: the newest events, the ends of the indexes, the first page of data.
  database.prepare('SELECT sum(length(data)) FROM (SELECT data FROM events ORDER BY position DESC LIMIT 500)').get();
  database.prepare('SELECT count(*) FROM (SELECT stream, revision FROM events ORDER BY stream DESC LIMIT 500)').get();
  database.prepare('SELECT name FROM streams ORDER BY name LIMIT 1').get();
  database.prepare('SELECT data FROM events ORDER BY position LIMIT 1').get();
}

function readPragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function corrupt(file: string, finding: string): EmbeddedEventStoreError {
  return new EmbeddedEventStoreError(
    'DATA_CORRUPT',
    `The event store file ${file} is damaged (${finding.replaceAll('\n', ' ')}): put back a copy of the data folder, nothing was changed.`,
  );
}

function asStartError(error: unknown, file: string): EmbeddedEventStoreError {
  if (error instanceof EmbeddedEventStoreError) return error;
  const code = sqliteCode(error);
  if (code === SQLITE_BUSY || code === SQLITE_LOCKED) {
    return new EmbeddedEventStoreError(
      'FOLDER_IN_USE',
      `The event store file ${file} is in use by another process: stop that process or name another data folder.`,
      { cause: error },
    );
  }
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return corrupt(file, reasonOf(error));
  return new EmbeddedEventStoreError(
    'FOLDER_UNUSABLE',
    `The event store file ${file} cannot be opened (${reasonOf(error)}): name a folder on a disk with room that this user may write.`,
    { cause: error },
  );
}
