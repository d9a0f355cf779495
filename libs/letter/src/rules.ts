import type { Instant } from './decider.js';
import { refused } from './refusals.js';
import type { LetterRefusal, RefusalCode } from './refusals.js';
import type { Challenge, Letter, LetterIn } from './state.js';

type WithCeremony = LetterIn<'notified' | 'accepted' | 'signed' | 'refused' | 'expired'>;
type WithDeposit = WithCeremony | LetterIn<'deposited' | 'notification-failed'>;
type Open = LetterIn<'notified' | 'accepted' | 'signed'>;

/** A letter whose recipient was notified, or why it is none. */
export function notified(state: Letter): WithCeremony | LetterRefusal {
  switch (state.status) {
    case 'unknown':
      return refused('UNKNOWN_LETTER');
    case 'deposit-failed':
      return refused('DEPOSIT_FAILED');
    case 'submitted':
    case 'deposited':
    case 'notification-failed':
      return refused('NOT_NOTIFIED');
    default:
      return state;
  }
}

/** A letter that was deposited, or why it is none. */
export function deposited(state: Letter): WithDeposit | LetterRefusal {
  if (state.status === 'submitted') return refused('NOT_DEPOSITED');
  if (state.status === 'deposited' || state.status === 'notification-failed') return state;
  return notified(state);
}

/**
 * A letter on which the recipient can act now, or why he cannot. The window closes by the time alone, whether `Expired`
 * is written yet or not; a signed letter stays readable, for its recipient has answered in time.
 */
export function open(state: Letter, at: Instant): Open | LetterRefusal {
  const letter = notified(state);
  if ('refused' in letter) return letter;
  if (letter.status === 'refused') return refused('ALREADY_REFUSED');
  if (letter.status === 'expired') return refused('WINDOW_CLOSED');
  if (letter.status !== 'signed' && windowIsClosed(letter, at)) return refused('WINDOW_CLOSED');
  return letter;
}

/** As `open`, and the session has given a right code when the letter asks for one. */
export function entered(state: Letter, { session, at }: { session: string; at: Instant }): Open | LetterRefusal {
  const letter = open(state, at);
  if ('refused' in letter) return letter;
  return letter.terms.otp && !isVerified(letter, session) ? refused('OTP_REQUIRED') : letter;
}

export function windowIsClosed({ windowEndsAt }: { windowEndsAt: Instant }, at: Instant): boolean {
  return isReached(windowEndsAt, at);
}

/** Whether the moment has come: `at` is the limit or later. */
export function isReached(limit: Instant, at: Instant): boolean {
  return Date.parse(at) >= Date.parse(limit);
}

/** Whether this session has given a right code for this letter. */
export function isVerified({ challenges }: { challenges: readonly Challenge[] }, session: string): boolean {
  return challenges.some((challenge) => challenge.verified && challenge.session === session);
}

/** The refusals of a letter that the recipient has already answered. */
export const answered = {
  accepted: 'ALREADY_ACCEPTED',
  signed: 'ALREADY_SIGNED',
  refused: 'ALREADY_REFUSED',
} as const satisfies Record<string, RefusalCode>;
