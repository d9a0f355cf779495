/**
 * pdf-lib mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import { deflateSync } from 'node:zlib';
import { PDFDocument } from '@cantoo/pdf-lib';
import fc from 'fast-check';
import { inspectPdf, LARGEST_PDF_BYTES, PdfRefused } from './index.js';
import { inspectPdf as inspectWithin } from './inspect-pdf.js';

const BOUNDS = { timeoutMs: 15_000, heapMb: 768, externalBytes: 512 * 1024 * 1024 };

async function pdf(pages: number, options: { useObjectStreams?: boolean } = {}): Promise<Buffer> {
  const document = await PDFDocument.create();
  for (let page = 1; page <= pages; page++) document.addPage([595, 842]).drawText(`Page ${page}`);
  return Buffer.from(await document.save({ ...options, addDefaultPage: false }));
}

async function refusal(bytes: Uint8Array, bounds = BOUNDS): Promise<string> {
  const outcome: unknown = await inspectWithin(bytes, bounds).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(PdfRefused);
  return (outcome as PdfRefused).code;
}

/** A PDF by hand: `objects` from number 1 on; number 1 is the catalog. */
function written(objects: readonly (string | Buffer)[], trailer = ''): Buffer {
  const body = objects.map((object, index) =>
    Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]),
  );
  const end = `trailer\n<< /Root 1 0 R /Size ${objects.length + 1} ${trailer} >>\nstartxref\n0\n%%EOF\n`;
  return Buffer.concat([Buffer.from('%PDF-1.7\n'), ...body, Buffer.from(end)]);
}

const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>';
const PAGE = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>';

describe('a PDF is taken with its number of pages', () => {
  it.each([
    ['one page', 1, {}],
    ['many pages', 300, {}],
    ['a classic cross-reference table', 3, { useObjectStreams: false }],
  ])('%s', async (_case, pages, options) => {
    await expect(inspectPdf(await pdf(pages, options))).resolves.toEqual({ pages });
  });

  it('whatever its own count claims', async () => {
    const objects = [CATALOG, '<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 99999 >>', PAGE];
    await expect(inspectPdf(written(objects))).resolves.toEqual({ pages: 2 });
  });

  it('also inside a larger buffer, with bytes before its header', async () => {
    const whole = Buffer.concat([Buffer.from('xx'), Buffer.from('\n'), await pdf(2), Buffer.from('yy')]);
    await expect(inspectPdf(whole.subarray(2, -2))).resolves.toEqual({ pages: 2 });
  });
});

describe('what is refused', () => {
  it('nothing at all', async () => expect(await refusal(Buffer.alloc(0))).toBe('EMPTY'));

  it('no page', async () => expect(await refusal(await pdf(0))).toBe('EMPTY'));

  it('one byte more than 25 MB, but not 25 MB', async () => {
    const small = await pdf(1);
    const end = Buffer.from('\nstartxref\n0\n%%EOF\n');
    const filled = (size: number) => Buffer.concat([small, Buffer.alloc(size - small.length - end.length, '\n'), end]);
    await expect(inspectPdf(filled(LARGEST_PDF_BYTES))).resolves.toEqual({ pages: 1 });
    expect(await refusal(filled(LARGEST_PDF_BYTES + 1))).toBe('TOO_LARGE');
  });

  it.each([
    ['another kind of file', () => Buffer.from('PK\u0003\u0004 un document Word')],
    ['a picture called .pdf', () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(5000)])],
    ['a header alone', () => Buffer.from('%PDF-1.7\n%%EOF\n')],
    ['a header and noise', () => Buffer.from(`%PDF-1.7\n${'obj << /x [ ( '.repeat(999)}\n%%EOF`)],
    ['a page tree that is not there', () => written([CATALOG])],
    ['a page that is not there', () => written([CATALOG, '<< /Type /Pages /Kids [9 0 R] /Count 1 >>'])],
    ['a page that is no page', () => written([CATALOG, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '(x)'])],
    ['a page tree in a circle', () => written([CATALOG, '<< /Type /Pages /Kids [2 0 R] /Count 1 >>'])],
    [
      'a page tree that doubles with every level',
      () => {
        const level = (n: number) => `<< /Type /Pages /Kids [${`${n + 3} 0 R `.repeat(2)}] /Count 2 >>`;
        return written([CATALOG, ...Array.from({ length: 40 }, (_, n) => level(n)), PAGE]);
      },
    ],
  ])('%s', async (_case, make) => expect(await refusal(make())).toBe('NOT_A_PDF'));

  it('a PDF that was cut anywhere', async () => {
    const whole = await pdf(5);
    for (const part of [0.1, 0.5, 0.9, 0.99]) {
      expect(await refusal(whole.subarray(0, Math.floor(whole.length * part)))).toBe('NOT_A_PDF');
    }
  });

  it.each([
    ['a password', { userPassword: 'sésame', ownerPassword: 'x' }],
    ['an empty password and restrictions', { userPassword: '', ownerPassword: 'x' }],
  ])('%s', async (_case, passwords) => {
    for (const useObjectStreams of [true, false]) {
      const document = await PDFDocument.load(await pdf(1));
      document.encrypt({ ...passwords, permissions: { modifying: false } });
      expect(await refusal(await document.save({ useObjectStreams }))).toBe('ENCRYPTED');
    }
  });

  it('an encryption whose dictionary is written in the trailer, or is lost', async () => {
    const objects = [CATALOG, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', PAGE];
    expect(await refusal(written(objects, '/Encrypt << /Filter /Standard /V 1 >>'))).toBe('ENCRYPTED');
    expect(await refusal(written(objects, '/Encrypt 77 0 R'))).toBe('ENCRYPTED');
  });

  it('with a French sentence that says what to do', async () => {
    await expect(inspectPdf(Buffer.from('x'))).rejects.toThrow(/enregistrez-le de nouveau au format PDF/);
  });
});

