import { KeyObject } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificatePem } from './certificates.js';
import { der } from './der.js';
import {
  issueCertificate,
  issueRevocationList,
  issueRoot,
  newKeyPair,
  type AuthorityAddresses,
  type Purpose,
  type Revocation,
  type Subject,
} from './issuance.js';
import { EvidenceRejected } from './rejected.js';
import { readSigner, type Signer } from './signer.js';
import { answerTimestampRequest } from './timestamp-responder.js';

/** What the authority keeps in its folder; the first three hold private keys. */
export const AUTHORITY_FILES = {
  root: 'authority.pem',
  timestamping: 'timestamping.pem',
  /** For whoever seals: PLI_SEAL. */
  seal: 'seal.pem',
  /** The certificate of the root alone, for whoever verifies: PLI_TRUST_ANCHORS. */
  anchors: 'anchors.pem',
  /** A JSON list of `{ "serialNumber", "at" }`, which the operator writes. */
  revoked: 'revoked.json',
} as const;

/**
 * The policy of the local authority's tokens. The arc is that for documentation (RFC 5612): whoever relies on the tokens beyond trying out
 * takes them from an authority with a policy of its own.
 */
const LOCAL_POLICY = '1.3.6.1.4.1.32473.3161.1';

/** Years that the certificates are valid. Proofs are kept for one: both outlive it, and the timestamps' outlives the seal's. */
const YEARS = { root: 20, timestamping: 15, seal: 5 } as const;
const NAMES = { timestamping: 'Horodatage local', seal: 'Cachet électronique' } as const;
const HOUR_MS = 3_600_000;
/** How long a revocation list is in force. */
const LIST_MS = 7 * 24 * HOUR_MS;

export interface LocalAuthorityOptions {
  readonly folder: string;
  /** Who runs it, as it stands in the certificates. */
  readonly operator: string;
  readonly addresses: AuthorityAddresses;
  readonly now: () => Date;
}

/**
 * A certification authority of one folder, with a timestamp authority and a seal under it. It makes what is missing the first time; from then
 * on the folder is what is trusted, and must be kept.
 */
export class LocalAuthority {
  private constructor(
    private readonly options: LocalAuthorityOptions,
    private readonly root: Signer,
    private readonly timestamping: Signer,
  ) {}

  /** @throws EvidenceRejected when a file of the folder cannot be read as what it should be; the errors of the file system */
  static async open(options: LocalAuthorityOptions): Promise<LocalAuthority> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const root = await signerIn(options, AUTHORITY_FILES.root, () => newRoot(options));
    const certificate = certificatePem(root.certificate);
    await replace(join(options.folder, AUTHORITY_FILES.anchors), certificate, 0o644);
    const under = (purpose: Purpose) =>
      signerIn(options, AUTHORITY_FILES[purpose], () => newUnder(root, purpose, options));
    const timestamping = await under('timestamping');
    await under('seal');
    return new LocalAuthority(options, root, timestamping);
  }

  /** DER. */
  get certificate(): Buffer {
    return der(this.root.certificate);
  }

  /** Answers a timestamp request; both are DER. */
  timestamp(request: Uint8Array): Promise<Buffer> {
    return answerTimestampRequest(request, {
      signer: this.timestamping,
      policy: LOCAL_POLICY,
      now: this.options.now,
    });
  }

  /**
   * A revocation list that is in force from a minute ago, so that it is older than what is sealed now. DER.
   *
   * @throws EvidenceRejected MALFORMED when `revoked.json` is not a list of revocations
   */
  async revocationList(): Promise<Buffer> {
    const from = new Date(this.options.now().getTime() - 60_000);
    const to = new Date(from.getTime() + LIST_MS);
    return der(await issueRevocationList(this.root, { from, to }, await this.revocations()));
  }

  private async revocations(): Promise<Revocation[]> {
    const text = await contentOf(join(this.options.folder, AUTHORITY_FILES.revoked));
    if (text === undefined) return [];
    try {
      return (JSON.parse(text) as unknown[]).map(revocationOf);
    } catch (cause) {
      const sentence = `${AUTHORITY_FILES.revoked} must be a JSON list such as [{"serialNumber":"4f1c","at":"2026-11-24T10:00:00Z"}].`;
      throw new EvidenceRejected('MALFORMED', sentence, cause);
    }
  }
}

function revocationOf(value: unknown): Revocation {
  const { serialNumber, at } = value as { serialNumber?: unknown; at?: unknown };
  const instant = new Date(typeof at === 'string' ? at : NaN);
  if (typeof serialNumber === 'string' && /^([0-9a-f]{2})+$/i.test(serialNumber) && !Number.isNaN(instant.getTime())) {
    return { serialNumber, at: instant };
  }
  throw new TypeError('an entry lacks its serial number or its instant');
}

/** Valid from an hour ago: another machine's clock may be a little behind. */
const validFor = (years: number, { now }: LocalAuthorityOptions) => ({
  notBefore: new Date(now().getTime() - HOUR_MS),
  years,
});

async function newRoot(options: LocalAuthorityOptions): Promise<string> {
  const keys = await newKeyPair();
  const subject = { commonName: 'Autorité locale', organisation: options.operator };
  return pem(keys.privateKey, certificatePem(await issueRoot(keys, subject, validFor(YEARS.root, options))));
}

async function newUnder(root: Signer, purpose: Purpose, options: LocalAuthorityOptions): Promise<string> {
  const { privateKey, publicKey } = await newKeyPair();
  const subject: Subject = { commonName: NAMES[purpose], organisation: options.operator };
  const request = { publicKey, subject, validity: validFor(YEARS[purpose], options), purpose };
  return pem(privateKey, certificatePem(await issueCertificate(root, options.addresses, request)));
}

const pem = (key: CryptoKey, certificate: string): string =>
  `${KeyObject.from(key).export({ format: 'pem', type: 'pkcs8' }).toString()}${certificate}`;

async function signerIn({ folder }: LocalAuthorityOptions, name: string, make: () => Promise<string>): Promise<Signer> {
  const path = join(folder, name);
  let text = await contentOf(path);
  if (text === undefined) {
    text = await make();
    await replace(path, text, 0o600);
  }
  return readSigner(text);
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** In one step: a file is there whole or not at all. */
async function replace(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${String(process.pid)}`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, path);
}
