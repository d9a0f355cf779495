import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** An Ed25519 pair (RFC 8032), 32 bytes each in base64. */
export interface KeyPair {
  /** Issues keys: the operator's alone. */
  readonly privateKey: string;
  /** Verifies them: no secret. */
  readonly publicKey: string;
}

/** What stands before the 32 bytes in the usual encodings, PKCS #8 and SubjectPublicKeyInfo (RFC 8410 §10). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

export function newKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const bytes = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES);
  return { privateKey: bytes.toString('base64'), publicKey: publicKeyOf(bytes.toString('base64')) };
}

/** The public half of a private key. */
export const publicKeyOf = (privateKey: string): string =>
  createPublicKey(signer(privateKey)).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES).toString('base64');

export const signer = (privateKey: string): KeyObject =>
  createPrivateKey({ key: joined(PKCS8_HEAD, privateKey), format: 'der', type: 'pkcs8' });

export const verifier = (publicKey: string): KeyObject =>
  createPublicKey({ key: joined(SPKI_HEAD, publicKey), format: 'der', type: 'spki' });

const joined = (head: Buffer, base64: string): Buffer => Buffer.concat([head, Buffer.from(base64, 'base64')]);
