import { Worker } from 'node:worker_threads';
import { wallClock } from '#libs/legal-profile';
import { dates, EdgeFailure } from '#libs/web';
import type { HistoryRow } from '#projections/agency-history';
import { partyKindLabels } from './letter-page.js';

/** Letters in one file. CSV is written while it is read; a workbook is made in memory as a whole. */
export const LONGEST = { csv: 50_000, xlsx: 20_000 } as const;
export type ExportFormat = keyof typeof LONGEST;

type Value = string | number | Date | null;

/** The columns of the history (manual II.2), and what its filters go by. Times are those of a clock in Paris. */
const COLUMNS: readonly { readonly header: string; readonly width: number; readonly of: (row: HistoryRow) => Value }[] =
  [
    { header: 'Numéro', width: 12, of: ({ number }) => number },
    { header: 'Nom', width: 34, of: ({ name }) => name ?? 'Données effacées' },
    { header: 'Qualité', width: 13, of: ({ partyKind }) => partyKindLabels[partyKind] },
    { header: 'Code', width: 12, of: ({ code }) => code },
    { header: 'Référence', width: 34, of: ({ reference }) => reference },
    { header: 'Date', width: 17, of: ({ date }) => new Date(date) },
    // The last instant at which an answer was possible, as the page has its day.
    {
      header: 'Expiration',
      width: 17,
      of: ({ expiration }) => expiration && new Date(Date.parse(expiration) - 60_000),
    },
    { header: 'Commande', width: 11, of: ({ commande }) => commande },
    { header: 'Tag', width: 20, of: ({ tag }) => tag },
    { header: 'Message', width: 52, of: ({ message }) => message },
    { header: 'Échéance proche', width: 17, of: ({ alert }) => yesOrNo(alert) },
    {
      header: 'Suivi papier',
      width: 20,
      of: ({ printState, trackingNumber }) => trackingNumber ?? PRINTED[printState ?? 'no'],
    },
    { header: 'Archivée', width: 10, of: ({ archived }) => yesOrNo(archived) },
  ];

const PRINTED = {
  requested: 'Demandé',
  prepared: 'Prêt',
  failed: 'Impossible',
  dispatched: 'Expédié',
  no: '',
} as const;
const yesOrNo = (value: boolean): string => (value ? 'oui' : 'non');

/**
 * The letters as CSV as spreadsheet programs in France open it: UTF-8 with its mark, semicolons, CRLF (RFC 4180 §2).
 *
 * @throws EdgeFailure 422 when there are too many.
 */
export async function* csvOf(rows: AsyncIterable<HistoryRow>): AsyncGenerator<string> {
  yield `\ufeff${csvLine(COLUMNS.map(({ header }) => header))}`;
  for await (const row of rows) yield csvLine(COLUMNS.map(({ of }) => of(row)));
}

/** One line of such a file, with its end. */
export const csvLine = (values: readonly Value[]): string => `${values.map(csvCell).join(';')}\r\n`;

function csvCell(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (value instanceof Date) return dates.dayAndTime(value.toISOString()).replace(' à ', ' ');
  const text = harmless(value);
  return /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A text that a spreadsheet program would take for a formula (OWASP, CSV injection) is shown as the text it is. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** The letters as a workbook, written in a thread of its own: it takes seconds, in which everybody else would wait. */
export async function workbookOf(rows: AsyncIterable<HistoryRow>): Promise<Buffer> {
  const lines: Value[][] = [];
  for await (const row of rows) lines.push(COLUMNS.map(({ of }) => workbookCell(of(row))));
  const columns = COLUMNS.map(({ header, width }) => ({ header, width }));
  const worker = new Worker(program, { workerData: { columns, lines }, env: {}, execArgv: [], resourceLimits: LIMITS });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', (bytes: Uint8Array) => resolve(Buffer.from(bytes)));
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new WorkbookFailed(code)));
    });
  } finally {
    await worker.terminate();
  }
}

const LIMITS = { maxOldGenerationSizeMb: 512 };

/** Jest runs the sources, Node.js the build; the thread's program lies beside this one in both, and Node.js can read both. */
const program = new URL('./write-workbook.js', import.meta.url);
if (import.meta.url.endsWith('.ts')) program.pathname = program.pathname.replace(/\.js$/, '.ts');

/** Workbooks know no zones: what a clock in Paris shows is written as if it were UTC. */
function workbookCell(value: Value): Value {
  if (!(value instanceof Date)) return value;
  const { year, month, day, hour, minute } = wallClock('Europe/Paris', value.toISOString());
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
}

/** The thread ended without a workbook. */
class WorkbookFailed extends Error {
  readonly code = 'WORKBOOK_FAILED';
  constructor(code: number) {
    super(`The thread that writes a workbook ended with ${code}: ask for it again, or for CSV.`);
  }
}

export const TOO_MANY_TO_EXPORT = (format: ExportFormat) =>
  new EdgeFailure({
    status: 422,
    code: 'TOO_MANY_TO_EXPORT',
    title: `L’export ${format.toUpperCase()} contient ${LONGEST[format].toLocaleString('fr-FR')} lettres au plus : restreignez la période ou le statut, puis recommencez.`,
  });
