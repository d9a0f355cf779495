import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from 'pkijs';
import { der } from './der.js';
import { readCertificates } from './certificates.js';
import { EvidenceRejected } from './rejected.js';

/** A private key with its certificate and the certificates between that and an anchor. */
export interface Signer {
  readonly key: CryptoKey;
  readonly certificate: Certificate;
  readonly intermediates: readonly Certificate[];
}

/**
 * A signer from a PEM text: a private key (PKCS#8), its certificate, and those between it and an anchor.
 *
 * @throws EvidenceRejected MALFORMED; SIGNER_UNKNOWN when the certificate is not that of the key
 */
export function readSigner(pem: string): Signer {
  const [certificate, ...intermediates] = readCertificates(pem);
  const key = privateKey(pem);
  const own = createPublicKey(key).export({ format: 'der', type: 'spki' });
  if (!certificate || !own.equals(der(certificate.subjectPublicKeyInfo))) {
    throw new EvidenceRejected('SIGNER_UNKNOWN', 'The first certificate is not the one of this private key.');
  }
  return { key: signingKey(key), certificate, intermediates };
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new EvidenceRejected('MALFORMED', 'There is no private key in this PEM text that can be read.', cause);
  }
}

/** Node.js's names of the curves and those of the Web Cryptography API. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** A key for signing with SHA-256: ECDSA, or RSA (PKCS#1). @throws EvidenceRejected MALFORMED for any other kind */
function signingKey(key: KeyObject): CryptoKey {
  if (key.asymmetricKeyType === 'rsa') {
    return key.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']) as CryptoKey;
  }
  const namedCurve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (namedCurve === undefined) throw new EvidenceRejected('MALFORMED', 'The private key must be an EC or an RSA key.');
  return key.toCryptoKey({ name: 'ECDSA', namedCurve }, false, ['sign']) as CryptoKey;
}
