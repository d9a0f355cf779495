import { createHash } from 'node:crypto';
import {
  PDFArray,
  type PDFDict,
  PDFDocument,
  PDFHexString,
  PDFInvalidObject,
  PDFName,
  PDFNumber,
  PDFString,
  type PDFRef,
} from '@cantoo/pdf-lib';
import { srgbProfile } from './srgb-profile.js';
import { element, xmlText } from './xml.js';

/** A file that goes with a document, inside it. */
export interface AttachedFile {
  readonly name: string;
  readonly description: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface Archival {
  readonly title: string;
  /** ISO 8601, UTC: the date of document and attached file. */
  readonly createdAt: string;
  readonly attached: AttachedFile;
  /** Who will seal it. */
  readonly sealedBy: string;
}

/** Bytes kept for a seal: a signature with its certificates and a token of another authority has well under half of it. */
const SEAL_BYTES = 16 * 1024;
const RANGE_PLACE = `[0 ${'*'.repeat(10)} ${'*'.repeat(10)} ${'*'.repeat(10)}]`;

/**
 * Makes a tagged PDF, as PdfPrinter prints it, one for archives (PDF/A-3, conformance level B: ISO 19005-3): metadata in XMP, an output intent,
 * the attached file as an associated one. It has a place for a seal (PAdES, EN 319 142-1) that covers all of it. The same input gives the same bytes.
 */
export async function archivalPdf(pdf: Uint8Array, archival: Archival): Promise<Buffer> {
  const document = await PDFDocument.load(pdf, { updateMetadata: false });
  const { catalog, context } = document;
  const date = PDFString.of(pdfDate(archival.createdAt));
  const information = { Title: PDFHexString.fromText(archival.title), CreationDate: date, ModDate: date };
  context.trailerInfo.Info = context.register(context.obj({ ...information, Producer: PDFString.of('Pli') }));
  catalog.set(PDFName.of('Metadata'), metadata(document, archival));
  catalog.set(PDFName.of('OutputIntents'), context.obj([outputIntent(document)]));
  attach(document, archival.attached, date);
  placeSeal(document, archival.sealedBy, date);
  const id = createHash('sha256').update(pdf).update(archival.attached.bytes).digest('hex').slice(0, 32);
  context.trailerInfo.ID = context.obj([PDFHexString.of(id), PDFHexString.of(id)]);
  const saved = await document.save({ useObjectStreams: false, addDefaultPage: false, updateFieldAppearances: false });
  return withByteRange(Buffer.from(saved));
}

/** `D:20180320133600Z` */
const pdfDate = (instant: string): string => `D:${instant.slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;

/** XMP (ISO 16684-1) with the identification of PDF/A (ISO 19005-3, 6.6.4); never compressed, so that anybody finds it. */
function metadata({ context }: PDFDocument, { title, createdAt }: Archival): PDFRef {
  const date = `${createdAt.slice(0, 19)}Z`;
  const text = (name: string, value: string) =>
    element(name, [element('rdf:Alt', [element('rdf:li', value, { 'xml:lang': 'x-default' })])]);
  const properties = element(
    'rdf:Description',
    [
      element('pdfaid:part', '3'),
      element('pdfaid:conformance', 'B'),
      text('dc:title', title),
      element('xmp:CreateDate', date),
      element('xmp:ModifyDate', date),
      element('pdf:Producer', 'Pli'),
    ],
    {
      'rdf:about': '',
      'xmlns:pdfaid': 'http://www.aiim.org/pdfa/ns/id/',
      'xmlns:dc': 'http://purl.org/dc/elements/1.1/',
      'xmlns:xmp': 'http://ns.adobe.com/xap/1.0/',
      'xmlns:pdf': 'http://ns.adobe.com/pdf/1.3/',
    },
  );
  const rdf = { 'xmlns:rdf': 'http://www.w3.org/1999/02/22-rdf-syntax-ns#' };
  const root = element('x:xmpmeta', [element('rdf:RDF', [properties], rdf)], { 'xmlns:x': 'adobe:ns:meta/' });
  // The packet's wrapper takes the place of the XML declaration.
  const [, body = ''] = xmlText(root).split(/^<\?xml.*\?>\n/);
  const packet = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n${body}<?xpacket end="w"?>`;
  return context.register(context.stream(Buffer.from(packet), { Type: 'Metadata', Subtype: 'XML' }));
}

