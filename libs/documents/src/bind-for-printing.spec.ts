import { PDFDocument, PDFName } from '@cantoo/pdf-lib';
import { BindingFailed, bindForPrinting } from './bind-for-printing.js';

const createdAt = '2026-03-14T10:00:00.000Z';

/** A file of so many pages, each as wide as its number says. */
async function file(pages: number, width = 500): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  for (let page = 1; page <= pages; page += 1)
    document.addPage([width + page, 800]).drawRectangle({ width: 10, height: 10 });
  return document.save();
}

/** The widths of the pages; 0 for a white one. */
async function read(bytes: Uint8Array): Promise<number[]> {
  const document = await PDFDocument.load(bytes);
  return document.getPages().map((page) => (page.node.get(PDFName.of('Contents')) ? page.getWidth() : 0));
}

test('each file begins on the front of a sheet', async () => {
  const bound = await bindForPrinting(
    [await file(1, 100), await file(2, 200), await file(3, 300), await file(1, 400)],
    {
      createdAt,
    },
  );
  expect(await read(bound.bytes)).toEqual([101, 0, 201, 202, 301, 302, 303, 0, 401, 0]);
  expect(bound.pages).toBe(10);
});

test('the same files give the same bytes', async () => {
  const parts = [await file(1), await file(3)];
  const [one, two] = [await bindForPrinting(parts, { createdAt }), await bindForPrinting(parts, { createdAt })];
  expect(one.bytes.equals(two.bytes)).toBe(true);
  expect((await PDFDocument.load(one.bytes, { updateMetadata: false })).getCreationDate()).toEqual(new Date(createdAt));
});

test.each([
  ['UNREADABLE', () => Promise.resolve(Buffer.from('%PDF-1.7\nnothing\n%%EOF'))],
  ['TOO_MANY_PAGES', () => file(1_001)],
])('%s is said, not printed', async (code, part) => {
  const failed = bindForPrinting([await file(1), await part()], { createdAt });
  await expect(failed).rejects.toThrow(BindingFailed);
  await expect(failed).rejects.toMatchObject({ code });
});
