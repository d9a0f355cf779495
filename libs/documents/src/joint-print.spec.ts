/**
 * pdf-lib mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import { inflateSync } from 'node:zlib';
import { PDFDict, PDFDocument, PDFName, PDFRawStream, PDFRef, PDFArray, type PDFObject } from '@cantoo/pdf-lib';
import fc from 'fast-check';
import { inspectPdf, PdfPrinter } from './index.js';
import { plainDocument } from './plain-document.js';
import { fontFaces } from './fonts.js';

const executablePath = process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '';
const AT = '2018-03-20T13:37:07.000Z';
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const fonts = `<style>${fontFaces()}</style>`;
const letter = (title: string, body: string): string =>
  `<!doctype html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n${fonts}
<style>@page { size: A4; margin: 21.3mm 19.7mm } body { margin: 0; font: 11pt/1.37 'Source Sans 3' } h1 { font: 600 21pt 'Source Serif 4' }
td, th { border: 0.3mm solid #345; padding: 1.1mm } p:nth-child(odd) { color: #234 } .at { position: absolute } b { font-weight: 600 }</style>
</head>\n<body class="letter">\n${body}\n</body>\n</html>\n`;

const printer = new PdfPrinter({ executablePath });
afterAll(() => printer.close());
const print = (html: string): Promise<Buffer> => printer.print(html, { createdAt: AT });

/** What letters are made of, with whatever might reach into the next one. */
const words = fc
  .stringMatching(/^[a-zA-Z0-9éàçœÉß’«» .,;:€ΩλЖюžł²½ﬁ-]{1,120}$/)
  .map((text) => text.replaceAll(/fi|ff/g, 'ffi'));
const piece = fc.oneof(
  { weight: 6, arbitrary: words.map((text) => `<p>${text}</p>`) },
  { weight: 2, arbitrary: words.map((text) => `<h1>${text}</h1>`) },
  { weight: 2, arbitrary: fc.nat(90).map((count) => '<p>Une <b>ligne</b> de la lettre.</p>'.repeat(count)) },
  words.map(
    (text) => `<table><thead><tr><th>Somme<th>Date</tr></thead><tbody><tr><td>${text}<td>12/03</tr></tbody></table>`,
  ),
  words.map(
    (text) => `<div style="opacity: 0.5; background: linear-gradient(red, blue)">${text} <b>à moitié</b></div>`,
  ),
  words.map((text) => `<p class="at" style="top: -90mm; background: red">${text}</p>`),
  words.map((text) => `<p style="position: fixed; bottom: -30mm">${text}</p>`),
  words.map((text) => `<div style="height: 0"><div style="height: 400mm; background: #eee"></div><p>${text}</p></div>`),
  fc.constantFrom(
    `<img alt="Une image (3 0 R) de \\l’agence" width="33" height="21" src="${PICTURE}">`,
    '<a href="mailto:agence@exemple.example">Écrire</a>',
    '<div style="break-before: page"></div>',
    '<div style="break-before: page; height: 10mm"></div>',
    '<p aria-hidden="true" class="at" style="top: -200mm">Personne ne le lit</p>',
    '<p id="here">Là</p><a href="#here">par là</a>',
    '</p></div></body></html><p>Après',
    '<div><b><i>Ni fermé',
    '<ul><li>Un<li>Deux</ul><hr>',
    '<!-- rien --><p>Un commentaire</p>',
    '<style>p { display: none }</style>',
  ),
);
const body = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('\n'));

test('a document has the same bytes whatever is printed with it', async () => {
  const bodies = fc.sample(body, { numRuns: 16, seed: 20180320 });
  const documents = bodies.map((text, index) => letter(`Lettre ${index} &amp; suite`, `<p>Nº ${index}</p>${text}`));
  // Most are such that they can be printed together: otherwise this would prove nothing.
  expect(documents.filter((html) => plainDocument(html)).length).toBeGreaterThan(8);
  const alone: Buffer[] = [];
  for (const html of documents) alone.push(await print(html));
  const batch = fc.shuffledSubarray([...documents.keys()], { minLength: 2 });
  await fc.assert(
    fc.asyncProperty(batch, async (chosen) => {
      const together = await Promise.all(chosen.map((index) => print(documents[index] ?? '')));
      chosen.forEach((index, place) => {
        if (!alone[index]?.equals(together[place] ?? Buffer.alloc(0))) {
          throw new RangeError(`Document ${index} differs in ${chosen.join()}: ${bodies[index] ?? ''}`);
        }
      });
    }),
    { numRuns: 6 },
  );
}, 120_000);

/** Every object of a file, and its bytes unpacked, as one text. */
async function contentOf(pdf: Buffer): Promise<string> {
  const document = await PDFDocument.load(pdf, { updateMetadata: false });
  const streams = document.context
    .enumerateIndirectObjects()
    .map(([, object]) => object)
    .filter((object) => object instanceof PDFRawStream)
    .map((stream) => inflateSync(stream.contents).toString('latin1'));
  return [pdf.toString('latin1'), ...streams].join('\n');
}

