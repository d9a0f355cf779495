import { createHmac, randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { StreamKey } from '#libs/event-store';

/** Seconds that a code lasts, and the codes before and after it that are taken, too, for clocks that go wrong (RFC 6238 §5.2). */
const PERIOD = 30;
const WINDOW = 1;
/** RFC 4226 §4 R6 asks for 128 bits at least and recommends 160. */
const SECRET_BYTES = 20;

const RECOVERY_CODES = 10;
const RECOVERY_LENGTH = 10;
/** Without letters and digits that are taken for each other. Ten of them are 49 bits. */
const RECOVERY_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

const totpOf = (secret: string, label = ''): TOTP =>
  new TOTP({ issuer: 'Pli', label, secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: PERIOD });

/** @returns a new secret of a second factor, in base32. */
export const newFactorSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** What a QR code hands to an authenticator app (Key URI Format): `otpauth://totp/Pli:…`. */
export const factorAddress = (secret: string, email: string): string => totpOf(secret, email).toString();

/**
 * The time step (RFC 6238 §4.2) whose code this is; undefined for a code that is not of this moment.
 *
 * @param at an instant.
 */
export function stepOfCode(secret: string, code: string, at: string): number | undefined {
  const timestamp = Date.parse(at);
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp, window: WINDOW });
  return delta === null ? undefined : Math.floor(timestamp / 1_000 / PERIOD) + delta;
}

/** Fresh recovery codes, `ABCDE-FGHJK`, to be shown once. */
export function newRecoveryCodes(): string[] {
  const letter = (): string => RECOVERY_LETTERS.charAt(randomInt(RECOVERY_LETTERS.length));
  return Array.from({ length: RECOVERY_CODES }, () => {
    const code = Array.from({ length: RECOVERY_LENGTH }, letter).join('');
    return `${code.slice(0, RECOVERY_LENGTH / 2)}-${code.slice(RECOVERY_LENGTH / 2)}`;
  });
}

/** What is stored of a recovery code: a keyed digest over its letters and digits; blanks, hyphens and case do not count. */
export const recoveryHash = (key: StreamKey, factorId: string, code: string): string =>
  createHmac('sha256', key.derive('recovery-code'))
    .update(`${factorId}/${code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`)
    .digest('hex');
