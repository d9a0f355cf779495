import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { StreamKey } from '#libs/event-store';

/**
 * The token of a letter's link: 256 bits, base64url. Derived from the letter's own key, so that a mail that must be sent again is the
 * same mail, and gone when the key is destroyed; only its digest is stored.
 *
 * @param notice 1 for the first notice, one more after each corrected address, which ends the older links.
 */
export const linkToken = (key: StreamKey, notice: number): string =>
  createHmac('sha256', key.derive('link')).update(`notice/${notice}`).digest('base64url');

/** The digest of a link token as `Notified` stores it, hexadecimal. */
export const linkHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Whether a token is the one behind a stored digest, in a time that does not depend on where they differ. */
export const isLink = (token: string, storedHash: string): boolean =>
  timingSafeEqual(Buffer.from(linkHash(token), 'hex'), Buffer.from(storedHash, 'hex'));

/** The six digits of a challenge: HOTP (RFC 4226 §5.3) under a key of the letter's, counted by challenge. */
export function otpCode(key: StreamKey, challenge: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(challenge));
  const digest = createHmac('sha1', key.derive('otp')).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/** What is stored of a code: a keyed digest, so that the million possible codes cannot be tried without the letter's key. */
export const codeHash = (key: StreamKey, challenge: number, code: string): string =>
  createHmac('sha256', key.derive('otp-hash')).update(`${challenge}/${code}`).digest('hex');

/** The package number that the last page of the ceremony shows (manual V.2): 12 hexadecimal digits, from what was signed. */
export const packageNumber = (reference: string, acknowledgement: string): string =>
  createHash('sha256').update(`${reference}/${acknowledgement}`).digest('hex').slice(0, 12).toUpperCase();
