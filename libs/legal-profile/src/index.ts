export { dayOf, plusDays, startOf, wallClock } from './calendar.js';
export type { WallClock } from './calendar.js';
export type { CalendarDay, Instant } from './instant.js';
export { currentLegalProfile, legalProfile } from './profiles.js';
export type { LegalProfile, PaperRequester, Proof, ProofContent } from './profiles.js';
export { alertDueAt, lastDay, windowEndsAt } from './window.js';
