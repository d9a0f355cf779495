import type { Refusal, RefusalMeaning } from '#libs/letter';

/** Every refusal about proofs: the HTTP status for programs, and for people the French sentence that says what to do. */
export const proofRefusals = {
  /** `delayTimestamp` or `keepTimestamp` for an event that no proof was sealed of. */
  PROOF_NOT_SEALED: {
    status: 409,
    sentence: 'Cette preuve n’est pas encore scellée : attendez quelques instants, puis recommencez.',
  },
} as const satisfies Record<string, RefusalMeaning>;

export type ProofRefusalCode = keyof typeof proofRefusals;
export type ProofRefusal = Refusal<ProofRefusalCode>;
