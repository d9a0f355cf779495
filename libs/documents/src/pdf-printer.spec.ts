/**
 * pdf-lib mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDict, PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import {
  inspectPdf,
  PdfPrinter,
  PrinterBusy,
  PrinterClosed,
  PrinterUnavailable,
  PrintFailed,
  renderAcknowledgement,
  type PdfPrinterOptions,
} from './index.js';

const executablePath = process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '';
const AT = '2018-03-20T13:37:07.000Z';
const acknowledgement = renderAcknowledgement({
  reference: 'LRE_9998_001_20180320143707',
  recipientName: 'M. et Mme CHARPENTIER Jean Luc',
  depositedAt: AT,
  documentCount: 1,
});
/** Takes a second or more: long enough to be in the middle of it. */
const LONG = `<table>${'<tr><td>ligne<td>de<td>texte</tr>'.repeat(3_000)}</table>`;

let folder: string;
const printers: PdfPrinter[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-printer-spec-'));
});

afterEach(async () => {
  await Promise.all(printers.splice(0).map((printer) => printer.close()));
  await rm(folder, { recursive: true, force: true });
});

function printerWith(options: Partial<PdfPrinterOptions> = {}): PdfPrinter {
  const made = new PdfPrinter({ executablePath, profiles: folder, ...options });
  printers.push(made);
  return made;
}

/** Process groups of the browsers that this spec has seen. */
const groups = new Set<string>();

/** The first process of each living browser: it names its profile, which lies in this spec's own folder. */
function leaders(): number[] {
  const found = numbers().filter((pid) => aboutProcess(pid, 'cmdline').includes(`--user-data-dir=${folder}/`));
  found.forEach((pid) => groups.add(pid));
  return found.map(Number);
}

/** Every process of the browsers, those included whose first process is gone (proc(5): the process group is field 5). */
function processes(program = ''): number[] {
  leaders();
  const group = (pid: string) =>
    aboutProcess(pid, 'stat')
      .replace(/^.*\) /, '')
      .split(' ')[2] ?? '';
  return numbers()
    .filter((pid) => groups.has(group(pid)) && aboutProcess(pid, 'cmdline').includes(program))
    .map(Number);
}

const numbers = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

