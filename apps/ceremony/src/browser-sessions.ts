import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** Name of the cookie; each letter has its own, by the cookie's path. */
export const SESSION_COOKIE = 'pli-lre';

const BYTES = 32;
const SHAPE = /^(\d{1,4})\.([\w-]{43})\.([\w-]{43})$/;

/**
 * Proof that a browser opened the link of one notice of one letter. The cookie's value is `<notice>.<id>.<seal>`: a random id
 * of 256 bits and its HMAC-SHA-256 over letter, notice and id, under a key derived from the master key (HKDF, RFC 5869), so
 * that nothing needs to be stored and no browser can make one or take it to another letter.
 */
export class BrowserSessions {
  readonly #key: Buffer;

  /** @param masterKey 32 bytes. */
  constructor(masterKey: Buffer) {
    this.#key = Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), 'ceremony-session', BYTES));
  }

  /** The cookie's value for a browser that has just opened the link of this notice. */
  open(letterId: string, notice: number): string {
    const id = randomBytes(BYTES).toString('base64url');
    return `${notice}.${id}.${this.#seal(letterId, notice, id).toString('base64url')}`;
  }

  /**
   * The session as the letter knows it, hex SHA-256 of the id, so that nobody who reads the events can take it over; undefined
   * when the value is forged, of another letter, or of a notice that a corrected address has replaced.
   */
  read(value: unknown, letterId: string, notice: number): string | undefined {
    const [, issuedFor, id, seal] = (typeof value === 'string' && SHAPE.exec(value)) || [];
    if (id === undefined || seal === undefined || issuedFor !== String(notice)) return undefined;
    const isOurs = timingSafeEqual(Buffer.from(seal, 'base64url'), this.#seal(letterId, notice, id));
    return isOurs ? createHash('sha256').update(id).digest('hex') : undefined;
  }

  #seal(letterId: string, notice: number, id: string): Buffer {
    return createHmac('sha256', this.#key).update(`${letterId}/${notice}/${id}`).digest();
  }
}
