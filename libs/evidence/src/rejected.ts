/** What is wrong with a certificate, a signature or a timestamp, in one word for programs. */
export type EvidenceFault =
  | 'MALFORMED'
  | 'SIGNATURE_INVALID'
  | 'SIGNER_UNKNOWN'
  | 'CONTENT_ALTERED'
  | 'UNTRUSTED'
  | 'OUT_OF_VALIDITY'
  | 'WRONG_PURPOSE'
  | 'REVOKED'
  | 'REVOCATION_UNKNOWN'
  | 'IMPRINT_DIFFERS'
  | 'NONCE_DIFFERS'
  | 'POLICY_DIFFERS'
  | 'TIME_IMPLAUSIBLE'
  | 'REQUEST_REJECTED';

/** Something does not prove what it claims to prove. */
export class EvidenceRejected extends Error {
  constructor(
    readonly code: EvidenceFault,
    sentence: string,
    cause?: unknown,
  ) {
    super(sentence, { cause });
    this.name = 'EvidenceRejected';
  }
}
