import { Worker } from 'node:worker_threads';
import type { Binding } from './bind-pages.js';
import { Slots } from './slots.js';

/**
 * Why files cannot be put together. UNREADABLE: one of them opens in a reader, but not page by page. TOO_MANY_PAGES: more than go through
 * a printer at once. TOO_COSTLY: they want more time or memory than one envelope may cost.
 */
export type BindingFailure = 'UNREADABLE' | 'TOO_MANY_PAGES' | 'TOO_COSTLY';

/** The files cannot be printed as one. */
export class BindingFailed extends Error {
  constructor(readonly code: BindingFailure) {
    super(`The files cannot be put together for printing (${code}): print them one by one.`);
    this.name = 'BindingFailed';
  }
}

export interface Bound {
  readonly bytes: Buffer;
  /** Always an even number: two to a sheet. */
  readonly pages: number;
}

/** Pages of one file, sheets of a ream. */
const MOST_PAGES = 1_000;
const TIMEOUT_MS = 60_000;
const HEAP_MB = 768;

/** Each may hold all its files twice. */
const slots = new Slots(1);

/**
 * Puts PDFs together for printing on both sides: each begins on the front of a sheet, with a white page before it where the one before
 * ends on a front. The same files give the same bytes.
 *
 * @param createdAt ISO 8601 instant that the file bears as its date
 * @throws BindingFailed
 */
export function bindForPrinting(parts: readonly Uint8Array[], { createdAt }: { createdAt: string }): Promise<Bound> {
  return slots.run(() => bind(parts, createdAt));
}

/** Jest runs the sources, Node.js the build; the thread's program lies beside this one in both, and Node.js can read both. */
const program = new URL('./bind-pages.js', import.meta.url);
if (import.meta.url.endsWith('.ts')) program.pathname = program.pathname.replace(/\.js$/, '.ts');

async function bind(parts: readonly Uint8Array[], createdAt: string): Promise<Bound> {
  const worker = new Worker(program, {
    workerData: { parts, createdAt, mostPages: MOST_PAGES },
    // The parser's remarks about odd files are nobody's business.
    stdout: true,
    stderr: true,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, stackSizeMb: 4 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const binding = await new Promise<Binding>((resolve, reject) => {
      timer = setTimeout(() => reject(new BindingFailed('TOO_COSTLY')), TIMEOUT_MS);
      worker.once('message', resolve);
      worker.once('error', () => reject(new BindingFailed('TOO_COSTLY')));
      worker.once('exit', () => reject(new BindingFailed('TOO_COSTLY')));
    });
    if ('refused' in binding) throw new BindingFailed(binding.refused);
    return { bytes: Buffer.from(binding.bytes), pages: binding.pages };
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
