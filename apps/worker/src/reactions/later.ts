import type { Instant } from '#libs/letter';

/** A letter dates nothing before its last event: what is written into a document or an e-mail must be counted the same way. */
export const later = (one: Instant, other: Instant): Instant => (Date.parse(one) < Date.parse(other) ? other : one);
