import { alertDueAt, legalProfile } from '#libs/legal-profile';
import type { CommandOf } from './commands.js';
import type { LetterEvent } from './events.js';
import { refused } from './refusals.js';
import type { LetterRefusal } from './refusals.js';
import { answered, entered, isReached, notified, windowIsClosed } from './rules.js';
import { accessKey } from './state.js';
import type { Letter } from './state.js';

type Decision = readonly LetterEvent[] | LetterRefusal;

export function accept(state: Letter, command: CommandOf<'accept'>): Decision {
  const letter = entered(state, command);
  if ('refused' in letter) return letter;
  if (letter.status !== 'notified') return [];
  return [{ type: 'Accepted', data: { session: command.session, at: command.at } }];
}

export function refuse(state: Letter, command: CommandOf<'refuse'>): Decision {
  if (state.status === 'refused' && state.refusedBy === command.session) return [];
  const letter = entered(state, command);
  if ('refused' in letter) return letter;
  if (letter.status !== 'notified') return refused(answered[letter.status]);
  return [{ type: 'Refused', data: { session: command.session, at: command.at } }];
}

/** Signing takes any session that may enter: one may accept on the telephone and sign at the desk. */
export function sign(state: Letter, command: CommandOf<'sign'>): Decision {
  const letter = entered(state, command);
  if ('refused' in letter) return letter;
  if (letter.status === 'notified') return refused('NOT_ACCEPTED');
  const { session, packageNumber, consent, signatory, at } = command;
  if (letter.status === 'signed') return letter.signedBy === session ? [] : refused('ALREADY_SIGNED');
  const data = { session, packageNumber, signatures: 1, consent, at } as const;
  return [{ type: 'Signed', data, personal: { signatory } }];
}

/** The first opening and the first download of each document are events; the next ones prove nothing more. */
export function accessContent(state: Letter, command: CommandOf<'accessContent'>): Decision {
  const letter = entered(state, command);
  if ('refused' in letter) return letter;
  if (letter.status !== 'signed') return refused('NOT_SIGNED');
  const { session, sha256, mode, at } = command;
  const isPart = [letter.acknowledgement, ...letter.terms.documents].some((document) => document.sha256 === sha256);
  if (!isPart) return refused('UNKNOWN_DOCUMENT');
  if (letter.accesses.includes(accessKey({ sha256, mode }))) return [];
  return [{ type: 'ContentAccessed', data: { session, sha256, mode, at } }];
}

export function raiseAlert(state: Letter, { at }: CommandOf<'raiseAlert'>): Decision {
  const letter = notified(state);
  if ('refused' in letter) return letter;
  if (letter.status === 'signed' || letter.status === 'refused') return refused(answered[letter.status]);
  if (letter.alerted) return [];
  if (letter.status === 'expired' || windowIsClosed(letter, at)) return refused('WINDOW_CLOSED');
  const profile = legalProfile(letter.terms.legalProfile);
  if (!profile) return refused('UNKNOWN_LEGAL_PROFILE');
  const { windowEndsAt } = letter;
  if (!isReached(alertDueAt(profile, windowEndsAt, letter.terms.alertDays), at)) return refused('ALERT_TOO_EARLY');
  return [{ type: 'AlertRaised', data: { windowEndsAt, at } }];
}

/** A letter that was accepted but never signed expires too: its content was never opened. */
export function expire(state: Letter, { at }: CommandOf<'expire'>): Decision {
  const letter = notified(state);
  if ('refused' in letter) return letter;
  if (letter.status === 'signed' || letter.status === 'refused') return refused(answered[letter.status]);
  if (letter.status === 'expired') return [];
  const { windowEndsAt } = letter;
  return windowIsClosed(letter, at) ? [{ type: 'Expired', data: { windowEndsAt, at } }] : refused('WINDOW_OPEN');
}
