import type { Integer } from 'asn1js';
import { ExtKeyUsage, TSTInfo, type Certificate } from 'pkijs';
import { verifyPath, type Trust } from './certification-path.js';
import { subjectName } from './certificates.js';
import { parse } from './der.js';
import { EvidenceRejected } from './rejected.js';
import { DIGESTS, verifySignedData } from './signed-data.js';

/** The content type of a timestamp (RFC 3161 §2.4.2). */
export const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const TIMESTAMPING = '1.3.6.1.5.5.7.3.8';

/** A timestamp that holds. */
export interface VerifiedTimestamp {
  readonly genTime: Date;
  /** OID of the policy under which it was issued. */
  readonly policy: string;
  readonly nonce: Integer | undefined;
  /** Whose it is, as its certificate says. */
  readonly authority: string;
}

/**
 * Checks a timestamp token (RFC 3161 §2.2 and §2.4.2): that it is of this SHA-256 digest, that its signature holds, and that its certificate
 * is for timestamping alone, leads to an anchor and was not revoked when the token was made.
 *
 * @param digest of what the token is for, 32 bytes
 * @throws EvidenceRejected
 */
export async function verifyTimestamp(token: Uint8Array, digest: Uint8Array, trust: Trust): Promise<VerifiedTimestamp> {
  const { signer, content, contentType, certificates, revocationLists } = await verifySignedData(token);
  if (contentType !== TST_INFO) throw new EvidenceRejected('MALFORMED', 'The token holds no timestamp.');
  const { genTime, policy, nonce, messageImprint } = parse(TSTInfo, content, 'timestamp');
  checkImprint(messageImprint, digest);
  checkPurpose(signer);
  await verifyPath(
    signer,
    {
      anchors: trust.anchors,
      intermediates: [...trust.intermediates, ...certificates],
      revocationLists: [...trust.revocationLists, ...revocationLists],
    },
    genTime,
  );
  return { genTime, policy, nonce, authority: subjectName(signer) };
}

function checkImprint({ hashAlgorithm, hashedMessage }: TSTInfo['messageImprint'], digest: Uint8Array): void {
  const isSha256 = DIGESTS[hashAlgorithm.algorithmId] === 'sha256';
  if (isSha256 && Buffer.from(hashedMessage.getValue()).equals(digest)) return;
  throw new EvidenceRejected('IMPRINT_DIFFERS', 'The timestamp is of something else.');
}

function checkPurpose(signer: Certificate): void {
  const usage = signer.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE);
  const purposes = usage?.parsedValue instanceof ExtKeyUsage ? usage.parsedValue.keyPurposes : [];
  if (usage?.critical && purposes.length === 1 && purposes[0] === TIMESTAMPING) return;
  throw new EvidenceRejected(
    'WRONG_PURPOSE',
    `The certificate ${subjectName(signer)} is not one for timestamping alone.`,
  );
}
