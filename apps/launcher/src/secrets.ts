import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one data folder must keep: without the master key its personal data cannot be read any more. */
export interface Secrets {
  /** Base64 of 32 bytes. */
  readonly masterKey: string;
  /** The Ed25519 pair for activation and recharge keys, base64 of 32 bytes each. */
  readonly keysPrivate: string;
  readonly keysPublic: string;
  /** Opens the operator's pages. */
  readonly operatorPassword: string;
}

/** The secrets of a data folder, made once and kept in `secrets.json`, readable by its owner alone. */
export function secretsOf(dataFolder: string): Secrets {
  const file = join(dataFolder, 'secrets.json');
  const kept = secretsIn(file);
  if (isWhole(kept)) return kept;
  // A folder from before there were all of them gets the rest now; its master key stays.
  const fresh = {
    masterKey: randomBytes(32).toString('base64'),
    operatorPassword: randomBytes(18).toString('base64url'),
  };
  const whole: Secrets = { ...fresh, ...newKeyPair(), ...kept };
  const temporary = `${file}.${String(process.pid)}`;
  writeFileSync(temporary, `${JSON.stringify(whole)}\n`, { mode: 0o600 });
  try {
    if (kept) renameSync(temporary, file);
    // A link, not a rename: it never replaces secrets that have come meanwhile.
    else linkSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  return whole;
}

function secretsIn(file: string): Partial<Secrets> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

const isWhole = (kept: Partial<Secrets> | undefined): kept is Secrets =>
  kept?.masterKey !== undefined &&
  kept.keysPrivate !== undefined &&
  kept.keysPublic !== undefined &&
  kept.operatorPassword !== undefined;

function newKeyPair(): Pick<Secrets, 'keysPrivate' | 'keysPublic'> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // The last 32 bytes of either encoding (RFC 8410 §10) are the key itself.
  const bytes = (der: Buffer): string => der.subarray(-32).toString('base64');
  return {
    keysPrivate: bytes(privateKey.export({ format: 'der', type: 'pkcs8' })),
    keysPublic: bytes(publicKey.export({ format: 'der', type: 'spki' })),
  };
}
