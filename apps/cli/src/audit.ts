import { readFileSync } from 'node:fs';
import type { QueryBus } from '@nestjs/cqrs';
import { DocumentOfLetter, LetterById, ProofsOfLetter } from '#libs/commands';
import { AuditConfiguration, ConfigurationError, readConfiguration } from '#libs/configuration';
import { verifyChain } from '#libs/chain';
import { chainLink, type StoredEvent } from '#libs/event-store';
import { trustedBy, verifySealedPdf, type Trust } from '#libs/evidence';
import { describeEvent, type Letter, type LetterEvent } from '#libs/letter';
import { proofLabels, proofStatusLabels, type Proof } from '#libs/proof';
import { validate as isUuid } from 'uuid';
import { CliFailure, sentenceOf } from './failure.js';
import { unknownLetter } from './letter.js';
import { withStores, type Print } from './operator.js';

/**
 * Prints the trail of a letter from the store alone: its events with who caused them, whether both chains hold, each document and each proof with what
 * its verification says.
 *
 * @throws CliFailure UNKNOWN_LETTER, or AUDIT_FAILED after everything was printed.
 */
export function replayLetter(environment: NodeJS.ProcessEnv, letterId: string, print: Print): Promise<void> {
  const trust = trustOf(environment);
  return withStores(environment, async ({ queries }) => {
    if (!isUuid(letterId)) throw unknownLetter(letterId);
    const { state, events } = await queries.execute(new LetterById(letterId));
    if (state.status === 'unknown') throw unknownLetter(letterId);
    const proofs = await queries.execute(new ProofsOfLetter(letterId));
    for (const event of events) print(line(event));
    const findings = [
      chainFinding('events', events),
      chainFinding('proofs', proofs.events),
      ...(await Promise.all(fingerprintsOf(state).map((sha256) => documentFinding(queries, letterId, sha256)))),
      ...(await Promise.all(proofs.state.map((proof) => proofFinding(queries, letterId, { proof, trust })))),
    ];
    for (const { words } of findings) print(words);
    const wrong = findings.filter(({ holds }) => !holds).length;
    if (wrong > 0) {
      const what = `${String(wrong)} of ${String(findings.length)} checks of letter ${letterId} failed`;
      throw new CliFailure('AUDIT_FAILED', `${what}: see the lines with "WRONG"; compare the stores with a backup.`);
    }
  });
}

/** What one check found, as the line that is printed. */
export interface Finding {
  readonly holds: boolean;
  readonly words: string;
}

const found = (what: string, words: string): Finding => ({ holds: true, words: `ok     ${what}: ${words}` });
export const wrong = (what: string, words: string): Finding => ({ holds: false, words: `WRONG  ${what}: ${words}` });

/** @throws ConfigurationError */
export function trustOf(environment: NodeJS.ProcessEnv): Trust {
  const { PLI_TRUST_ANCHORS } = readConfiguration(AuditConfiguration, environment);
  try {
    return trustedBy(readFileSync(PLI_TRUST_ANCHORS, 'utf8'));
  } catch {
    throw new ConfigurationError('Configuration: PLI_TRUST_ANCHORS must name a file with certificates (PEM).');
  }
}

function line({ event, revision, recordedAt, metadata }: StoredEvent<LetterEvent>): string {
  const place = String(revision).padStart(3);
  return [place, recordedAt.toISOString(), event.type, metadata.actor, describeEvent(event)].join('  ');
}

function chainFinding(what: string, events: readonly StoredEvent[]): Finding {
  const verdict = verifyChain(events.map(chainLink));
  if (verdict.intact)
    return found(`chain of the ${what}`, `${String(events.length)} events, ${verdict.chain || 'none'}`);
  return wrong(`chain of the ${what}`, `${verdict.fault} at revision ${String(verdict.revision)}`);
}

/** The documents that were handed in, and the acknowledgement once there is one. */
function fingerprintsOf(state: Exclude<Letter, { status: 'unknown' }>): string[] {
  const handedIn = state.terms.documents.map(({ sha256 }) => sha256);
  return 'acknowledgement' in state ? [...handedIn, state.acknowledgement.sha256] : handedIn;
}

export async function documentFinding(queries: QueryBus, letterId: string, sha256: string): Promise<Finding> {
  try {
    const { length } = await queries.execute(new DocumentOfLetter(letterId, sha256));
    return found(`document ${sha256}`, `${String(length)} bytes`);
  } catch (error) {
    return wrong(`document ${sha256}`, sentenceOf(error));
  }
}

export async function proofFinding(
  queries: QueryBus,
  letterId: string,
  { proof, trust }: { readonly proof: Proof; readonly trust: Trust },
): Promise<Finding> {
  const what = `${proofLabels[proof.kind]} (event ${proof.proof})`;
  if (proof.status !== 'issued') return found(what, proofStatusLabels[proof.status]);
  try {
    const pdf = await queries.execute(new DocumentOfLetter(letterId, proof.document.sha256));
    const { sealedBy, timestamp } = await verifySealedPdf(pdf, trust);
    if (timestamp.genTime.toISOString() !== proof.time)
      return wrong(what, 'its timestamp is not the one that was kept');
    return found(what, `sealed by ${sealedBy}, ${proof.time} by ${timestamp.authority}`);
  } catch (error) {
    return wrong(what, sentenceOf(error));
  }
}
