import { Worker } from 'node:worker_threads';
import type { PdfExamination } from './examine-pdf.js';
import { Slots } from './slots.js';

/**
 * Why a file cannot be a document of a letter. TOO_LARGE: more than 25 MB. EMPTY: no byte, or no page. ENCRYPTED: a password,
 * be it an empty one, or rights management. NOT_A_PDF: everything else that is not a whole, readable PDF.
 */
export type PdfRefusal = 'TOO_LARGE' | 'NOT_A_PDF' | 'ENCRYPTED' | 'EMPTY';

/** 25 MB as the product counts them. */
export const LARGEST_PDF_BYTES = 25 * 1024 * 1024;

const SENTENCES: Readonly<Record<PdfRefusal, string>> = {
  TOO_LARGE:
    'Ce document dépasse 25 Mo : réduisez-le ou répartissez-le en plusieurs fichiers, puis ajoutez-le de nouveau.',
  NOT_A_PDF:
    'Ce fichier n’est pas un PDF lisible, ou il est incomplet : enregistrez-le de nouveau au format PDF, puis ajoutez-le.',
  ENCRYPTED:
    'Ce PDF est protégé (mot de passe ou restrictions) : enregistrez-le sans protection, puis ajoutez-le de nouveau.',
  EMPTY: 'Ce document est vide : choisissez un PDF qui contient au moins une page.',
};

/** The file cannot be sent. Its message is the French sentence for the person who chose it. */
export class PdfRefused extends Error {
  constructor(readonly code: PdfRefusal) {
    super(SENTENCES[code]);
    this.name = 'PdfRefused';
  }
}

/** The examination itself could not be made: a fault of the program or the machine, not of the file. */
class PdfInspectionFailed extends Error {
  readonly code = 'PDF_INSPECTION_FAILED';

  constructor(cause: unknown) {
    super(
      'The PDF could not be examined: try again; if it goes on, check the memory of the machine and the installation.',
      {
        cause,
      },
    );
    this.name = 'PdfInspectionFailed';
  }
}

/** What one examination may cost. A file that wants more is refused as NOT_A_PDF. */
export interface InspectionBounds {
  timeoutMs: number;
  /** JavaScript heap of the parser, in MiB. */
  heapMb: number;
  /** Bytes outside that heap, where decompressed streams go. */
  externalBytes: number;
}

const BOUNDS: InspectionBounds = { timeoutMs: 15_000, heapMb: 768, externalBytes: 512 * 1024 * 1024 };
const WATCH_MS = 50;

/** Two at once: each may hold the file, its objects and a processor. */
const slots = new Slots(2);

/**
 * Reads a file from outside as a PDF. A hostile one can cost its bounds and no more: it is parsed in a thread of its own, which
 * ends with it.
 * @returns the number of pages, 1 or more
 * @throws PdfRefused, PdfInspectionFailed
 */
export async function inspectPdf(bytes: Uint8Array, bounds = BOUNDS): Promise<{ pages: number }> {
  if (bytes.length === 0) throw new PdfRefused('EMPTY');
  if (bytes.length > LARGEST_PDF_BYTES) throw new PdfRefused('TOO_LARGE');
  if (!looksWhole(bytes)) throw new PdfRefused('NOT_A_PDF');
  const result = await slots.run(() => examine(bytes, bounds));
  if ('refused' in result) throw new PdfRefused(result.refused);
  return result;
}

/** Header within the first and end mark within the last 1024 bytes, as Acrobat wants them (PDF 1.7 reference, notes 13 and 18). */
function looksWhole(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return file.subarray(0, 1024).includes('%PDF-') && file.subarray(-1024).includes('%%EOF');
}

/** Jest runs the sources, Node.js the build; the thread's program lies beside this one in both, and Node.js can read both. */
const program = new URL('./examine-pdf.js', import.meta.url);
if (import.meta.url.endsWith('.ts')) program.pathname = program.pathname.replace(/\.js$/, '.ts');

async function examine(bytes: Uint8Array, bounds: InspectionBounds): Promise<PdfExamination> {
  const worker = new Worker(program, {
    workerData: bytes,
    // The parser's remarks about odd files are nobody's business.
    stdout: true,
    stderr: true,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: bounds.heapMb, stackSizeMb: 4 },
  });
  const guards = new AbortController();
  try {
    return await Promise.race([answerOf(worker), costOf(worker, bounds, guards.signal)]);
  } finally {
    guards.abort();
    await worker.terminate();
  }
}

function answerOf(worker: Worker): Promise<PdfExamination> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: Error & { code?: string }) =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? resolve({ refused: 'NOT_A_PDF' })
        : reject(new PdfInspectionFailed(error)),
    );
    worker.once('exit', (code) => reject(new PdfInspectionFailed(`the thread ended with ${code}`)));
  });
}

/** Resolves when the examination has cost more than it may. Memory outside the heap is not under Node's resource limits. */
async function costOf(worker: Worker, bounds: InspectionBounds, signal: AbortSignal): Promise<PdfExamination> {
  const until = performance.now() + bounds.timeoutMs;
  while (!signal.aborted && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    const external = await externalBytes(worker);
    if (external > bounds.externalBytes) break;
  }
  return { refused: 'NOT_A_PDF' };
}

async function externalBytes(worker: Worker): Promise<number> {
  try {
    return (await worker.getHeapStatistics()).external_memory;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
