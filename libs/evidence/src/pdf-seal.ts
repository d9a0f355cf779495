import { EvidenceRejected } from './rejected.js';

/** What a verifier needs and the network may not have any more, for the dictionary `/DSS` of a PDF (EN 319 142-1, 5.4.2). All DER. */
export interface ValidationData {
  readonly certificates: readonly Uint8Array[];
  readonly revocationLists: readonly Uint8Array[];
}

/** A PDF with one seal, cut apart. */
export interface SealedPdf {
  /** The first revision: all that the seal covers, and the seal. */
  readonly sealed: Buffer;
  /** What the seal is of: the two byte ranges. */
  readonly covered: Buffer;
  /** The seal, DER; empty while there is none. */
  readonly seal: Buffer;
  readonly validationData: ValidationData | undefined;
}

const RANGE = /\/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10}) *\]/g;

/** Where the place of the seal is in a PDF of `archivalPdf`. @throws EvidenceRejected MALFORMED */
function sealPlace(pdf: Buffer): { readonly start: number; readonly end: number; readonly length: number } {
  const found = [...pdf.toString('latin1').matchAll(RANGE)];
  const [start = 0, end = 0, rest = 0] = (found[0] ?? []).slice(1).map(Number);
  const isPlace = pdf[start] === 0x3c && pdf[end - 1] === 0x3e && start < end && end + rest <= pdf.length;
  if (found.length !== 1 || !isPlace) {
    throw new EvidenceRejected('MALFORMED', 'The PDF must have exactly one seal, which covers it from its beginning.');
  }
  return { start, end, length: end + rest };
}

/** The bytes that the seal of a PDF with an empty place must be of. @throws EvidenceRejected MALFORMED */
export function coveredBytes(pdf: Buffer): Buffer {
  const { start, end, length } = sealPlace(pdf);
  return Buffer.concat([pdf.subarray(0, start), pdf.subarray(end, length)]);
}

/**
 * Puts a seal into its place and appends what is needed to verify it: level B-LT when the seal has a timestamp.
 *
 * @param seal CMS, DER
 * @throws EvidenceRejected MALFORMED when the seal is longer than its place
 */
export function sealPdf(pdf: Buffer, seal: Uint8Array, data: ValidationData): Buffer {
  const { start, end, length } = sealPlace(pdf);
  const room = end - start - 2;
  if (2 * seal.length > room) {
    throw new EvidenceRejected(
      'MALFORMED',
      `The seal has ${String(seal.length)} bytes, its place ${String(room / 2)}.`,
    );
  }
  const sealed = Buffer.from(pdf.subarray(0, length));
  sealed.write(Buffer.from(seal).toString('hex').padEnd(room, '0'), start + 1, 'latin1');
  return Buffer.concat([sealed, validationUpdate(sealed, data)]);
}

/** The incremental update (ISO 32000-1, 7.5.6) that adds `/DSS` to the catalogue; the sealed bytes stay as they are. */
function validationUpdate(sealed: Buffer, { certificates, revocationLists }: ValidationData): Buffer {
  const { root, size, trailer, startxref, catalogue } = endOf(sealed);
  const streams = [...certificates, ...revocationLists];
  const reference = (index: number) => `${String(size + index)} 0 R`;
  const certificateList = certificates.map((_, index) => reference(index)).join(' ');
  const revocationList = revocationLists.map((_, index) => reference(certificates.length + index)).join(' ');
  const dss = `<< /Type /DSS /Certs [${certificateList}] /CRLs [${revocationList}] >>`;
  const objects: (readonly [number, Buffer])[] = [
    ...streams.map((bytes, index) => [size + index, stream(bytes)] as const),
    [size + streams.length, Buffer.from(dss)],
    [root, Buffer.from(catalogue.replace(/>>$/, `/DSS ${reference(streams.length)}\n>>`), 'latin1')],
  ];
  return update(sealed.length, objects, { size: size + streams.length + 1, trailer, startxref });
}

const stream = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`<< /Length ${String(bytes.length)} >>\nstream\n`), bytes, Buffer.from('\nendstream')]);

