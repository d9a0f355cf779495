import { createHash } from 'node:crypto';
import { verifyPath, type Trust } from './certification-path.js';
import { readCertificate, readRevocationList, subjectName } from './certificates.js';
import { der } from './der.js';
import { coveredBytes, readSealedPdf, sealPdf } from './pdf-seal.js';
import { EvidenceRejected } from './rejected.js';
import {
  addSignatureTimestamp,
  readSignedData,
  signerCertificate,
  signatureTimestamp,
  signatureValue,
  signData,
  signedDataDer,
  verifySignedData,
} from './signed-data.js';
import type { Signer } from './signer.js';
import { verifyTimestamp, type VerifiedTimestamp } from './timestamp-token.js';

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Seals a PDF that `archivalPdf` made: CMS, DER, without a timestamp yet (PAdES level B-B). */
export async function seal(signer: Signer, pdf: Buffer): Promise<Buffer> {
  return signedDataDer(await signData(signer, { content: coveredBytes(pdf), detached: true }));
}

/** Whose seal it is: the name as its certificate has it, and the certificate, DER. @throws EvidenceRejected MALFORMED, SIGNER_UNKNOWN */
export function sealIssuer(seal: Uint8Array): { readonly name: string; readonly certificate: Buffer } {
  const certificate = signerCertificate(readSignedData(seal));
  return { name: subjectName(certificate), certificate: der(certificate) };
}

/** The SHA-256 digest that a timestamp of a seal is of. @throws EvidenceRejected MALFORMED */
export const timestampedDigest = (seal: Uint8Array): Buffer => sha256(signatureValue(readSignedData(seal)));

/** What was made for one document, each by itself, and is put together to a sealed PDF. All DER. */
export interface SealParts {
  readonly seal: Uint8Array;
  /** Timestamp token of the seal. */
  readonly token: Uint8Array;
  readonly revocationLists: readonly Uint8Array[];
}

/**
 * Puts seal, timestamp and validation data into the PDF that was sealed (PAdES level B-LT). The same parts give the same bytes.
 *
 * @throws EvidenceRejected MALFORMED
 */
export function assembleSealedPdf(pdf: Buffer, { seal, token, revocationLists }: SealParts): Buffer {
  const signedData = readSignedData(seal);
  const certificates = (signedData.certificates ?? []).map((certificate) => der(certificate));
  addSignatureTimestamp(signedData, token);
  return sealPdf(pdf, signedDataDer(signedData), { certificates, revocationLists });
}

/** A sealed PDF that proves what it says. */
export interface VerifiedSeal {
  /** Whose seal it is, as its certificate says. */
  readonly sealedBy: string;
  readonly timestamp: VerifiedTimestamp;
}

/**
 * Checks a sealed PDF: that the seal is of all of it, that it was made by a trusted certificate that was valid and not revoked at the time of its
 * timestamp, and that the timestamp holds. The revocation lists in the file count beside those of `trust`.
 *
 * @throws EvidenceRejected
 */
export async function verifySealedPdf(pdf: Buffer, trust: Trust): Promise<VerifiedSeal> {
  const { covered, seal: bytes, validationData } = readSealedPdf(pdf);
  const { signedData, signer, certificates, revocationLists } = await verifySignedData(bytes, covered);
  const token = signatureTimestamp(signedData);
  if (!token) throw new EvidenceRejected('MALFORMED', 'The seal of the PDF has no timestamp.');
  const known: Trust = {
    anchors: trust.anchors,
    intermediates: [
      ...trust.intermediates,
      ...certificates,
      ...(validationData?.certificates ?? []).map(readCertificate),
    ],
    revocationLists: [
      ...trust.revocationLists,
      ...revocationLists,
      ...(validationData?.revocationLists ?? []).map(readRevocationList),
    ],
  };
  const timestamp = await verifyTimestamp(token, sha256(signatureValue(signedData)), known);
  await verifyPath(signer, known, timestamp.genTime);
  return { sealedBy: subjectName(signer), timestamp };
}
