import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PDFArray, PDFDict, PDFDocument, PDFName, type PDFRawStream } from '@cantoo/pdf-lib';
import { archivalPdf, type Archival } from './archival-pdf.js';
import { certificatePem } from './certificates.js';
import { der } from './der.js';
import { readSealedPdf } from './pdf-seal.js';
import { assembleSealedPdf, seal, timestampedDigest, verifySealedPdf } from './seal.js';
import { issued, listOf, responder, specAuthority, SpecServer, trustIn, type SpecAuthority } from './spec/authority.js';
import { runBeside } from './spec/openssl.js';
import { TimestampClient } from './timestamp-client.js';
import type { Signer } from './signer.js';

const archival: Archival = {
  title: 'Preuve de dépôt LRE_9998_001_20180320143500',
  createdAt: '2018-03-20T13:36:00.000Z',
  attached: {
    name: 'preuve.xml',
    description: 'Preuve au format EN 319 522-3',
    mediaType: 'text/xml',
    bytes: Buffer.from('<preuve/>'),
  },
  sealedBy: 'Cachet d’essai',
};

let authority: SpecAuthority;
let tsa: SpecServer;
let printed: Buffer;
let archived: Buffer;
let sealed: Buffer;

beforeAll(async () => {
  authority = await specAuthority();
  tsa = await SpecServer.start(responder(authority.timestamping));
  // A tagged PDF as Chromium prints it.
  printed = await readFile(new URL('../../../docs/rappel.pdf', import.meta.url));
  archived = await archivalPdf(printed, archival);
  sealed = await sealedBy(authority.seal);
});
afterAll(() => tsa.close());

async function sealedBy(signer: Signer, pdf = archived): Promise<Buffer> {
  const bytes = await seal(signer, pdf);
  const client = new TimestampClient({ urls: [tsa.url], now: () => new Date() });
  const { token } = await client.timestamp(timestampedDigest(bytes), authority.trust);
  return assembleSealedPdf(pdf, { seal: bytes, token, revocationLists: [der(authority.list)] });
}

/** Nothing but the anchor: lists come from the file. */
const anchorAlone = () => trustIn(authority.root.certificate);

describe('a document for archives', () => {
  it('is the same, byte for byte, when it is made again', async () => {
    expect((await archivalPdf(printed, archival)).equals(archived)).toBe(true);
  });

  it('has what PDF/A-3b asks beside what the printer gives', async () => {
    const document = await PDFDocument.load(archived, { updateMetadata: false });
    const { catalog, context } = document;
    const xmp = Buffer.from((catalog.lookup(PDFName.of('Metadata')) as PDFRawStream).getContents()).toString();
    expect(xmp).toContain('<pdfaid:part>3</pdfaid:part>');
    expect(xmp).toContain('<pdfaid:conformance>B</pdfaid:conformance>');
    expect(xmp).toContain('<rdf:li xml:lang="x-default">Preuve de dépôt LRE_9998_001_20180320143500</rdf:li>');
    expect(document.getTitle()).toBe(archival.title);
    const [intent] = catalog.lookup(PDFName.of('OutputIntents'), PDFArray).asArray() as [PDFDict];
    const profile = intent.lookup(PDFName.of('DestOutputProfile')) as PDFRawStream;
    expect(profile.getContentsSize()).toBe(Buffer.from(profile.getContents()).readUInt32BE(0));
    expect(context.trailerInfo.ID).toBeDefined();
    expect(archived.subarray(0, 9).toString('latin1')).toMatch(/^%PDF-1\.[4-7]\n/);
    expect(archived.toString('latin1')).not.toMatch(/\/(JavaScript|Encrypt|Launch|ObjStm|XRef)\b/);
    // Tagged, and in French.
    expect(catalog.lookup(PDFName.of('MarkInfo'), PDFDict).get(PDFName.of('Marked'))?.toString()).toBe('true');
    expect(catalog.lookup(PDFName.of('StructTreeRoot'), PDFDict).get(PDFName.of('K'))).toBeDefined();
    expect(catalog.lookup(PDFName.of('Lang'))?.toString()).toBe('(fr)');
    await expectEmbeddedFonts(archived);
    // Each annotation is printed and has an appearance, or no extent (ISO 19005-3, 6.3).
    for (const page of document.getPages()) {
      for (const annotation of page.node.Annots()?.asArray() ?? []) {
        const widget = context.lookup(annotation, PDFDict);
        expect(widget.lookup(PDFName.of('Rect'))?.toString()).toBe('[ 0 0 0 0 ]');
        expect(Number(widget.lookup(PDFName.of('F'))?.toString()) & 0b100_1111).toBe(4);
      }
    }
  });

  it('carries its file as an associated one', async () => {
    const { catalog } = await PDFDocument.load(archived, { updateMetadata: false });
    const specification = catalog.lookup(PDFName.of('AF'), PDFArray).lookup(0, PDFDict);
    expect(specification.lookup(PDFName.of('AFRelationship'))?.toString()).toBe('/Data');
    const { output } = await runBeside({ 'a.pdf': archived }, 'sh', [
      '-c',
      'pdfdetach -save 1 -o file.xml a.pdf >/dev/null && cat file.xml && qpdf --check a.pdf',
    ]);
    expect(output).toContain('<preuve/>');
    expect(output).toContain('No syntax or stream encoding errors found');
  });
});

