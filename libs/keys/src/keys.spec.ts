import { createPrivateKey, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import type { CreditKey } from '#libs/credit';
import { fromBase32, toBase32 } from './base32.js';
import { issueKey, newKeyPair, newSerial, publicKeyOf, readKey } from './index.js';

const pair = newKeyPair();
const key: CreditKey = {
  serial: '00a1b2c3d4e5f607',
  kind: 'activation',
  agencyId: '01962f5e-0000-7000-8000-000000000001',
  signatures: 698,
};
const text = issueKey(pair.privateKey, key);

const anyKey: fc.Arbitrary<CreditKey> = fc
  .record({
    kind: fc.constantFrom('activation' as const, 'recharge' as const),
    serial: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    agencyId: fc.uuid(),
    signatures: fc.integer({ min: 1, max: 0xffff_ffff }),
    day: fc.integer({ min: 0, max: 0xffff }),
  })
  .map(({ day, ...said }) =>
    day === 0 ? said : { ...said, expiresOn: new Date(day * 86_400_000).toISOString().slice(0, 10) },
  );

describe('a key', () => {
  it('reads back as it was issued', () => {
    fc.assert(
      fc.property(anyKey, (any) => expect(readKey(pair.publicKey, issueKey(pair.privateKey, any))).toEqual(any)),
      { numRuns: 100 },
    );
  });

  it('is 38 groups of four, without I, L, O and U', () => {
    expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){37}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it.each([
    ['in lower case', text.toLowerCase()],
    ['without hyphens', text.replaceAll('-', '')],
    ['in lines, with dashes that a word processor made', `\n ${text.replaceAll('-', ' – \n')}\t`],
    ['with O for 0 and l for 1', text.replaceAll('0', 'O').replaceAll('1', 'l')],
  ])('may be typed %s', (_how, typed) => {
    expect(readKey(pair.publicKey, typed)).toEqual(key);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'AGENCE LATOUR'],
    ['a group too few', text.slice(0, -5)],
    ['a digit too many', `${text}0`],
    ['a foreign character', text.replace(/.$/, 'U')],
    ['something else of the same length', '!'.repeat(152)],
  ])('is not %s', (_what, typed) => {
    expect(readKey(pair.publicKey, typed)).toEqual({ refused: 'KEY_MALFORMED' });
  });

  it('is refused with any bit changed', () => {
    const bytes = fromBase32(text.replaceAll('-', '')) ?? Buffer.alloc(0);
    expect(bytes).toHaveLength(95);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readKey(pair.publicKey, toBase32(changed))).toEqual({ refused: 'KEY_ALTERED' });
    }
  });

  it('is refused when somebody else has signed it', () => {
    expect(readKey(newKeyPair().publicKey, text)).toEqual({ refused: 'KEY_ALTERED' });
  });

  it('is no key when the operator has signed what says nothing', () => {
    for (const nothing of [{ signatures: 0 }, { kind: 'gift' as 'recharge' }]) {
      expect(readKey(pair.publicKey, issueKey(pair.privateKey, { ...key, ...nothing }))).toEqual({
        refused: 'KEY_ALTERED',
      });
    }
  });

  it('has a serial of its own', () => {
    expect(new Set(Array.from({ length: 1_000 }, newSerial)).size).toBe(1_000);
    expect(newSerial()).toMatch(/^[0-9a-f]{16}$/);
  });

  it('needs no store to be read, nor a private key', () => {
    const issued = issueKey(pair.privateKey, { ...key, agencyId: uuidv7(), expiresOn: '2027-12-31' });
    expect(readKey(publicKeyOf(pair.privateKey), issued)).toMatchObject({ expiresOn: '2027-12-31' });
  });
});

test('a pair is what others call Ed25519', () => {
  const base64url = (half: string): string => Buffer.from(half, 'base64').toString('base64url');
  const [d, x] = [base64url(pair.privateKey), base64url(pair.publicKey)];
  const jwk = { kty: 'OKP', crv: 'Ed25519', d, x } as const;
  const other = createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' }));
  expect(other.asymmetricKeyType).toBe('ed25519');
  expect(other.export({ format: 'jwk' }).x).toBe(x);
});
