// The program of the thread in which workbookOf has its workbook written. It imports nothing of ours and is plain JavaScript but for
// its types, so that Node.js runs it as it is, too.
import { parentPort, workerData } from 'node:worker_threads';
import writeExcelFile from 'write-excel-file/node';

type Value = string | number | Date | null;
const { columns, lines } = workerData as {
  readonly columns: readonly { readonly header: string; readonly width: number }[];
  readonly lines: readonly (readonly Value[])[];
};

const header = columns.map((column) => ({ value: column.header, fontWeight: 'bold' as const }));
/** Texts are cells of type text: none of them is a formula. */
const cell = (value: Value) => (value instanceof Date ? { value, format: 'dd/mm/yyyy hh:mm' } : value);

const options = { columns: columns.map(({ width }) => ({ width })), sheet: 'Lettres', stickyRowsCount: 1 };
const bytes = await writeExcelFile([header, ...lines.map((line) => line.map(cell))], options).toBuffer();
parentPort?.postMessage(new Uint8Array(bytes));