/** Numbers of the objects to which the trailer leads. */
function reachable(document: PDFDocument): Set<number> {
  const found = new Set<number>();
  const open: (PDFObject | undefined)[] = [document.context.trailerInfo.Root, document.context.trailerInfo.Info];
  for (let object = open.pop(); object; object = open.pop()) {
    if (object instanceof PDFRef && !found.has(object.objectNumber)) {
      found.add(object.objectNumber);
      open.push(document.context.lookup(object));
    }
    if (object instanceof PDFArray) open.push(...object.asArray());
    if (object instanceof PDFRawStream) open.push(object.dict);
    if (object instanceof PDFDict) open.push(...object.values());
  }
  return found;
}

describe('a document that was cut out of a job', () => {
  const names = ['CHARPENTIER', 'WŁADYSŁAW', 'QUINT', 'ZX'];
  const made = names.map((name) =>
    letter(
      `Lettre à ${name}`,
      `<h1>${name}</h1><a href="mailto:${name}@exemple.example">${name}</a><img alt="${name}" src="${PICTURE}">
      <table><tr><th>${name}</th></tr><tr><td>1</td></tr></table>${'<p>Une page</p>'.repeat(name.length * 9)}`,
    ),
  );

  it('has nothing of its neighbours, and no object that it does not use', async () => {
    const printed = await Promise.all(made.map(print));
    for (const [index, pdf] of printed.entries()) {
      const content = await contentOf(pdf);
      const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16().toString('hex');
      for (const [other, name] of names.entries()) {
        const isThere = content.includes(name) || content.toLowerCase().includes(utf16(name));
        if (other !== index) expect([other, isThere]).toEqual([other, false]);
      }
      expect(content).toContain(`mailto:${encodeURIComponent(names[index] ?? '')}@`.slice(0, 9));
      expect(content).not.toMatch(/node(?!0000000\d)\d{8}|job[\da-f]{32}/);
      const document = await PDFDocument.load(pdf, { updateMetadata: false });
      expect(reachable(document).size).toBe(document.context.enumerateIndirectObjects().length);
    }
  });

  it('has its own pages, title, language and structure', async () => {
    for (const [index, pdf] of (await Promise.all(made.map(print))).entries()) {
      const document = await PDFDocument.load(pdf, { updateMetadata: false });
      expect(document.getTitle()).toBe(`Lettre à ${names[index]}`);
      expect(document.catalog.get(PDFName.of('Lang'))?.toString()).toBe('(fr)');
      const tree = document.catalog.lookup(PDFName.of('StructTreeRoot'), PDFDict);
      expect(tree.lookup(PDFName.of('K'), PDFDict).get(PDFName.of('S'))).toBe(PDFName.of('Document'));
      const kinds = new Set(pdf.toString('latin1').match(/(?<=\/S \/)\w+/g));
      expect([...kinds]).toEqual(
        expect.arrayContaining(['Document', 'H1', 'P', 'Link', 'Table', 'TR', 'TH', 'TD', 'Figure']),
      );
      await expect(inspectPdf(pdf)).resolves.toEqual(await inspectPdf(Buffer.from(pdf)));
      expect(document.getPageCount()).toBe((await inspectPdf(pdf)).pages);
    }
  });

  it('shows its text in the glyphs of its own fonts', async () => {
    const [pdf = Buffer.alloc(0)] = await Promise.all(made.map(print));
    const content = await contentOf(pdf);
    const characters = new Set(
      content
        .match(/(?<=^<[\dA-F]{4}> <)[\dA-F]{4}(?=>$)/gm)
        ?.map((code) => String.fromCharCode(Number.parseInt(code, 16))),
    );
    for (const character of 'CHARPENTIERUnepage1') expect(characters).toContain(character);
    for (const character of 'ŁWZXQ') expect(characters).not.toContain(character);
  });
});

describe('which documents can be printed together', () => {
  it.each([
    ['<p>texte</p>', true],
    ['<p style="position: fixed">x</p><table><tr><td>1</td></tr></table><img src="data:," alt="">', true],
    ['</body></html><p>plus loin', false],
    ['<style>p { color: red }</style>', false],
    ['<svg><use href="#a"/></svg>', false],
    ['<!-- x -->', false],
    ['<input type="radio" name="a">', false],
  ])('a body %j: %s', (text, expected) => {
    expect(plainDocument(letter('x', text)) !== undefined).toBe(expected);
  });

  it.each([
    ['@page :first { margin: 0 }'],
    ['@page { @bottom-center { content: counter(page) } }'],
    ['body { margin: 0; background: #eee }'],
    ['</style><style>/* <!-- */'],
  ])('none with the rules %j', (rules) => {
    expect(plainDocument(letter('x', '<p>x</p>').replace('<style>@page', `<style>${rules} @page`))).toBeUndefined();
  });

  it.each([
    '<p>x',
    '<html><body>x</body></html>',
    '<!doctype html><html><head></head><frameset></frameset></html>',
    '',
  ])('none that is not written out: %j', (html) => expect(plainDocument(html)).toBeUndefined());
});
