import { PDFDocument } from '@cantoo/pdf-lib';
import { inspectProof, LARGEST_PROOF_BYTES } from './inspect-proof.js';

/** One grey pixel each. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);
const jpeg = Buffer.from(
  '/9j/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=',
  'base64',
);
async function pdf(encrypted = false): Promise<Buffer> {
  const document = await PDFDocument.create();
  document.addPage();
  if (encrypted) document.encrypt({ userPassword: 'secret', ownerPassword: 'secret' });
  return Buffer.from(await document.save());
}
function altered(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

test('a proof is a PDF, a JPEG or a PNG, told by its content', async () => {
  expect(await inspectProof(await pdf())).toBe('application/pdf');
  expect(await inspectProof(png)).toBe('image/png');
  expect(await inspectProof(jpeg)).toBe('image/jpeg');
});

test.each([
  ['nothing', () => Buffer.alloc(0), 'PROOF_EMPTY'],
  ['too much', () => Buffer.alloc(LARGEST_PROOF_BYTES + 1), 'PROOF_TOO_LARGE'],
  ['one byte', () => Buffer.from('x'), 'PROOF_UNREADABLE'],
  ['a text', () => Buffer.from('Je donne mon accord.'), 'PROOF_UNREADABLE'],
  ['a web page', () => Buffer.from('<!doctype html><script>alert(1)</script>'), 'PROOF_UNREADABLE'],
  ['half a PNG', () => png.subarray(0, 40), 'PROOF_UNREADABLE'],
  ['a PNG with a wrong checksum', () => altered(png, 20), 'PROOF_UNREADABLE'],
  ['the signature of a PNG', () => png.subarray(0, 8), 'PROOF_UNREADABLE'],
  ['half a JPEG', () => jpeg.subarray(0, jpeg.length - 2), 'PROOF_UNREADABLE'],
  ['the start of a JPEG', () => jpeg.subarray(0, 3), 'PROOF_UNREADABLE'],
  ['the start of a PDF', async () => (await pdf()).subarray(0, 20), 'PROOF_UNREADABLE'],
  ['an encrypted PDF', () => pdf(true), 'PROOF_UNREADABLE'],
] as [string, () => Buffer | Promise<Buffer>, string][])('%s is refused', async (_name, bytes, code) => {
  await expect(inspectProof(await bytes())).rejects.toMatchObject({ code });
});
