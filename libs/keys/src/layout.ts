import type { CreditKey } from '#libs/credit';

/*
 * What a key says, in 31 bytes, and its signature of 64 (docs/decisions/0010-keys.md):
 *
 *   0      kind and version: 1 activation, 2 recharge
 *   1–8    serial
 *   9–24   id of the agency, a UUID
 *   25–28  signatures, unsigned, most significant byte first
 *   29–30  last day, counted from 1970-01-01; 0 when it does not expire
 */
export const BODY_BYTES = 31;
const SIGNATURE_BYTES = 64;
/** The text of a key without its hyphens. */
export const DIGITS = ((BODY_BYTES + SIGNATURE_BYTES) * 8) / 5;

const KINDS = ['activation', 'recharge'] as const;
const DAY_MS = 86_400_000;

/** What is signed: never the body alone, so that a signature made for something else is none for a key. */
export const signedBytes = (body: Uint8Array): Buffer => Buffer.concat([Buffer.from('pli-key/1\n'), body]);

export function bodyOf({ kind, serial, agencyId, signatures, expiresOn }: CreditKey): Buffer {
  const body = Buffer.alloc(BODY_BYTES);
  body.writeUInt8(KINDS.indexOf(kind) + 1, 0);
  body.write(serial, 1, 8, 'hex');
  body.write(agencyId.replaceAll('-', ''), 9, 16, 'hex');
  body.writeUInt32BE(signatures, 25);
  body.writeUInt16BE(expiresOn === undefined ? 0 : Date.parse(expiresOn) / DAY_MS, 29);
  return body;
}

/** Undefined when the body is none that `bodyOf` writes. */
export function keyOf(body: Buffer): CreditKey | undefined {
  const kind = KINDS[body.readUInt8(0) - 1];
  const signatures = body.readUInt32BE(25);
  if (!kind || signatures === 0) return undefined;
  const serial = body.toString('hex', 1, 9);
  const agencyId = body.toString('hex', 9, 25).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const day = body.readUInt16BE(29);
  const expiry = day === 0 ? {} : { expiresOn: new Date(day * DAY_MS).toISOString().slice(0, 10) };
  return { kind, serial, agencyId, signatures, ...expiry };
}
