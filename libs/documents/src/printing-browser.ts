import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, HTTPRequest, Page } from 'puppeteer';
import type { PlainDocument } from './plain-document.js';

/** The one address that a printed page has; everything else it asks for is refused. */
const DOCUMENT = 'http://document.invalid/';

/** What a document may do: nothing but show itself, nor go anywhere (`sandbox` forbids `<meta http-equiv="refresh">`, too). */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; form-action 'none'; sandbox";

/** No network of its own either: every address leads to a proxy on a port where nobody listens. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--proxy-server=http://127.0.0.1:9',
  '--proxy-bypass-list=<-loopback>',
  '--font-render-hinting=none',
];

/**
 * Runs in the page. Each document gets a block of its own, begun on a new page: no rule of the sheet reaches the block itself; what
 * the document positions or counts stays within it, and what would stand above or below it is cut off. Its body is parsed by
 * itself, so that no tag of it ends anything but its own. The blocks are marked by the links of a last page: for these the PDF
 * names the pages on which the blocks begin.
 */
const COMPOSE = `async (documents, marks) => {
  const root = document.documentElement;
  const body = (globalThis.bodyOfSheet ??= document.body);
  const rules = ['all: unset', 'display: block', 'break-before: page', 'contain: layout style', 'overflow: visible clip']
    .map((rule) => rule + ' !important').join(';');
  const block = (name, mark) => {
    const made = document.createElement(name);
    made.id = mark;
    made.style.cssText = rules;
    root.append(made);
    return made;
  };
  body.remove();
  documents.forEach((text, index) => {
    const own = body.cloneNode(false);
    own.innerHTML = text.body;
    block('pli-document', marks[index]).append(own);
  });
  const last = block('pli-marks', marks[documents.length]);
  for (const mark of marks) last.append(Object.assign(document.createElement('a'), { href: '#' + mark, textContent: '.' }));
  await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
  const parser = new DOMParser();
  return documents.map(({ title }) => parser.parseFromString('<title>' + title + '</title>', 'text/html').title);
}`;

/** Leaves the page as it was before the first document came. */
const CLEAR = "document.querySelectorAll('pli-document, pli-marks').forEach((block) => block.remove())";

const LAUNCH_MS = 30_000;
const GOODBYE_MS = 3_000;

/** The document took longer than it may. */
export class PrintTimedOut extends Error {
  readonly code = 'PRINT_TIMED_OUT';
}

/** Many documents in one PDF, one behind the other. */
export interface PrintedTogether {
  readonly pdf: Uint8Array;
  /** Of each document, as a reader sees it. */
  readonly titles: readonly string[];
  /** Names of the destinations at which the documents begin, and of one behind the last. */
  readonly marks: readonly string[];
}

/** A page in a context of its own, and what comes should it crash. */
interface Tab {
  readonly page: Page;
  readonly crashed: Promise<never>;
}

/** Pages that are kept for more documents of their sheets at most. */
const MOST_READY = 4;

/**
 * One headless Chromium with a fresh profile, reached through a pipe: when this process dies, however it dies, the pipe breaks
 * and the browser ends.
 */
export class PrintingBrowser {
  /** How many jobs it was given. */
  given = 0;
  /** Pages that wait for more documents, by sheet. */
  private readonly ready = new Map<string, Tab>();
  private running = 0;
  private ending: Promise<void> | undefined;
  private onceIdle: (() => void) | undefined;

  private constructor(
    private readonly browser: Browser,
    private readonly profile: string,
  ) {}

  /**
   * @param folder where the profile lies while the browser runs
   * @throws whatever keeps the browser from starting
   */
  static async launch(executablePath: string, folder: string): Promise<PrintingBrowser> {
    // Only a process that prints pays for loading the driver.
    const { default: puppeteer } = await import('puppeteer');
    const profile = await mkdtemp(join(folder, 'pli-printer-'));
    try {
      const browser = await puppeteer.launch({
        executablePath,
        pipe: true,
        userDataDir: profile,
        args: ARGUMENTS,
        env: environment(profile),
        timeout: LAUNCH_MS,
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
      });
      return new PrintingBrowser(browser, profile);
    } catch (error) {
      await remove(profile);
      throw error;
    }
  }

  get usable(): boolean {
    return this.ending === undefined && this.browser.connected;
  }

  /** Process id of the browser, which leads a process group of its own. */
  get pid(): number | undefined {
    return this.browser.process()?.pid;
  }

  /**
   * Prints one document on a page of its own, in a context of its own.
   * @throws PrintTimedOut, or whatever became of the browser
   */
  print(html: string, timeoutMs: number): Promise<Uint8Array> {
    return this.within(timeoutMs, async () => {
      const tab = await this.newTab(html, timeoutMs);
      const pdf = await Promise.race([pdfOf(tab.page, timeoutMs), tab.crashed]);
      await tab.page.browserContext().close();
      return pdf;
    });
  }

