import type { CommandOf } from './commands.js';
import type { Instant } from './decider.js';
import type { LetterEvent } from './events.js';
import { refused } from './refusals.js';
import type { LetterRefusal } from './refusals.js';
import { isReached, isVerified, notified, open } from './rules.js';
import type { Challenge, Letter } from './state.js';

type Decision = readonly LetterEvent[] | LetterRefusal;

/** How long a code is valid, in milliseconds. */
const CODE_LIFE = 10 * 60_000;
/** Wrong codes after which a new one must be asked for. */
const TRIES = 5;
/** The shortest time between two codes, in milliseconds. */
const CODE_SPACING = 30_000;
/** The most codes that one letter sends within `LIMIT_PERIOD` milliseconds: each one costs an SMS and five tries. */
const CODE_LIMIT = 10;
const LIMIT_PERIOD = 24 * 3_600_000;

export function requestOtp(state: Letter, command: CommandOf<'requestOtp'>): Decision {
  const letter = open(state, command.at);
  if ('refused' in letter) return letter;
  if (!letter.terms.otp) return refused('OTP_NOT_USED');
  const { session, challenge, codeHash, at } = command;
  if (isVerified(letter, session)) return [];
  const last = letter.challenges.at(-1);
  if (last?.number === challenge && last.session === session) return [];
  if (last && !isReached(after(last.requestedAt, CODE_SPACING), at)) return refused('OTP_TOO_SOON');
  const recent = letter.challenges.filter(({ requestedAt }) => !isReached(after(requestedAt, LIMIT_PERIOD), at));
  if (recent.length >= CODE_LIMIT) return refused('OTP_LIMIT');
  if (challenge !== letter.challenges.length + 1) return refused('OTP_OUT_OF_STEP');
  return [{ type: 'OtpRequested', data: { challenge, session, codeHash, expiresAt: after(at, CODE_LIFE), at } }];
}

function after(at: Instant, milliseconds: number): Instant {
  return new Date(Date.parse(at) + milliseconds).toISOString();
}

/**
 * Only the last code asked for is alive, and only in the session that asked for it: a code read over somebody's
 * shoulder opens nothing in another browser.
 */
export function verifyOtp(state: Letter, command: CommandOf<'verifyOtp'>): Decision {
  const letter = open(state, command.at);
  if ('refused' in letter) return letter;
  if (!letter.terms.otp) return refused('OTP_NOT_USED');
  const { session, attempt } = command;
  if (isVerified(letter, session)) return [];
  if (letter.challenges.some(({ rejected }) => rejected.includes(attempt))) return [];
  const last = letter.challenges.at(-1);
  if (!last || last.session !== session) return refused('OTP_NOT_ASKED');
  return tried(last, command);
}

function tried(challenge: Challenge, { session, codeHash, attempt, at }: CommandOf<'verifyOtp'>): Decision {
  if (challenge.rejected.length >= TRIES) return refused('OTP_EXHAUSTED');
  if (isReached(challenge.expiresAt, at)) return refused('OTP_EXPIRED');
  const number = challenge.number;
  if (challenge.codeHash === codeHash) return [{ type: 'OtpVerified', data: { challenge: number, session, at } }];
  const remaining = triesLeft(challenge) - 1;
  return [{ type: 'OtpRejected', data: { challenge: number, attempt, remaining, at } }];
}

/** How many wrong codes this challenge still bears, 0 to 5. */
export function triesLeft({ rejected }: Challenge): number {
  return TRIES - rejected.length;
}

export function confirmOtpSent(state: Letter, { challenge, deliveryId, at }: CommandOf<'confirmOtpSent'>): Decision {
  return delivery(state, challenge, 'sent', { type: 'OtpSent', data: { challenge, deliveryId, at } });
}

export function failOtp(state: Letter, { challenge, deliveryId, reason, at }: CommandOf<'failOtp'>): Decision {
  return delivery(state, challenge, 'failed', { type: 'OtpFailed', data: { challenge, deliveryId, reason, at } });
}

/** A delivery may be told of late: after a newer code, or after the end of the ceremony. It happened all the same. */
function delivery(state: Letter, number: number, outcome: 'sent' | 'failed', event: LetterEvent): Decision {
  const letter = notified(state);
  if ('refused' in letter) return letter;
  const challenge = letter.challenges.find((one) => one.number === number);
  if (!challenge) return refused('UNKNOWN_CHALLENGE');
  if (challenge.delivery === 'pending') return [event];
  return challenge.delivery === outcome ? [] : refused('MESSAGE_SETTLED');
}
