import { legalProfile, wallClock } from '#libs/legal-profile';
import type { Instant } from './decider.js';
import { isVerified } from './rules.js';
import type { Challenge, Filed, Letter } from './state.js';

/** References carry the time that a clock in France shows, whatever the profile. */
const REFERENCE_ZONE = 'Europe/Paris';

/** `LRE_<agency code>_<dossier>_<Paris time to the second>`, as the manual's `LRE_9998_001_20180320143707`. */
export function documentReference(agencyCode: string, dossier: string, at: Instant): string {
  const { year, month, day, hour, minute, second } = wallClock(REFERENCE_ZONE, at);
  return `LRE_${agencyCode}_${dossier}_${year}${month}${day}${hour}${minute}${second}`;
}

function challengesOf(state: Letter): readonly Challenge[] {
  return 'challenges' in state ? state.challenges : [];
}

/** Whether the letter's legal profile lets its recipient ask for paper (L. 100 CPCE, manual I: who is not a professional). */
export function recipientMayHavePaper({ terms }: Pick<Filed, 'terms'>): boolean {
  const requester = terms.professional ? 'professional-recipient' : 'non-professional-recipient';
  return legalProfile(terms.legalProfile)?.paperRequesters.includes(requester) ?? false;
}

/** The number that the next code is derived from and asked for under. */
export function nextChallenge(state: Letter): number {
  return challengesOf(state).length + 1;
}

/** The number of the last code asked for, the only one that can be verified; 0 when there was none. */
export function currentChallenge(state: Letter): number {
  return challengesOf(state).length;
}

/** Whether this session may go on to the letter: no code is asked for, or it has given a right one. */
export function sessionMayEnter(state: Letter, session: string): boolean {
  return 'challenges' in state && (!state.terms.otp || isVerified(state, session));
}

/**
 * Whether the recipient may be shown who wrote: only once he has accepted (R. 53-3, I, al. 2 CPCE), and no longer when
 * the letter expired unsigned.
 */
export function senderIsVisible(state: Letter): boolean {
  return state.status === 'accepted' || state.status === 'signed';
}
