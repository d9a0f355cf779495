import { sessionMayEnter, type Challenge, type Instant, type LetterIn, type Parties } from '#libs/letter';
import type { Visit } from './visits.js';

/** A letter that may be shown, its personal part still there. */
export type Readable<Status extends 'notified' | 'accepted' | 'signed'> = LetterIn<Status> & {
  readonly parties: Exclude<Parties, 'erased'>;
};
type WithWindow = LetterIn<'notified' | 'accepted' | 'signed' | 'refused' | 'expired'>;

/** What one browser is to see of a letter now. */
export type Screen =
  /** The recipient has the link already, the record of its sending is still to come. */
  | { readonly name: 'waiting' }
  /** The personal part was destroyed at the end of the legal year. */
  | { readonly name: 'erased' }
  | { readonly name: 'refused'; readonly letter: LetterIn<'refused'> }
  | { readonly name: 'expired'; readonly letter: WithWindow }
  /** `challenge`: the code that this browser asked for last, unless another browser has asked since. */
  | {
      readonly name: 'code';
      readonly letter: Readable<'notified' | 'accepted' | 'signed'>;
      readonly challenge: Challenge | undefined;
    }
  | { readonly name: 'acknowledgement'; readonly letter: Readable<'notified'> }
  | { readonly name: 'signature'; readonly letter: Readable<'accepted'> }
  | { readonly name: 'documents'; readonly letter: Readable<'signed'> };

export type ScreenNamed<Name extends Screen['name']> = Extract<Screen, { name: Name }>;

/** A screen on which the recipient may act on the letter, or has. */
export type ScreenWithLetter = ScreenNamed<'acknowledgement' | 'signature' | 'documents'>;

/** The letter of such a screen, whichever it is. */
export const letterOf = ({ letter }: ScreenWithLetter): Readable<'notified' | 'accepted' | 'signed'> => letter;

/** The screen for a visit at a moment. The letter itself decides again on every command; this only chooses a page. */
export function screenOf({ state, session }: Visit, at: Instant): Screen {
  switch (state.status) {
    case 'submitted':
    case 'deposited':
    case 'notification-failed':
      return { name: 'waiting' };
    case 'refused':
      return { name: 'refused', letter: state };
    case 'expired':
      return { name: 'expired', letter: state };
    default:
      return openScreen(state, session, at);
  }
}

function openScreen(letter: LetterIn<'notified' | 'accepted' | 'signed'>, session: string, at: Instant): Screen {
  const isOver = Date.parse(at) >= Date.parse(letter.windowEndsAt);
  if (letter.status !== 'signed' && isOver) return { name: 'expired', letter };
  const { parties } = letter;
  if (parties === 'erased') return { name: 'erased' };
  if (!sessionMayEnter(letter, session)) {
    const challenge = letter.challenges.at(-1);
    const isOwn = challenge?.session === session;
    return { name: 'code', letter: { ...letter, parties }, challenge: isOwn ? challenge : undefined };
  }
  switch (letter.status) {
    case 'notified':
      return { name: 'acknowledgement', letter: { ...letter, parties } };
    case 'accepted':
      return { name: 'signature', letter: { ...letter, parties } };
    case 'signed':
      return { name: 'documents', letter: { ...letter, parties } };
  }
}
