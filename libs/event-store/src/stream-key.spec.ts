import { createSecretKey } from 'node:crypto';
import { MasterKeyMismatch } from './errors.js';
import { StreamKey, unwrapKey, wrapKey } from './stream-key.js';

describe('key wrap', () => {
  // RFC 3394 §4.6: 256 bits of key data under a 256-bit key.
  const kek = createSecretKey('000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F', 'hex');
  const key = Buffer.from('00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F', 'hex');
  const wrapped = Buffer.from(
    '28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21',
    'hex',
  );

  it('gives the test vector of RFC 3394', () => {
    expect(wrapKey(kek, key)).toEqual(wrapped);
    expect(unwrapKey(kek, wrapped, 'letter-1')).toEqual(key);
  });

  it('does not open under another master key', () => {
    expect(() => unwrapKey(createSecretKey(key), wrapped, 'letter-1')).toThrow(MasterKeyMismatch);
  });

  it('does not open when a bit was changed', () => {
    const altered = Buffer.from(wrapped);
    altered[7] = (altered[7] ?? 0) ^ 1;
    expect(() => unwrapKey(kek, altered, 'letter-1')).toThrow('does not open the key of letter-1');
  });
});

describe('derivation', () => {
  it('gives 32 bytes that differ by label and by key, and stay the same', () => {
    const one = new StreamKey(Buffer.alloc(32, 1));
    const other = new StreamKey(Buffer.alloc(32, 2));
    expect(one.derive('link')).toHaveLength(32);
    expect(one.derive('link')).toEqual(new StreamKey(Buffer.alloc(32, 1)).derive('link'));
    expect(one.derive('link')).not.toEqual(one.derive('otp'));
    expect(one.derive('link')).not.toEqual(other.derive('link'));
  });
});
