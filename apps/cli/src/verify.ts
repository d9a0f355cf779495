import { readFile } from 'node:fs/promises';
import { DossierUnreadable, verifyDossier, type DossierFault, type Happening, type Verdict } from '#libs/dossier';
import { EvidenceRejected } from '#libs/evidence';
import { proofLabels } from '#libs/proof';
import { CliFailure } from './failure.js';
import type { Print } from './operator.js';

/**
 * Verifies a dossier offline, and prints what happened, when, by which proof, and what is wrong where.
 *
 * @param trust file with the roots that are trusted (PEM); without it those of the dossier are
 * @throws CliFailure DOSSIER_INVALID after everything was printed; FILE_UNREADABLE when there is nothing to judge
 */
export async function verifyFile(file: string, trust: string | undefined, print: Print): Promise<void> {
  const anchors = trust === undefined ? undefined : (await contentOf(trust)).toString('latin1');
  const { reference, happenings, seal, faults } = await verdictOf(await contentOf(file), anchors);
  if (reference) print(reference);
  for (const happening of happenings) print(lineOf(happening));
  if (seal)
    print(`ok     sealed by ${seal.sealedBy}, ${seal.timestamp.genTime.toISOString()} by ${seal.timestamp.authority}`);
  if (anchors === undefined) {
    print(
      'note   the roots that were trusted are those in the dossier: it is whole, but whose it is only --trust tells',
    );
  }
  for (const fault of faults) print(wrong(fault));
  if (faults.length === 0) {
    print('valid');
    return;
  }
  const count = faults.length === 1 ? 'One place' : `${String(faults.length)} places`;
  throw new CliFailure(
    'DOSSIER_INVALID',
    `${count} of ${file} cannot be relied on: see "WRONG"; ask for the dossier again.`,
  );
}

async function verdictOf(bytes: Buffer, anchors: string | undefined): Promise<Verdict> {
  try {
    return await verifyDossier(bytes, anchors);
  } catch (error) {
    if (error instanceof DossierUnreadable) throw new CliFailure('FILE_UNREADABLE', error.message);
    // Only the file of --trust is read outside the verdict.
    if (error instanceof EvidenceRejected) throw new CliFailure('FILE_UNREADABLE', `--trust: ${error.message}`);
    throw error;
  }
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch {
    throw new CliFailure('FILE_UNREADABLE', `The file ${file} cannot be read: see that it is there, and may be read.`);
  }
}

function lineOf({ number, at, words, proof }: Happening): string {
  const line = [String(number).padStart(3), at, words];
  if (!proof) return line.join('  ');
  const { seal } = proof;
  const proved = `${proofLabels[proof.proof.kind]} (proofs/${proof.proof.proof}.pdf, ${proof.proof.time} by ${seal.timestamp.authority})`;
  return [...line, proved].join('  ');
}

const wrong = ({ place, event, sentence }: DossierFault): string =>
  `WRONG  ${place}${event === undefined ? '' : `, event ${String(event)}`}: ${sentence}`;
