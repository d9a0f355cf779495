import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from 'jose';
import { PersonalPartUnreadable } from './errors.js';
import { openPersonal, sealPersonal } from './personal-part.js';
import { StreamKey } from './stream-key.js';

const stream = 'letter-0190b6a4-0000-7000-8000-000000000001';
const key = new StreamKey(Buffer.alloc(32, 7));
const personal = { name: 'M. et Mme CHARPENTIER Jean Luc', mobile: '+33612345678', accents: 'éèàç ’ 🖋' };

describe('the personal part', () => {
  it('opens as it was', () => {
    expect(openPersonal(sealPersonal(personal, stream, key), stream, key)).toEqual(personal);
  });

  it('is a JWE that another implementation opens', async () => {
    const jwe = sealPersonal(personal, stream, key);
    const { plaintext } = await compactDecrypt(jwe, key.derive('personal'));
    expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual(personal);
    expect(decodeProtectedHeader(jwe)).toEqual({ alg: 'dir', enc: 'A256GCM', kid: stream });
  });

  it('opens what another implementation made', async () => {
    const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify(personal)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: stream })
      .encrypt(key.derive('personal'));
    expect(openPersonal(jwe, stream, key)).toEqual(personal);
  });

  it('is different each time, so that equal persons cannot be told', () => {
    expect(sealPersonal(personal, stream, key)).not.toBe(sealPersonal(personal, stream, key));
  });

  it.each(['header', 'nonce', 'ciphertext', 'tag'])('does not open with another %s', (part) => {
    const index = { header: 0, nonce: 2, ciphertext: 3, tag: 4 }[part] ?? 0;
    const parts = sealPersonal(personal, stream, key).split('.');
    const bytes = Buffer.from(parts[index] ?? '', 'base64url');
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    parts[index] = bytes.toString('base64url');
    expect(() => openPersonal(parts.join('.'), stream, key)).toThrow(PersonalPartUnreadable);
  });

  it('does not open with a tag cut short', () => {
    const parts = sealPersonal(personal, stream, key).split('.');
    parts[4] = Buffer.from(parts[4] ?? '', 'base64url')
      .subarray(0, 8)
      .toString('base64url');
    expect(() => openPersonal(parts.join('.'), stream, key)).toThrow(PersonalPartUnreadable);
  });

  it('does not open in another stream or under another key', () => {
    const jwe = sealPersonal(personal, stream, key);
    expect(() => openPersonal(jwe, 'letter-2', key)).toThrow(PersonalPartUnreadable);
    expect(() => openPersonal(jwe, stream, new StreamKey(Buffer.alloc(32, 8)))).toThrow(PersonalPartUnreadable);
  });

  it('is refused when it is no JWE at all', () => {
    expect(() => openPersonal('Jean Luc', stream, key)).toThrow(PersonalPartUnreadable);
  });
});
