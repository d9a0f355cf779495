import type { Link } from '#libs/chain';
import type { SealingOffice } from '#libs/evidence';
import type { Proof, ProofFacts } from '#libs/proof';
import { pack, type Files } from './container.js';
import { eventLines } from './event-lines.js';
import { MANIFEST, manifestOf, SIGNATURE } from './manifest.js';

/** Where things lie in a dossier. */
export const PLACES = {
  description: 'dossier.json',
  anchors: 'certificates/anchors.pem',
  letterEvents: 'events/letter.jsonl',
  proofEvents: 'events/proofs.jsonl',
  document: (sha256: string) => `documents/${sha256}.pdf`,
  proof: (proof: string) => `proofs/${proof}.pdf`,
  token: (proof: string) => `tokens/${proof}.tst`,
} as const;

export const FORMAT = 'pli-dossier-1';

/** A letter as the stores have it. */
export interface LetterRecord {
  readonly letterId: string;
  readonly reference: string;
  /** The documents that were handed in and the acknowledgement, with the names that the reader of the dossier may see. */
  readonly documents: ProofFacts['documents'];
  readonly letterEvents: readonly Link[];
  readonly proofEvents: readonly Link[];
  readonly proofs: readonly Proof[];
  /** Reads a PDF of the letter by its hex SHA-256. */
  readonly read: (sha256: string) => Promise<Buffer>;
}

/**
 * Makes the dossier of a letter: an ASiC-E container with a sealed and timestamped manifest (EN 319 162-1, CAdES B-LT). But for that seal, the same
 * letter gives the same bytes.
 *
 * @throws TimestampUnavailable, RevocationListUnavailable: it may be asked for again
 * @throws EvidenceRejected, and what `read` throws
 */
export async function writeDossier(letter: LetterRecord, office: SealingOffice): Promise<Buffer> {
  const files = await filesOf(letter, office.roots);
  const manifest = Buffer.from(manifestOf(files));
  return pack(new Map([...files, [MANIFEST, manifest], [SIGNATURE, await office.sealDetached(manifest)]]));
}

async function filesOf(letter: LetterRecord, anchors: string): Promise<Files> {
  const { letterId, reference, documents, letterEvents, proofEvents, read } = letter;
  const issued = letter.proofs.filter((proof) => proof.status === 'issued');
  const description = { format: FORMAT, letter: letterId, reference, documents };
  const files = new Map<string, Buffer>([
    [PLACES.description, Buffer.from(`${JSON.stringify(description, undefined, 2)}\n`)],
    [PLACES.anchors, Buffer.from(anchors)],
    [PLACES.letterEvents, eventLines(letterEvents)],
    [PLACES.proofEvents, eventLines(proofEvents)],
  ]);
  for (const { sha256 } of documents) files.set(PLACES.document(sha256), await read(sha256));
  for (const { proof, token, document } of issued) {
    files.set(PLACES.proof(proof), await read(document.sha256));
    files.set(PLACES.token(proof), Buffer.from(token, 'base64'));
  }
  return files;
}
