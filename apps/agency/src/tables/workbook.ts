import { Worker } from 'node:worker_threads';
import type { WorkbookReading, WorkbookRefusal } from './workbook-thread.js';
import { TableRefused } from './table-file.js';

const SENTENCES: Readonly<Record<WorkbookRefusal, string>> = {
  TOO_LARGE:
    'Ce classeur est trop volumineux : gardez les seules lignes à importer dans une feuille, ou enregistrez-la au format CSV.',
  UNREADABLE:
    'Ce fichier n’est pas un classeur Excel lisible : enregistrez-le au format .xlsx ou CSV, puis choisissez-le de nouveau.',
  OLD_FORMAT:
    'Ce classeur est à l’ancien format .xls : enregistrez-le au format .xlsx ou CSV, puis choisissez-le de nouveau.',
};

/** What the reading of one workbook may cost; one that wants more is refused. */
const LONGEST_MS = 15_000;
const HEAP_MB = 256;

/** Jest runs the sources, Node.js the build; the thread's program lies beside this one in both, and Node.js can read both. */
const program = new URL('./workbook-thread.js', import.meta.url);
if (import.meta.url.endsWith('.ts')) program.pathname = program.pathname.replace(/\.js$/, '.ts');

/** Whether a file is a ZIP archive, as workbooks are (OPC, ISO/IEC 29500-2), or an old workbook (CFB). */
export const isWorkbook = (bytes: Buffer): boolean =>
  bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1')) || isOldWorkbook(bytes);

const isOldWorkbook = (bytes: Buffer): boolean => bytes.subarray(0, 4).equals(Buffer.from('d0cf11e0', 'hex'));

/**
 * The cells of a workbook's first sheet as a person would have written them: days as `14/03/2026`, numbers with a comma and two decimals at
 * most. A hostile file can cost its bounds and no more: it is read in a thread of its own, which ends with it.
 *
 * @throws TableRefused
 */
export async function workbookRows(bytes: Buffer): Promise<readonly (readonly string[])[]> {
  if (isOldWorkbook(bytes)) throw new TableRefused(SENTENCES.OLD_FORMAT);
  const worker = new Worker(program, {
    workerData: bytes,
    stdout: true,
    stderr: true,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, stackSizeMb: 4 },
  });
  const reading = await outcomeOf(worker).finally(() => worker.terminate());
  if ('rows' in reading) return reading.rows;
  throw new TableRefused(SENTENCES[reading.refused]);
}

function outcomeOf(worker: Worker): Promise<WorkbookReading> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve({ refused: 'TOO_LARGE' }), LONGEST_MS);
    const settle = (reading: WorkbookReading): void => {
      clearTimeout(late);
      resolve(reading);
    };
    worker.once('message', settle);
    worker.once('error', (error: Error & { code?: string }) =>
      settle({ refused: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'TOO_LARGE' : 'UNREADABLE' }),
    );
    worker.once('exit', () => settle({ refused: 'UNREADABLE' }));
  });
}
