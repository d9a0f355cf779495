import { createHmac, hkdfSync } from 'node:crypto';
import type { StreamKey } from '#libs/event-store';
import { codeHash, isLink, linkHash, linkToken, otpCode, packageNumber } from './secrets.js';

const keyOf = (secret: string): StreamKey =>
  ({ derive: (label: string) => Buffer.from(hkdfSync('sha256', secret, '', label, 32)) }) as StreamKey;
const key = keyOf('a letter');

test('a link token is 256 bits, the same on a retry, another per notice and per letter', () => {
  expect(Buffer.from(linkToken(key, 1), 'base64url')).toHaveLength(32);
  expect(linkToken(key, 1)).toBe(linkToken(key, 1));
  expect(linkToken(key, 2)).not.toBe(linkToken(key, 1));
  expect(linkToken(keyOf('another letter'), 1)).not.toBe(linkToken(key, 1));
});

test('an altered token is not the link', () => {
  const token = linkToken(key, 1);
  const altered = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
  expect(isLink(token, linkHash(token))).toBe(true);
  expect(isLink(altered, linkHash(token))).toBe(false);
  expect(isLink('', linkHash(token))).toBe(false);
});

test('codes are those of RFC 4226, appendix D', () => {
  const secret = Buffer.from('12345678901234567890');
  const rfc = { derive: () => secret } as unknown as StreamKey;
  expect([0, 1, 2, 9].map((counter) => otpCode(rfc, counter))).toEqual(['755224', '287082', '359152', '520489']);
});

test('a code is stored under a key and its challenge', () => {
  expect(codeHash(key, 1, '123456')).not.toBe(codeHash(key, 2, '123456'));
  expect(codeHash(key, 1, '123456')).not.toBe(codeHash(keyOf('another letter'), 1, '123456'));
  expect(codeHash(key, 1, '123456')).toBe(
    createHmac('sha256', key.derive('otp-hash')).update('1/123456').digest('hex'),
  );
});

test('a package number has twelve hexadecimal digits', () => {
  expect(packageNumber('LRE_9998_001_20180320143707', 'ab')).toMatch(/^[0-9A-F]{12}$/);
});