function outputIntent({ context }: PDFDocument): PDFDict {
  const profile = context.register(context.stream(srgbProfile(), { N: 3 }));
  return context.obj({
    Type: 'OutputIntent',
    S: 'GTS_PDFA1',
    OutputConditionIdentifier: PDFString.of('sRGB'),
    Info: PDFString.of('sRGB IEC61966-2.1'),
    DestOutputProfile: profile,
  });
}

/** An associated file (ISO 19005-3, 6.8), that any reader lists among the attachments. */
function attach({ context, catalog }: PDFDocument, file: AttachedFile, date: PDFString): void {
  const content = context.stream(file.bytes, {
    Type: 'EmbeddedFile',
    Subtype: PDFName.of(file.mediaType),
    Params: { Size: file.bytes.length, ModDate: date },
  });
  const embedded = context.register(content);
  const specification = context.register(
    context.obj({
      Type: 'Filespec',
      F: PDFString.of(file.name),
      UF: PDFHexString.fromText(file.name),
      Desc: PDFHexString.fromText(file.description),
      AFRelationship: 'Data',
      EF: { F: embedded, UF: embedded },
    }),
  );
  const names = context.obj({ Names: [PDFHexString.fromText(file.name), specification] });
  catalog.set(PDFName.of('Names'), context.obj({ EmbeddedFiles: names }));
  catalog.set(PDFName.of('AF'), context.obj([specification]));
}

/** A signature field without appearance (ISO 32000-1, 12.7.4.5), and in it the place of the seal, still empty. */
function placeSeal(document: PDFDocument, sealedBy: string, date: PDFString): void {
  const { context, catalog } = document;
  const seal = context.register(
    context.obj({
      Type: 'Sig',
      Filter: 'Adobe.PPKLite',
      SubFilter: 'ETSI.CAdES.detached',
      Name: PDFHexString.fromText(sealedBy),
      M: date,
      ByteRange: PDFInvalidObject.of(Buffer.from(RANGE_PLACE)),
      Contents: PDFHexString.of('0'.repeat(2 * SEAL_BYTES)),
    }),
  );
  const page = document.getPage(0);
  const field = context.register(
    context.obj({
      Type: 'Annot',
      Subtype: 'Widget',
      FT: 'Sig',
      T: PDFString.of('Cachet'),
      V: seal,
      Rect: [0, 0, 0, 0],
      // Printed, and locked.
      F: 132,
      P: page.ref,
    }),
  );
  const annotations = page.node.lookupMaybe(PDFName.of('Annots'), PDFArray) ?? context.obj([]);
  annotations.push(field);
  page.node.set(PDFName.of('Annots'), annotations);
  // 3: signatures exist, and the file is to be appended to only.
  catalog.set(PDFName.of('AcroForm'), context.obj({ Fields: [field], SigFlags: PDFNumber.of(3) }));
  const extension = { ESIC: { BaseVersion: '1.7', ExtensionLevel: 5 } };
  catalog.set(PDFName.of('Extensions'), context.obj(extension));
}

/** Writes what the seal covers: all but its own place. */
function withByteRange(file: Buffer): Buffer {
  const [start, end] = contentsPlace(file);
  const range = `[0 ${String(start)} ${String(end)} ${String(file.length - end)}`;
  file.write(`${range.padEnd(RANGE_PLACE.length - 1)}]`, file.indexOf(RANGE_PLACE), 'latin1');
  return file;
}

/** Where the hexadecimal text of the seal begins and ends, with its angle brackets. */
function contentsPlace(file: Buffer): [number, number] {
  const place = `/Contents <${'0'.repeat(2 * SEAL_BYTES)}>`;
  const start = file.indexOf(place, 0, 'latin1') + '/Contents '.length;
  return [start, start + 2 * SEAL_BYTES + 2];
}
