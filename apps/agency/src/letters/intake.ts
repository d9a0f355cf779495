import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId, v5 as uuidFromName } from 'uuid';
import {
  CommandCredit,
  forecastLetter,
  LetterById,
  mustReceive,
  PartyByCode,
  SubmitLetter,
  type LetterToSubmit,
} from '#libs/commands';
import { Clock } from '#libs/configuration';
import type { Position } from '#libs/event-store';
import type { Letter, Recipient } from '#libs/letter';
import { notFound } from '#libs/web';
import type { Asker, SignedInUser } from '../access/asker.js';
import { Credits, type ShownBalance } from '../credits/credits.js';
import type { LetterInput, RecipientInput } from './letter-input.js';
import { mobileInE164 } from './mobile-number.js';
import type { Upload } from './uploads.js';

/** A letter that the service has taken in. */
export interface TakenIn {
  readonly letterId: string;
  readonly reference: string;
  /** A list that has got here shows the letter. */
  readonly position: Position | null;
  /** The letter was there already: nothing was sent a second time. */
  readonly before: boolean;
}

/** Takes letters in for pages and API alike. */
@Injectable()
export class Intake {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly credits: Credits,
    private readonly clock: Clock,
  ) {}

  /** Asks whether the letter would be taken in, before anything is claimed for it. @throws CommandRefused */
  forecast(asker: Asker, input: LetterInput, documents: Upload['documents']): void {
    forecastLetter(letterToSubmit(asker, '', input, documents), this.clock.now());
  }

  /** The signatures that remain, as the user's own last command left them. */
  balance(user: SignedInUser): Promise<ShownBalance> {
    return this.credits.balance(user, user.creditPosition);
  }

  /** Asks whether a signature is left for it. @throws CommandRefused NOT_ACTIVATED, NO_SIGNATURE_LEFT */
  async forecastCredit({ agency, actor }: Asker): Promise<void> {
    const commandId = newCommandId();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor };
    const forecast = { type: 'forecast', at: this.clock.now() } as const;
    await this.commands.execute(new CommandCredit(agency.id, forecast, context));
  }

  /** Asks whether its third party may receive a letter, likewise. @throws CommandRefused CONSENT_MISSING */
  async forecastConsent({ agency }: Asker, { partyCode }: LetterInput): Promise<void> {
    mustReceive((await this.queries.execute(new PartyByCode(agency.id, partyCode))).state);
  }

  /**
   * Submits a letter under an id of the caller's choice; under an id that this agency has submitted already, answers that letter.
   *
   * @throws EdgeFailure 404 where the id is another agency's letter.
   * @throws PdfRefused, CommandRefused
   */
  async submit(asker: Asker, letterId: string, input: LetterInput, documents: Upload['documents']): Promise<TakenIn> {
    const known = await this.queries.execute(new LetterById(letterId));
    if (known.state.status !== 'unknown') {
      return takenIn(asker, letterId, known.state, known.events[0]?.position ?? null, true);
    }
    // The same letter handed in twice at the same moment is one command: the store carries it out once.
    const commandId = uuidFromName(letterId, asker.agency.id);
    const context = { commandId, correlationId: letterId, causationId: commandId, actor: asker.actor };
    const { state, position } = await this.commands.execute(
      new SubmitLetter(letterToSubmit(asker, letterId, input, documents), context),
    );
    return takenIn(asker, letterId, state, position, false);
  }
}

function takenIn(asker: Asker, letterId: string, letter: Letter, position: Position | null, before: boolean): TakenIn {
  if (letter.status === 'unknown' || letter.terms.agencyId !== asker.agency.id) throw notFound();
  return { letterId, reference: letter.terms.reference, position, before };
}

function letterToSubmit(
  { agency }: Asker,
  letterId: string,
  input: LetterInput,
  documents: Upload['documents'],
): LetterToSubmit {
  const { dossier, partyCode, partyKind, professional, otp, retentionDays, alertDays, templates } = input;
  const recipient = recipientOf(input.recipient);
  const terms = { dossier, partyCode, partyKind, professional, otp, retentionDays, alertDays, templates };
  return { letterId, agency, ...terms, recipient, documents };
}

function recipientOf({ civility, name, email, mobile }: RecipientInput): Recipient {
  const number = mobile ? mobileInE164(mobile) : undefined;
  return { name, email, ...(civility ? { civility } : {}), ...(number ? { mobile: number } : {}) };
}
