import { Injectable, Logger } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v5 as uuidv5 } from 'uuid';
import { CommandProofs, LetterById, ProofsOfLetter } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { chainLink, type StoredEvent } from '#libs/event-store';
import {
  assembleSealedPdf,
  RevocationListUnavailable,
  sealIssuer,
  SealingOffice,
  TimestampUnavailable,
} from '#libs/evidence';
import type { LetterEvent } from '#libs/letter';
import { proofFacts, type Proof, type ProofCommand, type ProofFacts, type Proofs } from '#libs/proof';
import { LetterFiles } from './letter-files.js';
import { ProofWriter } from './proof-writer.js';

/** A proof to make: whose letter, and of which of its events. */
interface Task {
  readonly letterId: string;
  readonly cause: StoredEvent<LetterEvent>;
}

/** What became of a proof: `none` where none is owed, or nobody can be named any more; `delayed` until an authority gives a timestamp. */
export type ProofOutcome = 'none' | 'issued' | 'delayed';

/** A proof that has its timestamp. */
export type IssuedProof = Extract<Proof, { status: 'issued' }>;

/** What proofs are made with. */
@Injectable()
export class ProofWorkshop {
  constructor(
    readonly writer: ProofWriter,
    readonly office: SealingOffice,
    readonly files: LetterFiles,
  ) {}
}

/**
 * Makes the proof that is owed for an event of a letter, step by step, each kept before the next: the document is written and sealed, the seal is
 * timestamped, the whole is put together. Whoever repeats it after a crash goes on where it stopped.
 */
@Injectable()
export class ProofMaker {
  private readonly logger = new Logger('Proofs');

  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly workshop: ProofWorkshop,
    private readonly clock: Clock,
  ) {}

  /** @throws PrinterBusy, PrinterUnavailable, PrinterClosed, PrintFailed, EvidenceRejected */
  async make(letterId: string, eventId: string): Promise<ProofOutcome> {
    const { events } = await this.queries.execute(new LetterById(letterId));
    const cause = events.find(({ id }) => id === eventId);
    const facts = proofFacts(events.map(placed), eventId);
    if (!cause || !facts) return 'none';
    const task = { letterId, cause };
    const { state } = await this.queries.execute(new ProofsOfLetter(letterId));
    const proof = state.find((one) => one.proof === eventId) ?? (await this.seal(task, facts));
    return proof.status === 'issued' ? 'issued' : this.issue(task, proof);
  }

  /**
   * Makes an issued proof again: written from the events of the letter, with the seal and the timestamp that are stored. The bytes are those
   * that were issued; they differ when events, seal or token were tampered with, or when another version of the printer draws another page.
   */
  async rebuild(letterId: string, proof: IssuedProof): Promise<Buffer> {
    const { events } = await this.queries.execute(new LetterById(letterId));
    const facts = proofFacts(events.map(placed), proof.proof);
    if (!facts) throw new RangeError(`Letter ${letterId} has no facts for a proof of event ${proof.proof} any more.`);
    const seal = Buffer.from(proof.seal, 'base64');
    const { qualification } = proof;
    const draft = await this.workshop.writer.draft(facts, { issuer: sealIssuer(seal), qualification });
    const token = Buffer.from(proof.token, 'base64');
    const revocationLists = proof.revocationLists.map((list) => Buffer.from(list, 'base64'));
    return assembleSealedPdf(draft, { seal, token, revocationLists });
  }

  private async seal(task: Task, facts: ProofFacts): Promise<Proof> {
    const { writer, office, files } = this.workshop;
    const { draft, ...written } = await writer.write(facts);
    const seal = await office.seal(draft);
    const state = await this.tell(task, {
      type: 'sealProof',
      proof: facts.id,
      kind: facts.kind,
      ...written,
      draft: await files.keep(task.letterId, draft),
      seal: seal.toString('base64'),
      at: this.clock.now(),
    });
    // Of two workers the other one may have been first: its seal is the one that counts.
    const sealed = state.find(({ proof }) => proof === facts.id);
    if (!sealed) throw new TypeError(`The proof of event ${facts.id} was sealed and is not there.`);
    return sealed;
  }

  private async issue(task: Task, proof: Proof): Promise<ProofOutcome> {
    try {
      await this.timestamp(task, proof);
      return 'issued';
    } catch (error) {
      if (!(error instanceof TimestampUnavailable || error instanceof RevocationListUnavailable)) throw error;
      this.logger.warn(`The proof of event ${proof.proof} waits for its timestamp: ${error.message}`);
      await this.tell(task, { type: 'delayTimestamp', proof: proof.proof, at: this.clock.now() });
      return 'delayed';
    }
  }

  private async timestamp(task: Task, { proof, draft, seal }: Proof): Promise<void> {
    const { office, files } = this.workshop;
    const sealed = Buffer.from(seal, 'base64');
    const timestamp = await office.timestamp(sealed);
    const whole = await office.assemble(await files.read(task.letterId, draft), sealed, timestamp);
    await this.tell(task, {
      type: 'keepTimestamp',
      proof,
      token: timestamp.token.toString('base64'),
      time: timestamp.time.toISOString(),
      authority: timestamp.authority,
      revocationLists: timestamp.revocationLists.map((list) => list.toString('base64')),
      document: await files.keep(task.letterId, whole),
      at: this.clock.now(),
    });
  }

  /** The command's id follows from the event and the purpose: telling it again after a crash or a lost answer changes nothing. */
  private async tell({ letterId, cause }: Task, command: ProofCommand): Promise<Proofs> {
    const commandId = uuidv5(command.type, cause.id);
    const { correlationId } = cause.metadata;
    const context = { commandId, correlationId, causationId: cause.id, actor: 'worker' };
    const { state } = await this.commands.execute(new CommandProofs(letterId, command, context));
    return state;
  }
}

function placed(stored: StoredEvent<LetterEvent>) {
  const { revision, chain } = chainLink(stored);
  return { id: stored.id, event: stored.event, revision, chain };
}
