/** The worker's consumer groups: of letters, and of what else an agency has. Operators ask for the same ones. */
export const REACTION_GROUPS = ['reactions', 'agency-reactions'] as const;