  /**
   * Prints documents of one sheet in one go, on a page that has its fonts ready from an earlier job or is new, in a context of its own.
   * @throws PrintTimedOut, or whatever became of the browser
   */
  printTogether(documents: readonly PlainDocument[], timeoutMs: number): Promise<PrintedTogether> {
    return this.within(timeoutMs, async () => {
      const sheet = documents[0]?.sheet ?? '';
      const tab = this.readyTab(sheet) ?? (await this.newTab(`${sheet}</body></html>`, timeoutMs));
      const printed = await Promise.race([together(tab.page, documents, timeoutMs), tab.crashed]);
      this.keep(sheet, tab);
      return printed;
    });
  }

  private async within<Result>(timeoutMs: number, work: () => Promise<Result>): Promise<Result> {
    this.given += 1;
    this.running += 1;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new PrintTimedOut(`Not printed within ${timeoutMs} ms.`)), timeoutMs);
    });
    try {
      return await Promise.race([work(), late]);
    } finally {
      clearTimeout(timer);
      this.running -= 1;
      if (this.running === 0) this.onceIdle?.();
    }
  }

  private async newTab(html: string, timeoutMs: number): Promise<Tab> {
    const context = await this.browser.createBrowserContext();
    const page = await context.newPage();
    const crashed = new Promise<never>((_resolve, reject) => page.once('error', reject));
    crashed.catch(() => this.ready.forEach((tab, sheet) => tab.page === page && this.ready.delete(sheet)));
    await Promise.race([show(page, html, timeoutMs), crashed]);
    return { page, crashed };
  }

  private readyTab(sheet: string): Tab | undefined {
    const tab = this.ready.get(sheet);
    this.ready.delete(sheet);
    return tab;
  }

  /** One page for each of the sheets used last. */
  private keep(sheet: string, tab: Tab): void {
    const [oldest] = this.ready.keys();
    const superfluous =
      this.ready.get(sheet) ?? (this.ready.size < MOST_READY ? undefined : this.ready.get(oldest ?? ''));
    if (superfluous && superfluous !== this.ready.get(sheet)) this.ready.delete(oldest ?? '');
    this.ready.set(sheet, tab);
    void superfluous?.page
      .browserContext()
      .close()
      .catch(() => undefined);
  }

  /** Lets the documents under way come out, then ends the browser. */
  async retire(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => (this.onceIdle = resolve));
    await this.close();
  }

  /** Ends the browser and every process of it; documents under way fail. */
  close(): Promise<void> {
    this.ending ??= this.end();
    return this.ending;
  }

  private async end(): Promise<void> {
    const goodbye = this.browser.close().catch(() => undefined);
    await Promise.race([goodbye, new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref())]);
    killGroup(this.pid);
    await goodbye;
    await remove(this.profile);
  }

  /** Ends the browser without a word, as one does with a browser that hangs. */
  async kill(): Promise<void> {
    killGroup(this.pid);
    await this.close();
  }
}

async function show(page: Page, html: string, timeout: number): Promise<void> {
  await page.setJavaScriptEnabled(false);
  await page.setRequestInterception(true);
  page.on('request', (request) => void answer(request, html).catch(() => undefined));
  await page.goto(DOCUMENT, { waitUntil: 'load', timeout });
}

async function together(page: Page, documents: readonly PlainDocument[], timeout: number): Promise<PrintedTogether> {
  const job = randomUUID().replaceAll('-', '');
  const marks = Array.from({ length: documents.length + 1 }, (_, index) => `job${job}n${index}`);
  const texts = documents.map(({ title, body }) => ({ title, body }));
  const titles = (await page.evaluate(`(${COMPOSE})(${JSON.stringify(texts)}, ${JSON.stringify(marks)})`)) as string[];
  const pdf = await pdfOf(page, timeout);
  await page.evaluate(CLEAR);
  return { pdf, titles, marks };
}

function pdfOf(page: Page, timeout: number): Promise<Uint8Array> {
  return page.pdf({
    format: 'A4',
    preferCSSPageSize: true,
    printBackground: true,
    tagged: true,
    outline: false,
    timeout,
  });
}

function answer(request: HTTPRequest, html: string): Promise<void> {
  if (request.url() !== DOCUMENT || !request.isNavigationRequest()) return request.abort('blockedbyclient');
  const headers = { 'Content-Security-Policy': POLICY };
  return request.respond({ status: 200, contentType: 'text/html; charset=utf-8', headers, body: html });
}

/** The browser gets none of our variables: keys and passwords are among them. One zone and language for every machine. */
function environment(profile: string): Record<string, string> {
  const { PATH = '/usr/bin:/bin', LD_LIBRARY_PATH } = process.env;
  return { PATH, HOME: profile, TZ: 'UTC', LANG: 'fr_FR.UTF-8', ...(LD_LIBRARY_PATH ? { LD_LIBRARY_PATH } : {}) };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

async function remove(profile: string): Promise<void> {
  // What cannot be removed lies in a temporary folder: no reason to fail a document.
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}
