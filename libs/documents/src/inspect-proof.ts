import { crc32 } from 'node:zlib';
import { inspectPdf, PdfRefused } from './inspect-pdf.js';

/** What a proof may be, told by its content: its name and the type that a browser claims count for nothing. */
export type ProofType = 'application/pdf' | 'image/jpeg' | 'image/png';

/** 10 MB as the product counts them. */
export const LARGEST_PROOF_BYTES = 10 * 1024 * 1024;

const SENTENCES = {
  PROOF_TOO_LARGE: 'Ce justificatif dépasse 10 Mo : réduisez-le, puis joignez-le de nouveau.',
  PROOF_EMPTY: 'Ce justificatif est vide : choisissez un fichier qui a un contenu.',
  PROOF_UNREADABLE:
    'Ce justificatif n’est ni un PDF, ni une image JPEG ou PNG lisible : enregistrez-le dans l’un de ces formats, sans mot de passe.',
} as const;

/** The file cannot be a proof. Its message is the French sentence for the person who chose it. */
export class ProofRefused extends Error {
  constructor(readonly code: keyof typeof SENTENCES) {
    super(SENTENCES[code]);
    this.name = 'ProofRefused';
  }
}

/** Reads a file from outside as a proof: a whole PDF, JPEG or PNG. @throws ProofRefused */
export async function inspectProof(bytes: Buffer): Promise<ProofType> {
  if (bytes.length === 0) throw new ProofRefused('PROOF_EMPTY');
  if (bytes.length > LARGEST_PROOF_BYTES) throw new ProofRefused('PROOF_TOO_LARGE');
  if (isPng(bytes)) return 'image/png';
  if (isJpeg(bytes)) return 'image/jpeg';
  try {
    await inspectPdf(bytes);
  } catch (error) {
    throw error instanceof PdfRefused ? new ProofRefused('PROOF_UNREADABLE') : error;
  }
  return 'application/pdf';
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Length, type and checksum of a chunk. */
const CHUNK_FRAME = 12;

/** Whether the chunks of a PNG (ISO/IEC 15948, 5.3) follow each other whole, each with its checksum, from IHDR to IEND. */
function isPng(bytes: Buffer): boolean {
  if (!bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return false;
  let type = '';
  for (let offset = 8; offset + CHUNK_FRAME <= bytes.length && type !== 'IEND';) {
    const end = offset + CHUNK_FRAME + bytes.readUInt32BE(offset);
    if (end > bytes.length || crc32(bytes.subarray(offset + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return false;
    type = bytes.toString('latin1', offset + 4, offset + 8);
    if (offset === 8 && type !== 'IHDR') return false;
    offset = end;
  }
  return type === 'IEND';
}

const END_OF_IMAGE = Buffer.from('ffd9', 'hex');
const START_OF_SCAN = 0xda;
/** SOF0 to SOF15 but for DHT, JPG and DAC, which lie between them. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Whether the segments of a JPEG (ITU-T T.81, annex B) lead through a frame of some size to a scan that has an end. */
function isJpeg(bytes: Buffer): boolean {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return false;
  let hasFrame = false;
  for (let offset = 2; offset + 4 <= bytes.length && bytes[offset] === 0xff;) {
    const marker = bytes.readUInt8(offset + 1);
    if (marker === START_OF_SCAN) return hasFrame && bytes.lastIndexOf(END_OF_IMAGE) > offset;
    const end = offset + 2 + bytes.readUInt16BE(offset + 2);
    // A frame header has at least eight bytes; height and width are its third and fourth fields.
    if (isFrameHeader(marker) && offset + 9 <= bytes.length) hasFrame = bytes.readUInt16BE(offset + 7) > 0;
    offset = end;
  }
  return false;
}