/** Every font that the file has, with its program in it. */
async function expectEmbeddedFonts(pdf: Buffer): Promise<void> {
  const { output } = await runBeside({ 'a.pdf': pdf }, 'pdffonts', ['a.pdf']);
  const fonts = output.trim().split('\n').slice(2);
  expect(fonts.length).toBeGreaterThan(0);
  for (const font of fonts) expect(font).toMatch(/ yes yes yes +\d+ +\d+$/);
}

describe('a sealed document', () => {
  it('holds, by its own revocation lists and one anchor', async () => {
    await expect(verifySealedPdf(sealed, anchorAlone())).resolves.toMatchObject({
      sealedBy: 'C=FR, O=Pli (essai), CN=Cachet d’essai',
      timestamp: { authority: 'C=FR, O=Pli (essai), CN=Horodatage d’essai' },
    });
  });

  it('is the same when it is put together again from the same parts', async () => {
    const bytes = await seal(authority.seal, archived);
    const client = new TimestampClient({ urls: [tsa.url], now: () => new Date() });
    const { token } = await client.timestamp(timestampedDigest(bytes), authority.trust);
    const parts = { seal: bytes, token, revocationLists: [der(authority.list)] };
    expect(assembleSealedPdf(archived, parts).equals(assembleSealedPdf(archived, parts))).toBe(true);
  });

  it('is valid for pdfsig and qpdf, and its seal for openssl', async () => {
    const { output } = await runBeside({ 'a.pdf': sealed }, 'pdfsig', ['a.pdf']);
    expect(output).toContain('Signature Validation: Signature is Valid.');
    expect(output).toContain('Signature Type: ETSI.CAdES.detached');
    expect(output).toContain('Signer full Distinguished Name: CN=Cachet d’essai,O=Pli (essai),C=FR');
    expect(await runBeside({ 'a.pdf': sealed }, 'qpdf', ['--check', 'a.pdf'])).toMatchObject({ code: 0 });
    const { covered, seal: bytes } = readSealedPdf(sealed);
    const files = { 'seal.p7s': bytes, covered, 'root.pem': certificatePem(authority.root.certificate) };
    const cms = 'cms -verify -inform DER -in seal.p7s -content covered -binary -CAfile root.pem -purpose any -out out';
    expect(await runBeside(files, 'openssl', cms.split(' '))).toMatchObject({
      code: 0,
      output: expect.stringMatching(/verification successful/i),
    });
  });

  it('stays a document for archives', async () => {
    const { output } = await runBeside({ 'a.pdf': sealed }, 'pdfinfo', ['a.pdf']);
    expect(output).toMatch(/Tagged: +yes/);
    const { catalog } = await PDFDocument.load(sealed, { updateMetadata: false });
    expect(catalog.lookup(PDFName.of('DSS'), PDFDict).lookup(PDFName.of('CRLs'), PDFArray).size()).toBe(1);
    expect(catalog.get(PDFName.of('OutputIntents'))).toBeDefined();
    await expectEmbeddedFonts(sealed);
  });

  it('does not hold by the seal of a stranger, of a revoked or an outdated certificate', async () => {
    const stranger = await specAuthority();
    await expect(verifySealedPdf(await sealedBy(stranger.seal), anchorAlone())).rejects.toMatchObject({
      code: 'UNTRUSTED',
    });
    const past = await issued(authority.root, 'seal', new Date('2020-01-01T00:00:00Z'), 1);
    await expect(verifySealedPdf(await sealedBy(past), anchorAlone())).rejects.toMatchObject({
      code: 'OUT_OF_VALIDITY',
    });
    const revoked = trustIn(authority.root.certificate, await listOf(authority.root, authority.seal));
    await expect(verifySealedPdf(sealed, revoked)).rejects.toMatchObject({ code: 'REVOKED' });
  });

  it('does not hold without its timestamp, nor with that of another seal', async () => {
    const bytes = await seal(authority.seal, archived);
    const client = new TimestampClient({ urls: [tsa.url], now: () => new Date() });
    const { token } = await client.timestamp(createHash('sha256').update('another').digest(), authority.trust);
    const other = assembleSealedPdf(archived, { seal: bytes, token, revocationLists: [der(authority.list)] });
    await expect(verifySealedPdf(other, anchorAlone())).rejects.toMatchObject({ code: 'IMPRINT_DIFFERS' });
  });

  it('shows that any of its bytes was changed', async () => {
    const accepted: number[] = [];
    const places = Array.from({ length: 90 }, (_, index) => Math.floor((index * sealed.length) / 90));
    for (const place of [...places, sealed.length - 1, sealed.length - 8]) {
      const tampered = Buffer.from(sealed);
      tampered.writeUInt8(tampered.readUInt8(place) ^ 1, place);
      const holds = await verifySealedPdf(tampered, anchorAlone()).then(
        () => true,
        () => false,
      );
      if (holds) accepted.push(place);
    }
    expect(accepted).toEqual([]);
  });

  it('shows what was added behind its seal', async () => {
    for (const added of ['\n', '% a comment\n', sealed.subarray(-200)]) {
      const tampered = Buffer.concat([sealed, Buffer.from(added)]);
      await expect(verifySealedPdf(tampered, anchorAlone())).rejects.toMatchObject({ code: 'CONTENT_ALTERED' });
    }
    // A later revision with another text, as any editor of PDFs makes it.
    const document = await PDFDocument.load(sealed, { forIncrementalUpdate: true });
    document.getPage(0).drawText('Refusée');
    const edited = Buffer.from(await document.commit());
    expect(edited.subarray(0, sealed.length).equals(sealed)).toBe(true);
    await expect(verifySealedPdf(edited, anchorAlone())).rejects.toMatchObject({ code: 'CONTENT_ALTERED' });
  });
});
