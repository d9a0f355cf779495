import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';
import { MasterKeyMismatch } from './errors.js';

/** Length in bytes of master keys, stream keys and everything derived from them. */
export const KEY_BYTES = 32;

/** The default initial value of RFC 3394 §2.2.3.1, which doubles as the integrity check. */
const RFC3394_IV = Buffer.alloc(8, 0xa6);
const WRAP = 'id-aes256-wrap';

/** The secret of one stream. It never leaves this object; what others need is derived from it under a label of their own. */
export class StreamKey {
  readonly #secret: Buffer;
  readonly #derived = new Map<string, Buffer>();
  #personal: KeyObject | undefined;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** 32 bytes for one purpose, by HKDF-SHA-256 (RFC 5869) with the label as info. The same label gives the same bytes. */
  derive(label: string): Buffer {
    let derived = this.#derived.get(label);
    if (!derived) {
      derived = Buffer.from(hkdfSync('sha256', this.#secret, Buffer.alloc(0), label, KEY_BYTES));
      this.#derived.set(label, derived);
    }
    return derived;
  }

  /** The key of personal parts, as an object: made once, it saves most of the time of opening a short text. */
  get personal(): KeyObject {
    this.#personal ??= createSecretKey(this.derive('personal'));
    return this.#personal;
  }
}

/** Wraps a 32-byte key by AES-256 key wrap (RFC 3394 §2.2.1); 40 bytes. */
export function wrapKey(masterKey: KeyObject, key: Buffer): Buffer {
  const cipher = createCipheriv(WRAP, masterKey, RFC3394_IV);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/**
 * Opens a wrapped key (RFC 3394 §2.2.2).
 *
 * @throws MasterKeyMismatch when the integrity check fails: another master key, or altered bytes.
 */
export function unwrapKey(masterKey: KeyObject, wrapped: Buffer, stream: string): Buffer {
  try {
    const decipher = createDecipheriv(WRAP, masterKey, RFC3394_IV);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    throw new MasterKeyMismatch(stream);
  }
}
