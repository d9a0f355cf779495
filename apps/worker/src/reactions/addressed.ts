import type { Letter } from '#libs/letter';
import type { Addressed } from '../mails/letter-mails.js';

/** Whether there is still somebody to write to. Once the letter's key has been destroyed nobody is told anything any more. */
export function isAddressed<State extends Exclude<Letter, { status: 'unknown' }>>(
  letter: State,
): letter is Addressed<State> {
  return letter.parties !== 'erased';
}
