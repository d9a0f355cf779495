import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isDataFolderLocked, lockDataFolder } from './data-folder-lock.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pli-lock-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder belongs to who locked it first, until he lets go', () => {
  const data = join(folder, 'data');
  const unlock = lockDataFolder(data);
  expect(isDataFolderLocked(data)).toBe(true);
  expect(() => lockDataFolder(data)).toThrow(expect.objectContaining({ code: 'ALREADY_RUNNING' }));
  unlock();
  expect(isDataFolderLocked(data)).toBe(false);
  lockDataFolder(data)();
});

test('looking at a folder that is not there does not make it', () => {
  const data = join(folder, 'mistyped');
  expect(isDataFolderLocked(data)).toBe(false);
  expect(existsSync(data)).toBe(false);
});

test('a file in place of the folder, or a lock that is no lock, is one sentence that names PLI_DATA', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const unusable = expect.objectContaining({ code: 'DATA_FOLDER', message: expect.stringContaining('PLI_DATA') });
  expect(() => lockDataFolder(file)).toThrow(unusable);
  writeFileSync(join(folder, 'lock'), 'not a database, and longer than the hundred bytes of its header. '.repeat(9));
  expect(() => lockDataFolder(folder)).toThrow(unusable);
});
