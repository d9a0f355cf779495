import { verify } from 'node:crypto';
import type { CreditKey } from '#libs/credit';
import { fromBase32 } from './base32.js';
import { verifier } from './key-pair.js';
import { BODY_BYTES, DIGITS, keyOf, signedBytes } from './layout.js';

/** Why a text is no key: it has not the form of one, or the operator has not signed what it says. */
export interface UnreadableKey {
  readonly refused: 'KEY_MALFORMED' | 'KEY_ALTERED';
}

/** Reads a key as somebody typed or pasted it: hyphens, dots and blanks do not count, nor does the case. Needs no store. */
export function readKey(publicKey: string, text: string): CreditKey | UnreadableKey {
  const digits = text.replace(/[\s.\u2010-\u2015-]/gu, '');
  const bytes = digits.length === DIGITS ? fromBase32(digits) : undefined;
  if (!bytes) return { refused: 'KEY_MALFORMED' };
  const body = bytes.subarray(0, BODY_BYTES);
  const isGenuine = verify(null, signedBytes(body), verifier(publicKey), bytes.subarray(BODY_BYTES));
  return (isGenuine ? keyOf(body) : undefined) ?? { refused: 'KEY_ALTERED' };
}
