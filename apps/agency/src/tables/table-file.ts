import { CsvError, parse } from 'csv-parse/sync';

/** A file of lines cannot be read as a whole; its message says in French what to do. */
export class TableRefused extends Error {
  readonly code = 'TABLE_REFUSED';
}

/** A line of the file: its number as people count, from 1 for the first one. */
export interface TableLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A text without accents, case, blanks and signs. */
export const bare = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** UTF-8, else what Windows programs write in France, in which every byte means something. */
export function decodedText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * Reads CSV (RFC 4180, with `;` or `,`). Lines of nothing are passed over.
 *
 * @throws TableRefused
 */
export function csvLines(original: string): readonly TableLine[] {
  // One sign for the end of a line, so that the parser counts a line of a quoted cell once.
  const text = original.replace(/\r\n?/g, '\n');
  const [first = ''] = text.split('\n', 1);
  const delimiter = first.split(';').length >= first.split(',').length ? ';' : ',';
  const options = {
    delimiter,
    bom: true,
    info: true,
    trim: true,
    relax_column_count: true,
    relax_quotes: true,
  } as const;
  try {
    // With `info` each record comes with where it was read; the types do not say so.
    const records = parse(text, { ...options, skip_empty_lines: true }) as unknown as {
      readonly record: string[];
      readonly info: { readonly lines: number };
    }[];
    return records
      .map(({ record, info }) => ({ line: info.lines, cells: record }))
      .filter(({ cells }) => cells.some((cell) => cell !== ''));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new TableRefused(csvFault(error));
  }
}

function csvFault(error: CsvError): string {
  const line = Number((error as { lines?: unknown }).lines);
  const place = Number.isInteger(line) ? ` à la ligne ${line}` : '';
  return error.code === 'CSV_QUOTE_NOT_CLOSED'
    ? `Un guillemet ouvert n’est jamais refermé${place} : corrigez-le, puis choisissez de nouveau le fichier.`
    : `Ce fichier n’est pas un CSV lisible${place} : enregistrez-le au format CSV, puis choisissez-le de nouveau.`;
}

/** Rows as CSV that `csvLines` reads as the same lines, one for each row. */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  rows
    .map((cells) => cells.map((cell) => `"${cell.replace(/[\r\n]+/g, ' ').replaceAll('"', '""')}"`).join(';'))
    .join('\n');

/**
 * What each column of a file is; undefined for a header that means nothing.
 *
 * @param fieldOf headers, as `bare` makes them.
 * @throws TableRefused where two columns are the same.
 */
export function columnsOf<Field>(
  header: readonly string[],
  fieldOf: ReadonlyMap<string, Field>,
): readonly (Field | undefined)[] {
  const fields = header.map((name) => fieldOf.get(bare(name)));
  const twice = header.find((_name, index) => fields[index] && fields.indexOf(fields[index]) < index);
  if (twice === undefined) return fields;
  throw new TableRefused(`La colonne « ${twice} » figure deux fois : gardez-en une seule.`);
}

/** What is wrong with a line that has more or fewer cells than the header has columns. */
export function faultOfLength({ cells }: TableLine, columns: number): string | undefined {
  const isCut = cells.length < columns || cells.slice(columns).some((cell) => cell !== '');
  return isCut ? `La ligne compte ${cells.length} colonnes au lieu de ${columns}.` : undefined;
}
