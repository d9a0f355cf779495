import { createHash, randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { party } from '#libs/directory';
import { DocumentStore, inspectPdf } from '#libs/documents';
import { CommandRefused, EventStore, Keyring, type CommandContext } from '#libs/event-store';
import { isRefusal, letter, type NamedDocument, type PartyKind, type Recipient, type Submit } from '#libs/letter';
import { templateNamed, templates, type TemplateKind } from '#libs/templates';
import { Clock } from '#libs/configuration';
import { letterStream, type LetterOutcome } from './command-letter.js';
import { CreditAccounts } from './credit-accounts.js';
import { mustReceive, partyStream } from './party-commands.js';
import { reserveReference } from './reservations.js';
import { templatesStream } from './template-commands.js';

/** The legal profile that new letters are sent under; a letter keeps the one it was sent with. */
const LEGAL_PROFILE = 'fr-cpce-2018';

/** A letter as an agency hands it in. */
export interface LetterToSubmit {
  /** A UUIDv7 made by whoever hands the letter in: handing in the same id twice submits one letter. */
  readonly letterId: string;
  readonly agency: { readonly id: string; readonly code: string; readonly name: string; readonly email: string };
  readonly dossier: string;
  readonly partyCode: string;
  readonly partyKind: PartyKind;
  readonly professional: boolean;
  readonly recipient: Recipient;
  readonly otp: boolean;
  /** Days during which the recipient may answer; 15 unless asked otherwise (L.100, R.53-3 CPCE). */
  readonly retentionDays: number;
  readonly alertDays: number;
  /** `pages` of a PDF that was looked into before, when it was stored; one without is looked into now. */
  readonly documents: readonly { readonly name: string; readonly bytes: Buffer; readonly pages?: number }[];
  /** Names of the agency's templates, by kind; a kind that is absent goes by the agency's default. */
  readonly templates?: Readonly<Partial<Record<TemplateKind, string>>> | undefined;
}

/**
 * Takes a letter in: its documents are checked, a signature of the agency's is reserved, the documents are stored, the reference is claimed,
 * then `Submitted` appended. What the domain refuses, and a letter for which no signature is left, is refused before anything is stored.
 * A reservation whose letter did not get so far, because the process died, is given back by the worker.
 *
 * Fails with `PdfRefused` for a document, `CommandRefused` for the letter, for want of its recipient's consent or of a signature.
 */
export class SubmitLetter extends Command<LetterOutcome> {
  constructor(
    readonly letter: LetterToSubmit,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(SubmitLetter)
export class SubmitLetterHandler implements ICommandHandler<SubmitLetter> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly documents: DocumentStore,
    private readonly accounts: CreditAccounts,
    private readonly clock: Clock,
  ) {}

  async execute({ letter: handedIn, context }: SubmitLetter): Promise<LetterOutcome> {
    const stream = letterStream(handedIn.letterId);
    const at = this.clock.now();
    const pages = await Promise.all(
      handedIn.documents.map(async (document) => document.pages ?? (await inspectPdf(document.bytes)).pages),
    );
    const command = submission(handedIn, pages, at);
    mustBeTakenIn(command);
    mustReceive((await this.store.fold(party, partyStream(handedIn.agency.id, handedIn.partyCode))).state);
    await this.mustHaveTemplates(handedIn);

    const { agency, letterId } = handedIn;
    const reserve = { type: 'reserve', letterId, at } as const;
    const reserved = await this.accounts.execute(agency.id, reserve, becauseOf(context));
    try {
      return await this.takeIn(stream, handedIn, command, context);
    } catch (error) {
      // Not on any other failure, after which the letter may be there all the same; nor a reservation of whom this one repeats.
      if (error instanceof CommandRefused && reserved.events.length > 0) {
        const release = { type: 'release', letterId, reason: 'not-submitted', at } as const;
        await this.accounts.execute(agency.id, release, becauseOf(context));
      }
      throw error;
    }
  }

  /** @throws CommandRefused UNKNOWN_TEMPLATE */
  private async mustHaveTemplates({ agency, templates: named = {} }: LetterToSubmit): Promise<void> {
    const names = Object.entries(named) as [TemplateKind, string][];
    if (names.length === 0) return;
    const { state } = await this.store.fold(templates, templatesStream(agency.id));
    if (names.some(([kind, name]) => !templateNamed(state, kind, name))) throw new CommandRefused('UNKNOWN_TEMPLATE');
  }

  private async takeIn(
    stream: string,
    handedIn: LetterToSubmit,
    command: Submit,
    context: CommandContext,
  ): Promise<LetterOutcome> {
    const { at } = command;
    const key = (await this.keyring.create(stream)).derive('documents');
    for (const { bytes } of handedIn.documents) await this.documents.put(handedIn.letterId, key, bytes);
    const reference = await reserveReference(
      this.store,
      { letterId: handedIn.letterId, agencyCode: handedIn.agency.code, dossier: handedIn.dossier, at },
      context,
    );
    return this.store.execute(letter, stream, { ...command, reference }, context);
  }
}

/**
 * Asks the domain about a letter before anything is stored or claimed for it; its documents are not looked into.
 *
 * @throws CommandRefused
 */
export function forecastLetter(handedIn: LetterToSubmit, at: string): void {
  mustBeTakenIn(submission(handedIn, [], at));
}

/** A command of the account: not the letter's own id, since a signature that was given back may be reserved again for the same letter. */
function becauseOf({ commandId, correlationId, actor }: CommandContext): CommandContext {
  return { commandId: randomUUID(), correlationId, causationId: commandId, actor };
}

function mustBeTakenIn(command: Submit): void {
  const forecast = letter.decide(letter.initial, command);
  if (isRefusal(forecast)) throw new CommandRefused(forecast.refused);
}

/** @param pages of each document, in their order. */
function submission(handedIn: LetterToSubmit, pages: readonly number[], at: string): Submit {
  const documents = handedIn.documents.map(({ name, bytes }, index): NamedDocument => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name, pages: pages[index] ?? 0, size: bytes.length, sha256 };
  });
  const { agency, dossier, partyCode, partyKind, professional, recipient, otp, retentionDays, alertDays } = handedIn;
  const { templates } = handedIn;
  return {
    type: 'submit',
    at,
    agencyId: agency.id,
    agencyCode: agency.code,
    sender: { name: agency.name, email: agency.email },
    dossier,
    partyCode,
    partyKind,
    professional,
    recipient,
    otp,
    retentionDays,
    alertDays,
    legalProfile: LEGAL_PROFILE,
    reference: '',
    documents,
    ...(templates && { templates }),
  };
}
