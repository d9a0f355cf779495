import { randomBytes, sign } from 'node:crypto';
import type { CreditKey } from '#libs/credit';
import { toBase32 } from './base32.js';
import { signer } from './key-pair.js';
import { bodyOf, signedBytes } from './layout.js';

const GROUP = /.{4}/g;

/** 64 random bits: two keys of one operator never get the same. */
export const newSerial = (): string => randomBytes(8).toString('hex');

/**
 * Writes a key as the operator hands it out: 38 groups of four letters and digits.
 *
 * @param key `agencyId` is a UUID, `signatures` from 1 to 4,294,967,295, `expiresOn` before June 2149.
 */
export function issueKey(privateKey: string, key: CreditKey): string {
  const body = bodyOf(key);
  const signature = sign(null, signedBytes(body), signer(privateKey));
  return (toBase32(Buffer.concat([body, signature])).match(GROUP) ?? []).join('-');
}
