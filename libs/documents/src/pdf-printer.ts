import { tmpdir } from 'node:os';
import { PrinterBusy, PrinterClosed, PrinterUnavailable, PrintFailed } from './print-errors.js';
import { PrintingBrowser, PrintTimedOut } from './printing-browser.js';
import { reproducible } from './reproducible-pdf.js';
import { Slots } from './slots.js';

export interface PdfPrinterOptions {
  /** Chromium, as PUPPETEER_EXECUTABLE_PATH names it. */
  executablePath: string;
  /** Documents that are printed at once. Default 2. */
  atOnce?: number;
  /** Documents that wait at most. Default 200. */
  mostWaiting?: number;
  /** Documents after which the browser makes way for a new one. Default 250. */
  jobsPerBrowser?: number;
  /** Milliseconds for one document. Default 20 000. */
  timeoutMs?: number;
  /** Folder for the browser's profile while it runs. Default: the machine's temporary folder. */
  profiles?: string;
}

/**
 * Prints HTML as A4 PDF (or as its `@page` says), tagged for screen readers. The page runs no script and loads nothing: fonts
 * and pictures are `data:` URLs. The same HTML gives the same bytes, from the same Chromium.
 *
 * One browser stays warm; it is started by the first document.
 */
export class PdfPrinter {
  private readonly options: Required<PdfPrinterOptions>;
  private readonly slots: Slots;
  private readonly browsers = new Set<PrintingBrowser>();
  private launching: Promise<PrintingBrowser> | undefined;
  private current: PrintingBrowser | undefined;
  private closed = false;

  constructor(options: PdfPrinterOptions) {
    this.options = {
      atOnce: 2,
      mostWaiting: 200,
      jobsPerBrowser: 250,
      timeoutMs: 20_000,
      profiles: tmpdir(),
      ...options,
    };
    this.slots = new Slots(this.options.atOnce);
  }

  /**
   * Prints one document. When the browser dies over it, it is printed once more by a new one.
   * @param createdAt ISO 8601 instant that the file bears as its date; without one it bears none
   * @throws PrinterBusy, PrinterUnavailable, PrinterClosed, PrintFailed
   */
  async print(html: string, { createdAt }: { createdAt?: string } = {}): Promise<Buffer> {
    if (this.closed) throw new PrinterClosed();
    if (this.slots.waiting >= this.options.mostWaiting) throw new PrinterBusy(this.slots.waiting);
    return reproducible(await this.slots.run(() => this.printTwiceAtMost(html)), createdAt);
  }

  /** Ends the browser and every process of it. Documents that are not printed yet fail with PrinterClosed. */
  async close(): Promise<void> {
    this.closed = true;
    await this.launching?.catch(() => undefined);
    await Promise.all([...this.browsers].map((browser) => browser.close()));
  }

  private async printTwiceAtMost(html: string): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      const browser = await this.browser();
      try {
        return await browser.print(html, this.options.timeoutMs);
      } catch (error) {
        await this.giveUp(browser);
        if (this.closed) throw new PrinterClosed();
        if (error instanceof PrintTimedOut) throw new PrintFailed('TIMEOUT', error);
        if (attempt === 2) throw new PrintFailed('CRASH', error);
      }
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
