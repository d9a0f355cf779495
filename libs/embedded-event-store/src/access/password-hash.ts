import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** Costs of scrypt (RFC 7914, section 2): about 16 MB and some tens of milliseconds. */
const COSTS = { N: 16_384, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const FORM = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

/** True when the text is a hash as {@link hashPassword} makes them. */
export const isPasswordHash = (text: string): boolean => FORM.test(text);

/** `scrypt$N$r$p$salt$key`, salt and key in base64: what is kept instead of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, KEY_BYTES, COSTS);
  return `scrypt$${COSTS.N}$${COSTS.r}$${COSTS.p}$${salt.toString('base64')}$${key.toString('base64')}`;
}

/** Compares in a time that does not tell how much of the password is right. */
export async function isPasswordRight(password: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = FORM.exec(hash) ?? [];
  const expected = Buffer.from(key, 'base64');
  const costs = { N: Number(N), r: Number(r), p: Number(p) };
  const derived = await derive(password, Buffer.from(salt, 'base64'), expected.length, costs);
  return timingSafeEqual(derived, expected);
}

function derive(password: string, salt: Buffer, length: number, costs: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, costs, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
