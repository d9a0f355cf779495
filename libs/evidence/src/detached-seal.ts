import { Null } from 'asn1js';
import {
  AlgorithmIdentifier,
  CertificateRevocationList,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedData,
  SignerInfo,
  type Certificate,
} from 'pkijs';
import { verifyPath, type Trust } from './certification-path.js';
import { readRevocationList, subjectName } from './certificates.js';
import { EvidenceRejected } from './rejected.js';
import type { SealParts, VerifiedSeal } from './seal.js';
import {
  addSignatureTimestamp,
  DATA,
  onlySigner,
  readSignedData,
  SHA_256,
  sha256Identifier,
  signatureTimestamp,
  signData,
  signerCertificate,
  signedDataDer,
  verifySignedData,
} from './signed-data.js';
import { timestampedDigest } from './seal.js';
import type { Signer } from './signer.js';
import { verifyTimestamp } from './timestamp-token.js';

/** Seals bytes that lie beside the seal: CMS, DER, without a timestamp yet (CAdES level B-B). */
export async function sealDetached(signer: Signer, content: Uint8Array, signingTime: Date): Promise<Buffer> {
  return signedDataDer(await signData(signer, { content, detached: true, signingTime }));
}

/** Puts timestamp and revocation lists into a detached seal (CAdES level B-LT). The same parts give the same bytes. @throws EvidenceRejected MALFORMED */
export function assembleDetachedSeal({ seal, token, revocationLists }: SealParts): Buffer {
  const signedData = readSignedData(seal);
  addSignatureTimestamp(signedData, token);
  signedData.crls = revocationLists.map(readRevocationList);
  return signedDataDer(signedData);
}

/**
 * Checks the signature of a detached seal, and that there is nothing in it but what `assembleDetachedSeal` would put there: the parts of CMS that
 * nobody signs are no place to hide things, or to change them.
 *
 * @throws EvidenceRejected CONTENT_ALTERED when the seal is whole and of something else; MALFORMED, SIGNER_UNKNOWN, SIGNATURE_INVALID
 */
export async function checkDetachedSeal(bytes: Buffer, content: Buffer): Promise<void> {
  const signedData = readSignedData(bytes);
  if (!writtenAnew(signedData, signerCertificate(signedData)).equals(bytes)) {
    throw new EvidenceRejected('MALFORMED', 'There is something in the seal that nobody signed.');
  }
  await verifySignedData(bytes, content);
}

/** What the seal would be if only the signed attributes, the signature, the certificates, the lists and the timestamp were known. */
function writtenAnew(signedData: SignedData, { issuer, serialNumber }: Certificate): Buffer {
  const token = signatureTimestamp(signedData);
  if (!token) throw new EvidenceRejected('MALFORMED', 'The seal has no timestamp.');
  const { signedAttrs, signatureAlgorithm, signature } = onlySigner(signedData);
  const lists = (signedData.crls ?? []).filter((one) => one instanceof CertificateRevocationList);
  const anew = new SignedData({
    version: 1,
    digestAlgorithms: [sha256Identifier()],
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: DATA }),
    certificates: signedData.certificates ?? [],
    crls: lists,
    signerInfos: [
      new SignerInfo({
        version: 1,
        // PKI.js writes it with parameters when it signs.
        digestAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() }),
        sid: new IssuerAndSerialNumber({ issuer, serialNumber }),
        ...{ signatureAlgorithm, signature },
        ...(signedAttrs ? { signedAttrs } : {}),
      }),
    ],
  });
  addSignatureTimestamp(anew, token);
  return signedDataDer(anew);
}

/** Checks a detached seal wholly: of what it is, whose it is, and when it was made, as `verifySealedPdf` does. @throws EvidenceRejected */
export async function verifyDetachedSeal(bytes: Buffer, content: Buffer, trust: Trust): Promise<VerifiedSeal> {
  const { signedData, signer, certificates, revocationLists } = await verifySignedData(bytes, content);
  const token = signatureTimestamp(signedData);
  if (!token) throw new EvidenceRejected('MALFORMED', 'The seal has no timestamp.');
  const known: Trust = {
    anchors: trust.anchors,
    intermediates: [...trust.intermediates, ...certificates],
    revocationLists: [...trust.revocationLists, ...revocationLists],
  };
  const timestamp = await verifyTimestamp(token, timestampedDigest(bytes), known);
  await verifyPath(signer, known, timestamp.genTime);
  return { sealedBy: subjectName(signer), timestamp };
}
