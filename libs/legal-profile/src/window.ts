import { dayOf, plusDays, startOf } from './calendar.js';
import type { CalendarDay, Instant } from './instant.js';
import type { LegalProfile } from './profiles.js';

/** The last calendar day, in the profile's zone, on which the recipient may answer a notice sent at that moment. */
export function lastDay(profile: LegalProfile, noticeAt: Instant, retentionDays: number): CalendarDay {
  return plusDays(dayOf(profile.zone, noticeAt), retentionDays);
}

/**
 * The first moment at which the recipient can no longer answer: the midnight, in the profile's zone, that ends the last
 * day. Day 1 is the calendar day after the notice (R. 53-3, I CPCE). Days are counted on the calendar, so a change of
 * the clocks neither shortens nor lengthens the window by a day.
 */
export function windowEndsAt(profile: LegalProfile, noticeAt: Instant, retentionDays: number): Instant {
  return startOf(profile.zone, plusDays(lastDay(profile, noticeAt, retentionDays), 1));
}

/** The first moment at which the non-claim proof is late (R. 53-3, III CPCE): the end of the day after the window. */
export function nonClaimProofDueBefore(profile: LegalProfile, windowEnd: Instant): Instant {
  return startOf(profile.zone, plusDays(dayOf(profile.zone, windowEnd), profile.nonClaimProofDays));
}

/** The moment from which a letter that is not signed yet is flagged: that many calendar days before the window ends. */
export function alertDueAt(profile: LegalProfile, windowEnd: Instant, alertDays: number): Instant {
  return startOf(profile.zone, plusDays(dayOf(profile.zone, windowEnd), -alertDays));
}
