import { parentPort, workerData } from 'node:worker_threads';
import { unzipSync } from 'fflate';
import { readSheet } from 'read-excel-file/universal';

/** Why a workbook is not read. */
export type WorkbookRefusal = 'TOO_LARGE' | 'UNREADABLE' | 'OLD_FORMAT';
export type WorkbookReading = { readonly rows: string[][] } | { readonly refused: WorkbookRefusal };

/** What is in the archive, by what it says of itself; the unpacking takes no more than that. */
const MOST_PARTS = 500;
const MOST_BYTES = 24 * 1024 * 1024;
/** The sheets together; the parser makes room for every row and column up to the last one that is named. */
const MOST_CELLS = 400_000;
const LAST_ROW = 20_000;
const LAST_COLUMN = 'GZ';

type Cell = string | number | boolean | Date | null;

function isTooLarge(bytes: Uint8Array): boolean {
  let parts = 0;
  let size = 0;
  const sheets = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      parts += 1;
      size += originalSize;
      return size <= MOST_BYTES && /^xl\/worksheets\//.test(name);
    },
  });
  if (parts > MOST_PARTS || size > MOST_BYTES) return true;
  return Object.values(sheets).some((sheet) => isTooWide(new TextDecoder().decode(sheet)));
}

/** The start of a row or cell; an attribute's value may hold a `>`. */
const PLACES = /<(?:[\w.-]+:)?(?:row|c)(?=[\s/>])((?:\s+[^\s=<>"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*\/?>/g;
const STARTS = /<(?:[\w.-]+:)?(?:row|c)(?=[\s/>])/g;

/** Whether a sheet has too many cells, or one that is too far away; one that cannot be told is too far. */
function isTooWide(sheet: string): boolean {
  let places = 0;
  for (const [, attributes = ''] of sheet.matchAll(PLACES)) {
    places += 1;
    const [, , place] = /\sr\s*=\s*(["'])(.*?)\1/.exec(attributes) ?? [];
    if (places > MOST_CELLS || (place !== undefined && isTooFar(place))) return true;
  }
  return places !== (sheet.match(STARTS)?.length ?? 0);
}

/** @param place `12` of a row, `AB12` of a cell. */
function isTooFar(place: string): boolean {
  const [, column, row] = /^([A-Z]{0,2})(\d{1,5})$/.exec(place) ?? [];
  if (column === undefined || Number(row) > LAST_ROW) return true;
  return column.length === LAST_COLUMN.length && column > LAST_COLUMN;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A cell as a person in France would have written it. */
function written(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Date) return `${two(cell.getUTCDate())}/${two(cell.getUTCMonth() + 1)}/${cell.getUTCFullYear()}`;
  if (typeof cell === 'boolean') return cell ? 'oui' : 'non';
  if (typeof cell === 'string') return cell;
  return Number.isInteger(cell) ? String(cell) : String(Math.round(cell * 100) / 100).replace('.', ',');
}

async function reading(bytes: Uint8Array): Promise<WorkbookReading> {
  try {
    if (isTooLarge(bytes)) return { refused: 'TOO_LARGE' };
    // A copy with a buffer of its own: what came from a pool is a part of a larger one.
    const rows = (await readSheet(new Uint8Array(bytes).buffer)) as Cell[][];
    return { rows: rows.map((cells) => cells.map(written)) };
  } catch {
    return { refused: 'UNREADABLE' };
  }
}

parentPort?.postMessage(await reading(workerData as Uint8Array));
