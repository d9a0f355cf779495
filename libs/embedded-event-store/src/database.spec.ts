import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATABASE_FILE, openDatabase } from './database.js';
import { EmbeddedEventStoreError } from './errors.js';

describe('opening a data folder', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-database-'));
    file = join(folder, DATABASE_FILE);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refusal = (dataFolder = folder) => {
    try {
      openDatabase(dataFolder).close();
    } catch (error) {
      if (error instanceof EmbeddedEventStoreError) return { code: error.code, message: error.message };
      throw error;
    }
    return { code: undefined, message: '' };
  };

  test('creates it, and writes each commit to the disk before it returns', () => {
    const database = openDatabase(join(folder, 'new', 'folder'));
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    database.close();
    expect(refusal(join(folder, 'new', 'folder')).code).toBeUndefined();
  });

  test('refuses one that another has open, and says what to do', () => {
    const database = openDatabase(folder);
    expect(refusal()).toMatchObject({ code: 'FOLDER_IN_USE', message: expect.stringContaining(file) });
    database.close();
    expect(refusal().code).toBeUndefined();
  });

  test('refuses a file as folder', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(refusal(join(folder, 'file'))).toMatchObject({ code: 'FOLDER_UNUSABLE' });
  });

  test('begins anew with the empty file that a kill during the first start leaves', () => {
    writeFileSync(file, '');
    expect(refusal().code).toBeUndefined();
  });

  test('names a file of another kind', () => {
    writeFileSync(file, 'not a database at all, but long enough to be one '.repeat(10));
    expect(refusal()).toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining(file) });
  });

  test('names a file of a newer format', () => {
    const database = openDatabase(folder);
    database.exec('PRAGMA user_version = 999');
    database.close();
    expect(refusal()).toMatchObject({ code: 'DATA_TOO_NEW', message: expect.stringContaining('999') });
  });

  describe('that has events', () => {
    beforeEach(() => {
      const database = openDatabase(folder);
      const insert = database.prepare("INSERT INTO events VALUES (?, 1, ?, x'00', 'T', 0, 0, zeroblob(2000), NULL)");
      for (let n = 1; n <= 200; n++) insert.run(n, n);
      database.close();
    });

    test('names one that was cut off', () => {
      truncateSync(file, Math.floor(statSync(file).size / 2));
      expect(refusal()).toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining(file) });
    });

    test('names one that lacks its last bytes only', () => {
      truncateSync(file, statSync(file).size - 100);
      expect(refusal()).toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringMatching(/has \d+ of \d+ bytes/) });
    });

    test('names one with garbage in the middle', () => {
      const descriptor = openSync(file, 'r+');
      writeSync(descriptor, Buffer.alloc(40_000, 0xa5), 0, 40_000, 16_384);
      closeSync(descriptor);
      expect(refusal()).toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining(file) });
    });
  });
});
