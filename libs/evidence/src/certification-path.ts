import { CertificateChainValidationEngine, type Certificate, type CertificateRevocationList } from 'pkijs';
import { fingerprint, readCertificates, serialNumber, subjectName } from './certificates.js';
import { EvidenceRejected } from './rejected.js';

/** What a certificate is judged by. */
export interface Trust {
  /** The roots that are trusted; nothing else is. */
  readonly anchors: readonly Certificate[];
  /** Certificates that may lie between. */
  readonly intermediates: readonly Certificate[];
  readonly revocationLists: readonly CertificateRevocationList[];
}

/** Trust in the roots of a PEM text and in nothing else. @throws EvidenceRejected MALFORMED */
export const trustedBy = (anchors: string): Trust => ({
  anchors: readCertificates(anchors),
  intermediates: [],
  revocationLists: [],
});

/**
 * Checks that a certificate leads to an anchor (RFC 5280 §6) and that, at that instant, neither it nor one between was revoked. For each of
 * them there must be a revocation list of its issuer that was in force at the instant; an anchor needs none.
 *
 * @throws EvidenceRejected OUT_OF_VALIDITY, UNTRUSTED, REVOKED, REVOCATION_UNKNOWN
 */
export async function verifyPath(certificate: Certificate, trust: Trust, at: Date): Promise<void> {
  const { notBefore, notAfter } = certificate;
  if (at < notBefore.value || at > notAfter.value) {
    throw new EvidenceRejected(
      'OUT_OF_VALIDITY',
      `The certificate ${subjectName(certificate)} is not valid at ${at.toISOString()}.`,
    );
  }
  const engine = new CertificateChainValidationEngine({
    trustedCerts: [...trust.anchors],
    // The engine takes the last one for the one to be judged.
    certs: [...trust.intermediates, certificate],
    checkDate: at,
  });
  const { result, certificatePath, resultMessage } = await engine.verify();
  if (!result || !certificatePath) {
    throw new EvidenceRejected(
      'UNTRUSTED',
      `The certificate ${subjectName(certificate)} leads to no trusted one: ${resultMessage}`,
    );
  }
  const anchors = new Set(trust.anchors.map(fingerprint));
  for (const [index, below] of certificatePath.entries()) {
    if (anchors.has(fingerprint(below))) return;
    const issuer = certificatePath[index + 1];
    if (issuer) await verifyNotRevoked(below, issuer, trust.revocationLists, at);
  }
  throw new EvidenceRejected('UNTRUSTED', `The certificate ${subjectName(certificate)} leads to no trusted one.`);
}

async function verifyNotRevoked(
  certificate: Certificate,
  issuer: Certificate,
  lists: readonly CertificateRevocationList[],
  at: Date,
): Promise<void> {
  let known = false;
  for (const list of lists) {
    if (!list.issuer.isEqual(issuer.subject) || !(await list.verify({ issuerCertificate: issuer }))) continue;
    const entry = list.revokedCertificates?.find(
      ({ userCertificate }) => serialNumber({ serialNumber: userCertificate }) === serialNumber(certificate),
    );
    if (entry && entry.revocationDate.value <= at) {
      throw new EvidenceRejected(
        'REVOKED',
        `The certificate ${subjectName(certificate)} was revoked at ${entry.revocationDate.value.toISOString()}.`,
      );
    }
    known ||= list.thisUpdate.value <= at && list.nextUpdate !== undefined && at <= list.nextUpdate.value;
  }
  if (known) return;
  throw new EvidenceRejected(
    'REVOCATION_UNKNOWN',
    `No revocation list of ${subjectName(issuer)} is in force at ${at.toISOString()}; fetch one.`,
  );
}
