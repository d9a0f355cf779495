import { tmpdir } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JointPrint } from './joint-print.js';
import { ofOurOwn } from './own-pdf.js';
import { plainDocument, wholeText, type PlainDocument } from './plain-document.js';
import { PrinterBusy, PrinterClosed, PrinterUnavailable, PrintFailed } from './print-errors.js';
import { PrintingBrowser, PrintTimedOut } from './printing-browser.js';
import { reproducible } from './reproducible-pdf.js';

export interface PdfPrinterOptions {
  /** Chromium, as PUPPETEER_EXECUTABLE_PATH names it. */
  executablePath: string;
  /** Jobs that are printed at once. Default 2. */
  atOnce?: number;
  /** Documents that are printed in one job at most. Default 50. */
  mostTogether?: number;
  /** Documents that wait at most. Default 2 000. */
  mostWaiting?: number;
  /** Jobs after which the browser makes way for a new one. Default 250. */
  jobsPerBrowser?: number;
  /** Milliseconds for one job. Default 20 000. */
  timeoutMs?: number;
  /** Folder for the browser's profile while it runs. Default: the machine's temporary folder. */
  profiles?: string;
}

/** A document that is to be printed, and who waits for it. */
interface Order {
  readonly html: string;
  /** Where the document is such that others can be printed with it. */
  readonly plain: PlainDocument | undefined;
  readonly createdAt: string | undefined;
  readonly done: PromiseWithResolvers<Buffer>;
}

/** Characters of bodies, pictures among them, that go into one job. */
const LARGEST_JOB = 8_000_000;

/**
 * Prints HTML as A4 PDF (or as its `@page` says), tagged for screen readers. The page runs no script and loads nothing: fonts
 * and pictures are `data:` URLs. The same HTML gives the same bytes, from the same Chromium, whatever is printed at the same time.
 *
 * Documents that wait at the same time and differ in title and body only are printed in one job, which costs a fraction of a job for
 * each: whoever has many asks for all of them at once. Such a document is laid out in a block of its own; see decision 19.
 *
 * One browser stays warm; it is started by the first document.
 */
export class PdfPrinter {
  private readonly options: Required<PdfPrinterOptions>;
  private readonly waiting: Order[] = [];
  private free: number;
  private readonly browsers = new Set<PrintingBrowser>();
  private launching: Promise<PrintingBrowser> | undefined;
  private current: PrintingBrowser | undefined;
  private closed = false;

  constructor(options: PdfPrinterOptions) {
    this.options = {
      atOnce: 2,
      mostTogether: 50,
      mostWaiting: 2_000,
      jobsPerBrowser: 250,
      timeoutMs: 20_000,
      profiles: tmpdir(),
      ...options,
    };
    this.free = this.options.atOnce;
  }

  /**
   * Prints one document. When the browser dies over it, it is printed once more by a new one.
   * @param createdAt ISO 8601 instant that the file bears as its date; without one it bears none
   * @throws PrinterBusy, PrinterUnavailable, PrinterClosed, PrintFailed
   */
  async print(html: string, { createdAt }: { createdAt?: string } = {}): Promise<Buffer> {
    if (this.closed) throw new PrinterClosed();
    if (this.waiting.length >= this.options.mostWaiting + this.free) throw new PrinterBusy(this.waiting.length);
    const plain = plainDocument(html);
    const order = { html: plain ? '' : html, plain, createdAt, done: Promise.withResolvers<Buffer>() };
    this.waiting.push(order);
    // Whatever is asked for in the same turn comes into the same job.
    void nextTurn().then(() => this.startJobs());
    return order.done.promise;
  }

  /** Ends the browser and every process of it. Documents that are not printed yet fail with PrinterClosed. */
  async close(): Promise<void> {
    this.closed = true;
    await this.launching?.catch(() => undefined);
    await Promise.all([...this.browsers].map((browser) => browser.close()));
  }

  private startJobs(): void {
    while (this.free > 0 && this.waiting.length > 0) {
      this.free -= 1;
      void this.carryOut(this.nextJob()).finally(() => {
        this.free += 1;
        this.startJobs();
      });
    }
  }