function update(
  offset: number,
  objects: readonly (readonly [number, Buffer])[],
  { size, trailer, startxref }: { readonly size: number; readonly trailer: string; readonly startxref: number },
): Buffer {
  const parts: Buffer[] = [];
  const entries: string[] = [];
  let at = offset;
  for (const [number, content] of objects) {
    const object = Buffer.concat([Buffer.from(`${String(number)} 0 obj\n`), content, Buffer.from('\nendobj\n')]);
    entries.push(`${String(number)} 1\n${String(at).padStart(10, '0')} 00000 n \n`);
    parts.push(object);
    at += object.length;
  }
  const rest = trailer.replace(/\/Size \d+/, `/Size ${String(size)}`).replace(/>>$/, `/Prev ${String(startxref)}\n>>`);
  const table = `xref\n${entries.join('')}trailer\n${rest}\nstartxref\n${String(at)}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(table, 'latin1')]);
}

/** The trailer and the catalogue, as pdf-lib writes them. @throws EvidenceRejected MALFORMED */
function endOf(pdf: Buffer) {
  const text = pdf.toString('latin1');
  const [, trailer, startxref] = /trailer\n(<<[\s\S]*?>>)\n\nstartxref\n(\d+)\n%%EOF\s*$/.exec(text) ?? [];
  const [, root] = /\/Root (\d+) 0 R/.exec(trailer ?? '') ?? [];
  const [, size] = /\/Size (\d+)/.exec(trailer ?? '') ?? [];
  const [, catalogue] = new RegExp(`\\n${root ?? ''} 0 obj\\n(<<[\\s\\S]*?>>)\\nendobj`).exec(text) ?? [];
  if (trailer === undefined || catalogue === undefined || size === undefined) {
    throw new EvidenceRejected('MALFORMED', 'The PDF does not end as one of ours does.');
  }
  return { trailer, catalogue, root: Number(root), size: Number(size), startxref: Number(startxref) };
}

/**
 * Cuts a sealed PDF apart, strictly: one seal that covers the first revision whole, and behind it nothing at all, or exactly the update with the
 * validation data that `sealPdf` appends. Anything else that could be added to a PDF unseen by its seal is refused.
 *
 * @throws EvidenceRejected MALFORMED, CONTENT_ALTERED
 */
export function readSealedPdf(pdf: Buffer): SealedPdf {
  const { start, end, length } = sealPlace(pdf);
  const hex = pdf.toString('latin1', start + 1, end - 1);
  if (!/^[0-9a-f]*$/.test(hex)) throw new EvidenceRejected('MALFORMED', 'The seal of the PDF is no hexadecimal text.');
  const seal = withoutPadding(Buffer.from(hex, 'hex'));
  const sealed = pdf.subarray(0, length);
  const validationData = pdf.length > length ? validationDataIn(pdf, sealed) : undefined;
  return { sealed, covered: coveredBytes(pdf), seal, validationData };
}

/** The seal says itself how long it is: a DER sequence with a length of two bytes. What follows must be the zeros of its place. */
function withoutPadding(place: Buffer): Buffer {
  const length = place.readUInt16BE(0) === 0x3082 ? 4 + place.readUInt16BE(2) : 0;
  if (place.subarray(length).some((byte) => byte !== 0)) {
    throw new EvidenceRejected('MALFORMED', 'There is more than a seal in its place.');
  }
  return place.subarray(0, length);
}

function validationDataIn(pdf: Buffer, sealed: Buffer): ValidationData {
  const tail = pdf.toString('latin1', sealed.length);
  const counted = (key: string) =>
    (new RegExp(`/${key} \\[([\\d R]*)\\]`).exec(tail)?.[1] ?? '').split(' R').filter((one) => one !== '').length;
  const streams: Buffer[] = [];
  for (let at = 0; ;) {
    const [head, size] = /^\d+ 0 obj\n<< \/Length (\d{1,6}) >>\nstream\n/.exec(tail.slice(at, at + 64)) ?? [];
    if (head === undefined) break;
    const from = at + head.length;
    streams.push(Buffer.from(tail.slice(from, from + Number(size)), 'latin1'));
    at = from + Number(size) + '\nendstream\nendobj\n'.length;
  }
  const certificates = streams.slice(0, counted('Certs'));
  const data = { certificates, revocationLists: streams.slice(certificates.length) };
  if (!validationUpdate(sealed, data).equals(pdf.subarray(sealed.length))) {
    throw new EvidenceRejected('CONTENT_ALTERED', 'Something was added to the PDF, or changed in it, behind its seal.');
  }
  return data;
}
