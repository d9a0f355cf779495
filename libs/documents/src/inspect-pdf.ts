import { Worker } from 'node:worker_threads';
import type { PdfExamination } from './examine-pdf.js';
import { pagesOfOurOwn } from './own-pdf.js';
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
 * ends with what costs too much. A file that this process has printed is no file from outside.
 * @returns the number of pages, 1 or more
 * @throws PdfRefused, PdfInspectionFailed
 */
export async function inspectPdf(bytes: Uint8Array, bounds = BOUNDS): Promise<{ pages: number }> {
  const pages = pagesOfOurOwn(bytes);
  if (pages !== undefined && bytes.length <= LARGEST_PDF_BYTES) return { pages };
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

/** Milliseconds after which a thread without work ends. */
const IDLE_MS = 10_000;

/** Threads that wait for work. Loading the parser takes longer than most files do. */
const idle: ExaminingThread[] = [];

/** What costs too much in a thread that has examined others before may owe it to what they left behind: it gets a new one. */
async function examine(bytes: Uint8Array, bounds: InspectionBounds): Promise<PdfExamination> {
  for (;;) {
    const place = idle.findIndex(({ heapMb }) => heapMb === bounds.heapMb);
    const [warm] = place === -1 ? [] : idle.splice(place, 1);
    const examination = await (warm ?? new ExaminingThread(bounds.heapMb)).examine(bytes, bounds);
    if (examination) return examination;
    if (!warm) return { refused: 'NOT_A_PDF' };
  }
}

/** A thread that examines one file after the other, and ends with the first that costs too much. It keeps no process alive. */
class ExaminingThread {
  private readonly worker: Worker;
  private farewell: NodeJS.Timeout | undefined;

  constructor(readonly heapMb: number) {
    this.worker = new Worker(program, {
      // The parser's remarks about odd files are nobody's business.
      stdout: true,
      stderr: true,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb, stackSizeMb: 4 },
    });
    this.worker.unref();
  }

  /**
   * @returns undefined when it cost more than it may
   * @throws PdfInspectionFailed
   */
  async examine(bytes: Uint8Array, bounds: InspectionBounds): Promise<PdfExamination | undefined> {
    clearTimeout(this.farewell);
    const guards = new AbortController();
    let examination: PdfExamination | undefined;
    try {
      const own = new Uint8Array(bytes);
      this.worker.postMessage(own, [own.buffer]);
      examination = await Promise.race([answerOf(this.worker), costOf(this.worker, bounds, guards.signal)]);
      return examination;
    } finally {
      guards.abort();
      for (const event of ['message', 'error', 'exit']) this.worker.removeAllListeners(event);
      if (examination) this.rest();
      else await this.worker.terminate();
    }
  }

  private rest(): void {
    idle.push(this);
    this.worker.once('error', () => this.leave()).once('exit', () => this.leave());
    this.farewell = setTimeout(() => {
      this.leave();
      void this.worker.terminate();
    }, IDLE_MS).unref();
  }

  private leave(): void {
    const place = idle.indexOf(this);
    if (place !== -1) idle.splice(place, 1);
  }
}

function answerOf(worker: Worker): Promise<PdfExamination | undefined> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: Error & { code?: string }) =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve(undefined) : reject(new PdfInspectionFailed(error)),
    );
    worker.once('exit', (code) => reject(new PdfInspectionFailed(`the thread ended with ${code}`)));
  });
}

/** Resolves when the examination has cost more than it may. Memory outside the heap is not under Node's resource limits. */
async function costOf(worker: Worker, bounds: InspectionBounds, signal: AbortSignal): Promise<undefined> {
  const until = performance.now() + bounds.timeoutMs;
  while (!signal.aborted && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    const external = await externalBytes(worker);
    if (external > bounds.externalBytes) return;
  }
}

async function externalBytes(worker: Worker): Promise<number> {
  try {
    return (await worker.getHeapStatistics()).external_memory;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
