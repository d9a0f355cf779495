/**
 * The worker's consumer groups: of letters, of what else an agency has, and those that must not wait behind the rest of the letters'
 * events, or hold it up: deposits, the codes that a recipient waits for, and the proofs, which take their time. Operators ask for the same ones.
 */
export const REACTION_GROUPS = ['reactions', 'agency-reactions', 'deposits', 'codes', 'proofs'] as const;

export type ReactionGroup = (typeof REACTION_GROUPS)[number];
