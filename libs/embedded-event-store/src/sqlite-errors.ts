/** The primary result codes that are told apart here: https://www.sqlite.org/rescode.html. */
export const SQLITE_BUSY = 5;
export const SQLITE_LOCKED = 6;
export const SQLITE_CORRUPT = 11;
export const SQLITE_FULL = 13;
export const SQLITE_NOTADB = 26;

/** The primary result code of an error of node:sqlite, 0 for any other; the low byte of the extended code it carries. */
export function sqliteCode(error: unknown): number {
  return typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}

/** What an error of whatever kind says. Errors of node:sqlite may come from another realm, so no `instanceof`. */
export function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
