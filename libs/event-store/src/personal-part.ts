import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PersonalPartUnreadable } from './errors.js';
import type { StreamKey } from './stream-key.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const protectedHeader = (stream: string): string =>
  Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: stream })).toString('base64url');

/**
 * Encrypts a personal part as a compact JWE (RFC 7516 §7.1) with direct encryption under AES-256-GCM (RFC 7518 §4.5,
 * §5.3). The stream's name is the key id in the protected header, so that a part moved to another stream does not open.
 */
export function sealPersonal(personal: object, stream: string, key: StreamKey): string {
  const header = protectedHeader(stream);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.personal, nonce);
  cipher.setAAD(Buffer.from(header, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(personal), 'utf8'), cipher.final()]);
  return [
    header,
    '',
    nonce.toString('base64url'),
    ciphertext.toString('base64url'),
    cipher.getAuthTag().toString('base64url'),
  ].join('.');
}

/**
 * Opens what `sealPersonal` made.
 *
 * @throws PersonalPartUnreadable when it was altered, is of another stream or under another key.
 */
export function openPersonal(jwe: string, stream: string, key: StreamKey): object {
  const [header, encryptedKey, nonce, ciphertext, tag, ...rest] = jwe.split('.');
  if (header !== protectedHeader(stream) || encryptedKey !== '' || !nonce || !ciphertext || !tag || rest.length > 0) {
    throw new PersonalPartUnreadable(stream);
  }
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.personal, Buffer.from(nonce, 'base64url'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(header, 'ascii'));
    decipher.setAuthTag(Buffer.from(tag, 'base64url'));
    const clear = Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()]);
    return JSON.parse(clear.toString('utf8')) as object;
  } catch (cause) {
    throw new PersonalPartUnreadable(stream, cause);
  }
}