describe('a hostile file costs its bounds and no more', () => {
  const packed = (objects: Buffer, extra = '') => {
    const stream = deflateSync(objects, { level: 9 });
    const head = `<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${stream.length} ${extra} >>\nstream\n`;
    return written([
      CATALOG,
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      PAGE,
      Buffer.concat([Buffer.from(head), stream, Buffer.from('\nendstream')]),
    ]);
  };

  it('memory: objects packed a thousand times', async () => {
    const bomb = packed(Buffer.concat([Buffer.from('9 0 '), Buffer.alloc(200 * 1024 * 1024, ' ')]));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    expect(await refusal(bomb, { ...BOUNDS, externalBytes: 64 * 1024 * 1024 })).toBe('NOT_A_PDF');
  });

  it('memory: more objects than the heap holds', async () => {
    const many = Buffer.from(`%PDF-1.7\n1 0 obj\n[${'[1]'.repeat(1_500_000)}]\nendobj\n%%EOF`);
    expect(await refusal(many, { ...BOUNDS, heapMb: 32 })).toBe('NOT_A_PDF');
  });

  it('time: a parser that does not come to an end', async () => {
    const slow = Buffer.from(`%PDF-1.7\n${'1 0 obj\n('.repeat(2_000_000)}\n%%EOF`);
    expect(await refusal(slow, { ...BOUNDS, timeoutMs: 300 })).toBe('NOT_A_PDF');
  });

  it('depth: a hundred thousand open brackets', async () => {
    expect(await refusal(Buffer.from(`%PDF-1.7\n1 0 obj\n${'['.repeat(100_000)}\n%%EOF`))).toBe('NOT_A_PDF');
  });

  it('and the process goes on', async () => {
    await expect(inspectPdf(await pdf(1))).resolves.toEqual({ pages: 1 });
  });
});

test('a mutated PDF is taken or refused, never anything else', async () => {
  const originals = [await pdf(3), await pdf(3, { useObjectStreams: false })];
  // Between its header and its end mark: what lies there is the parser's business.
  const place = fc.noBias(fc.integer({ min: 9, max: 1_500 }));
  const mutation = fc.record({
    original: fc.constantFrom(...originals),
    changes: fc.array(fc.tuple(place, fc.noBias(fc.nat(255))), { minLength: 1, maxLength: 20 }),
    cut: fc.option(fc.tuple(place, fc.nat(200)), { freq: 2 }),
  });
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(mutation, async ({ original, changes, cut }) => {
      const bytes = Buffer.from(original);
      for (const [where, value] of changes) bytes[where] = value;
      const mutated = cut ? Buffer.concat([bytes.subarray(0, cut[0]), bytes.subarray(cut[0] + cut[1])]) : bytes;
      const outcome: unknown = await inspectPdf(mutated).catch((error: unknown) => error);
      if (!(outcome instanceof PdfRefused)) expect(outcome).toEqual({ pages: expect.any(Number) });
      const name = outcome instanceof PdfRefused ? outcome.code : 'taken';
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    }),
    { numRuns: 24 },
  );
  // Mutations that the parser never gets to see would prove nothing.
  expect(outcomes.get('taken')).toBeGreaterThan(0);
  expect(outcomes.get('NOT_A_PDF')).toBeGreaterThan(0);
}, 120_000);