function aboutProcess(pid: string, what: 'cmdline' | 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'latin1');
  } catch {
    // It has just ended.
    return '';
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new TypeError(`Waited in vain for: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

const failureOf = (printing: Promise<unknown>): Promise<unknown> =>
  printing.then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe('a printed document', () => {
  it('is a tagged A4 PDF in French, with its fonts inside', async () => {
    const pdf = await printerWith().print(acknowledgement, { createdAt: AT });
    const document = await PDFDocument.load(pdf, { updateMetadata: false });
    expect(document.getPageCount()).toBe(1);
    expect(document.getPage(0).getWidth()).toBeCloseTo(595, 0);
    expect(document.getPage(0).getHeight()).toBeCloseTo(842, 0);
    expect(document.getTitle()).toBe('Accusé de réception LRE_9998_001_20180320143707');
    expect(document.getCreationDate()?.toISOString()).toBe(AT);
    expect(document.catalog.lookup(PDFName.of('MarkInfo'), PDFDict).get(PDFName.of('Marked'))?.toString()).toBe('true');
    expect(document.catalog.get(PDFName.of('Lang'))?.toString()).toContain('fr');
    expect(document.catalog.has(PDFName.of('StructTreeRoot'))).toBe(true);
    const fonts = document.context
      .enumerateIndirectObjects()
      .map(([, object]) => object)
      .filter((object) => object instanceof PDFDict)
      .filter((dict) => dict.get(PDFName.of('Type')) === PDFName.of('FontDescriptor'));
    expect(fonts.map((font) => font.get(PDFName.of('FontName'))?.toString()).join()).toMatch(
      /SourceSans3.*SourceSerif4/,
    );
    for (const font of fonts) expect(font.lookup(PDFName.of('FontFile2'))).toBeInstanceOf(PDFRawStream);
    await expect(inspectPdf(pdf)).resolves.toEqual({ pages: 1 });
  });

  it('is the same byte for byte: at another time, from another browser, among others', async () => {
    const first = await printerWith().print(acknowledgement, { createdAt: AT });
    const printer = printerWith({ atOnce: 3 });
    // The clock of a PDF counts seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const others = Array.from({ length: 6 }, (_, n) => `<h1>Autre ${n}</h1>${'<p>texte</p>'.repeat(n * 20)}`);
    const printed = await Promise.all(
      [...others, acknowledgement, acknowledgement].map((html) => printer.print(html, { createdAt: AT })),
    );
    for (const again of printed.slice(-2)) expect(again.equals(first)).toBe(true);
    expect(printed[0]?.equals(first)).toBe(false);
    const undated = await printer.print(acknowledgement);
    expect((await PDFDocument.load(undated, { updateMetadata: false })).getCreationDate()).toBeUndefined();
    expect(undated.toString('latin1')).not.toMatch(/D:\d{14}/);
  });

  it('keeps its identifier apart from the one of another document', async () => {
    const printer = printerWith();
    const [one, other] = await Promise.all(['<p>un</p>', '<p>deux</p>'].map((html) => printer.print(html)));
    const idOf = (pdf: Buffer | undefined) => /\/ID \[<([\da-f]{32})>/.exec(pdf?.toString('latin1') ?? '')?.[1];
    expect(idOf(one)).toMatch(/^[\da-f]{32}$/);
    expect(idOf(one)).not.toBe(idOf(other));
  });
});

describe('a document has no power', () => {
  it('runs no script', async () => {
    const script = `<script>document.body.innerHTML = '<p style="break-after: page">x</p>'.repeat(9)</script>`;
    const pdf = await printerWith().print(`<p onclick="1">une page</p>${script}<img src="data:," onerror="${script}">`);
    await expect(inspectPdf(pdf)).resolves.toEqual({ pages: 1 });
  });

  it('reaches no server', async () => {
    const callers: Socket[] = [];
    const server = createServer((socket) => callers.push(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await printerWith().print(
        `<link rel="preconnect" href="${site}"><link rel="dns-prefetch" href="${site}"><link rel="prefetch" href="${site}/a">
        <link rel="stylesheet" href="${site}/b.css"><style>@import url(${site}/c.css); p { background: url(${site}/d.png) }
        @font-face { font-family: f; src: url(${site}/e.woff2) } p { font-family: f }</style><p>texte</p>
        <img src="${site}/f.png"><iframe src="${site}/g"></iframe><object data="${site}/h"></object><embed src="${site}/i">
        <video src="${site}/j" poster="${site}/k"></video><svg><image href="${site}/l"/></svg>
        <meta http-equiv="refresh" content="0;url=${site}/m">`,
      );
      expect(callers).toEqual([]);
    } finally {
      callers.forEach((socket) => socket.destroy());
      server.close();
    }
  });

  it('finds none of our secrets in the browser', async () => {
    process.env['PLI_MASTER_KEY'] = 'une-clef';
    try {
      await printerWith().print('<p>x</p>');
      expect(processes().length).toBeGreaterThan(0);
      for (const pid of processes()) expect(aboutProcess(String(pid), 'environ')).not.toContain('PLI_MASTER_KEY');
    } finally {
      delete process.env['PLI_MASTER_KEY'];
    }
  });
});

describe('the printer', () => {
  it('keeps one browser warm, and takes a new one after some documents', async () => {
    const printer = printerWith({ jobsPerBrowser: 2 });
    const seen = [];
    for (let n = 0; n < 3; n++) {
      await printer.print(`<p>${n}</p>`);
      seen.push(leaders().at(-1));
    }
    expect(seen[0]).toBe(seen[1]);
    await until(() => leaders().length === 1);
    expect(leaders()).not.toContain(seen[0]);
  });

  it('refuses what it has no place for', async () => {
    const printer = printerWith({ atOnce: 1, mostWaiting: 1 });
    const taken = [printer.print('<p>1</p>'), printer.print('<p>2</p>')];
    await expect(printer.print('<p>3</p>')).rejects.toThrow(PrinterBusy);
    await Promise.all(taken);
    await printer.print('<p>3</p>');
  });

  it('prints again what a crash interrupted', async () => {
    const printer = printerWith();
    await printer.print('<p>warm</p>');
    const [first] = leaders();
    const printing = printer.print(LONG);
    await new Promise((resolve) => setTimeout(resolve, 150));
    kill(first ?? 0);
    await expect(inspectPdf(await printing)).resolves.toEqual({ pages: expect.any(Number) });
    expect(leaders()).toHaveLength(1);
    expect(leaders()).not.toContain(first);
  });

  it('prints one by one what a crash interrupted that was printed together', async () => {
    const printer = printerWith();
    const [first, ...others] = await Promise.all(
      [1, 2, 3].map(() => printer.print(acknowledgement, { createdAt: AT })),
    );
    const [browser] = leaders();
    const printing = Promise.all([1, 2, 3].map(() => printer.print(acknowledgement, { createdAt: AT })));
    await until(() => processes('--type=renderer').length > 0);
    kill(browser ?? 0);
    for (const pdf of [...others, ...(await printing)]) expect(first?.equals(pdf)).toBe(true);
    expect(leaders()).not.toContain(browser);
  });

  it('prints again when only the page crashed', async () => {
    const printer = printerWith();
    await printer.print('<p>warm</p>');
    const printing = printer.print(LONG);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(processes('--type=renderer').length).toBeGreaterThan(0);
    processes('--type=renderer').forEach(kill);
    await printing;
  });

  it('goes on after a browser that died while nobody printed', async () => {
    const printer = printerWith();
    await printer.print('<p>1</p>');
    leaders().forEach(kill);
    await printer.print('<p>2</p>');
  });

  it('gives a document up over which the browser dies twice', async () => {
    const printer = printerWith();
    await printer.print('<p>warm</p>');
    const [first = 0] = leaders();
    const failure = failureOf(printer.print(LONG.repeat(10)));
    await new Promise((resolve) => setTimeout(resolve, 150));
    kill(first);
    await until(() => leaders().some((pid) => pid !== first) && processes('--type=renderer').length > 0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    leaders().forEach(kill);
    // On a machine so slow that the second one was not ready yet, it is one that does not start.
    expect([PrintFailed, PrinterUnavailable]).toContain(((await failure) as Error).constructor);
    await printer.print('<p>and goes on</p>');
  });

  it('gives a document up that takes too long, and goes on', async () => {
    const printer = printerWith({ timeoutMs: 1_500 });
    await printer.print('<p>warm</p>');
    const failure = await failureOf(printer.print(LONG.repeat(200)));
    expect(failure).toBeInstanceOf(PrintFailed);
    expect(failure).toMatchObject({ code: 'PRINT_FAILED', reason: 'TIMEOUT' });
    await printer.print('<p>and goes on</p>');
  });

  it.each(['/bin/false', '/nowhere/chromium'])('says that %j is no browser', async (wrong) => {
    const printer = printerWith({ executablePath: wrong });
    await expect(printer.print('<p>x</p>')).rejects.toThrow(PrinterUnavailable);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the end', () => {
  it('leaves no process and no profile, and fails what is not printed', async () => {
    const printer = printerWith({ atOnce: 1 });
    await printer.print('<p>warm</p>');
    const interrupted = [LONG, '<p>waiting</p>'].map((html) => failureOf(printer.print(html)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await printer.close();
    for (const failure of await Promise.all(interrupted)) expect(failure).toBeInstanceOf(PrinterClosed);
    await expect(printer.print('<p>x</p>')).rejects.toThrow(PrinterClosed);
    expect(processes()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a killed process is the end of its browser', async () => {
    const program = `
      const { PdfPrinter } = await import(${JSON.stringify(new URL('../../../dist/libs/documents/src/index.js', import.meta.url).href)});
      const executablePath = process.env.PUPPETEER_EXECUTABLE_PATH;
      await new PdfPrinter({ executablePath, profiles: ${JSON.stringify(folder)} }).print('<p>x</p>');
      console.log('printed');
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      expect(processes().length).toBeGreaterThan(0);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await until(() => processes().length === 0);
  });
});