  /** The order that has waited longest, with those that can be printed with it. */
  private nextJob(): Order[] {
    const [first] = this.waiting;
    const job: Order[] = [];
    let size = 0;
    for (const order of this.waiting) {
      const isFitting = first?.plain && order.plain?.sheet === first.plain.sheet;
      if (order !== first && !isFitting) continue;
      size += order.plain?.body.length ?? 0;
      if (job.length > 0 && (job.length >= this.options.mostTogether || size > LARGEST_JOB)) break;
      job.push(order);
    }
    const taken = new Set(job);
    this.waiting.splice(0, this.waiting.length, ...this.waiting.filter((order) => !taken.has(order)));
    return job;
  }

  private async carryOut(job: readonly Order[]): Promise<void> {
    const left = job.length > 1 ? await this.printTogether(job) : job;
    for (const { html, plain, createdAt, done } of left) {
      await (plain ? this.printPlain(plain, createdAt) : this.printWhole(html, createdAt)).then(
        done.resolve,
        done.reject,
      );
    }
  }

  /** @returns what is to be printed by itself: one document's fault is no other's */
  private async printTogether(job: readonly Order[]): Promise<Order[]> {
    const documents = job.flatMap(({ plain }) => plain ?? []);
    const printed = await this.attempt((browser) => this.jobOf(browser, documents)).catch(() => undefined);
    const left: Order[] = [];
    for (const [index, order] of job.entries()) {
      const bytes = printed && cut(printed, index, order.createdAt);
      if (bytes) order.done.resolve(bytes);
      else left.push(order);
      // Cutting takes a millisecond or two of this process's time: others have their turn in between.
      await nextTurn();
    }
    return left;
  }

  /** The same as in a job of many: the bytes must not tell in which of both ways they came about. */
  private async printPlain(document: PlainDocument, createdAt: string | undefined): Promise<Buffer> {
    const printed = await this.printTwiceAtMost((browser) => this.jobOf(browser, [document]));
    return cut(printed, 0, createdAt) ?? (await this.printWhole(wholeText(document), createdAt));
  }

  private async printWhole(html: string, createdAt: string | undefined): Promise<Buffer> {
    return reproducible(
      await this.printTwiceAtMost((browser) => browser.print(html, this.options.timeoutMs)),
      createdAt,
    );
  }

  private async jobOf(browser: PrintingBrowser, documents: readonly PlainDocument[]): Promise<Job> {
    const { pdf, titles, marks } = await browser.printTogether(documents, this.options.timeoutMs);
    return { titles, print: JointPrint.read(pdf, marks) };
  }

  private async printTwiceAtMost<Result>(work: (browser: PrintingBrowser) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (error instanceof PrinterClosed || error instanceof PrinterUnavailable) throw error;
        if (error instanceof PrintTimedOut) throw new PrintFailed('TIMEOUT', error);
        if (attempt === 2) throw new PrintFailed('CRASH', error);
      }
    }
  }

  private async attempt<Result>(work: (browser: PrintingBrowser) => Promise<Result>): Promise<Result> {
    const browser = await this.browser();
    try {
      return await work(browser);
    } catch (error) {
      await this.giveUp(browser);
      throw this.closed ? new PrinterClosed() : error;
    }
  }

  /** The warm browser, or a new one when it has done its share or is gone. */
  private async browser(): Promise<PrintingBrowser> {
    if (this.closed) throw new PrinterClosed();
    const { current } = this;
    if (current?.usable && current.given < this.options.jobsPerBrowser) return current;
    if (current) {
      this.current = undefined;
      void current.retire().finally(() => this.browsers.delete(current));
    }
    this.launching ??= this.launch().finally(() => (this.launching = undefined));
    return this.launching;
  }

  private async launch(): Promise<PrintingBrowser> {
    const { executablePath, profiles } = this.options;
    const browser = await PrintingBrowser.launch(executablePath, profiles).catch((error: unknown) => {
      throw new PrinterUnavailable(error);
    });
    this.browsers.add(browser);
    this.current = browser;
    return browser;
  }

  private async giveUp(browser: PrintingBrowser): Promise<void> {
    if (this.current === browser) this.current = undefined;
    await browser.kill();
    this.browsers.delete(browser);
  }
}

/** Many documents in one print. */
interface Job {
  readonly titles: readonly string[];
  /** Undefined when nothing can be cut out of it. */
  readonly print: JointPrint | undefined;
}

/** @returns undefined when the document cannot be cut out */
function cut({ print, titles }: Job, index: number, createdAt: string | undefined): Buffer | undefined {
  const printed = print?.document(index, { title: titles[index] ?? '', createdAt });
  return printed && ofOurOwn(printed.bytes, printed.pages);
}
