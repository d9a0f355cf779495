import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { ReactionGroup } from '#libs/commands';
import { Clock } from '#libs/configuration';
import type { CreditRefusalCode } from '#libs/credit';
import { DocumentAltered, DocumentMissing, DocumentStore, inspectPdf, PrintFailed } from '#libs/documents';
import { CommandRefused, EventContext, Keyring, type StoredEvent } from '#libs/event-store';
import type { DocumentPrint, LetterIn } from '#libs/letter';
import { addressee, type Addressed } from '../mails/letter-mails.js';
import { Press } from '../press.js';
import { isAddressed } from './addressed.js';
import { later } from './later.js';
import { LetterDesk } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** A browser that dies over a document, or is slow, may do so because the machine is short of something: it gets other chances. */
const PRINT_RETRIES = 5;

/** A letter was submitted: a signature is reserved for it, its documents are there, its acknowledgement is printed, so it is deposited. */
@Reaction()
export class DepositReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly press: Press,
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  @EventPattern<string>('Submitted', { group: 'deposits' satisfies ReactionGroup })
  async submitted(@Payload() delivered: StoredEvent, @Ctx() { retries }: EventContext): Promise<void> {
    const matter = await this.desk.open(delivered, 'Submitted');
    const { letter, letterId, cause } = matter;
    if (letter.status !== 'submitted' || !isAddressed(letter)) return;
    const key = (await this.keyring.get(cause.stream)).derive('documents');
    const at = later(this.clock.now(), letter.lastAt);
    try {
      // The signature may have been given back while nothing was heard of the letter: see `Reservations`.
      await this.desk.tellAccount(matter, { type: 'uphold' }, at);
      for (const { sha256 } of letter.terms.documents) await this.documents.get(letterId, key, sha256);
      const acknowledgement = await this.print(letterId, letter, at, key);
      await this.desk.tell(matter, { type: 'confirmDeposit', at, acknowledgement }, 'confirm-deposit');
    } catch (error) {
      if (!isPermanent(error, retries)) throw error;
      await this.desk.tell(matter, { type: 'failDeposit', at, reason: error.code }, 'fail-deposit');
    }
  }

  private async print(
    letterId: string,
    { terms, parties }: Addressed<LetterIn<'submitted'>>,
    at: string,
    key: Buffer,
  ): Promise<DocumentPrint> {
    const bytes = await this.press.acknowledgement({
      reference: terms.reference,
      recipientName: addressee(parties.recipient),
      depositedAt: at,
      documentCount: terms.documents.length,
    });
    const { pages } = await inspectPdf(bytes);
    return { ...(await this.documents.put(letterId, key, bytes)), pages };
  }
}

/** What an account says to a letter that it has no signature for. */
const NO_CREDIT: readonly string[] = ['NO_SIGNATURE_LEFT'] satisfies CreditRefusalCode[];

type Permanent = DocumentMissing | DocumentAltered | PrintFailed | CommandRefused;

/**
 * Whether trying again cannot help: what was submitted is not in the store as it was, its acknowledgement cannot be printed, or no
 * signature is left for it.
 */
function isPermanent(error: unknown, retries: number): error is Permanent {
  if (error instanceof CommandRefused) return NO_CREDIT.includes(error.code);
  if (error instanceof PrintFailed) return retries >= PRINT_RETRIES;
  return error instanceof DocumentMissing || error instanceof DocumentAltered;
}
