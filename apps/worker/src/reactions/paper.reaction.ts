import { EventPattern, Payload, Ctx } from '@nestjs/microservices';
import { Clock } from '#libs/configuration';
import {
  BindingFailed,
  bindForPrinting,
  DocumentAltered,
  DocumentMissing,
  DocumentStore,
  PrintFailed,
  type Envelope,
} from '#libs/documents';
import { EventContext, Keyring, type StoredEvent } from '#libs/event-store';
import { jobNumber, type Paper, type PrintJob } from '#libs/letter';
import type { Addressed, Deposited } from '../mails/letter-mails.js';
import { Press } from '../press.js';
import { isAddressed } from './addressed.js';
import { later } from './later.js';
import { LetterDesk, type Matter } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** A browser or a thread that dies over a document may do so because the machine is short of something: it gets other chances. */
const RETRIES = 5;

/** Somebody asked for paper: address page and documents become one file for the envelope, with a ticket for the shop. */
@Reaction()
export class PaperReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly press: Press,
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  @EventPattern<string>('PrintRequested')
  async printRequested(@Payload() delivered: StoredEvent, @Ctx() { retries }: EventContext): Promise<void> {
    const matter = await this.desk.open(delivered, 'PrintRequested');
    const { letter, event } = matter;
    if (!('printJobs' in letter) || !isAddressed(letter)) return;
    const { job } = event.data;
    const waiting = letter.printJobs.find((one) => one.job === job && one.status === 'waiting');
    if (!waiting) return;
    const at = later(this.clock.now(), letter.lastAt);
    try {
      if (!waiting.address) throw new AddressMissing();
      const paper = await this.prepare(matter, letter, waiting);
      await this.desk.tell(matter, { type: 'confirmPrint', at, job, ...paper }, 'confirm-print');
    } catch (error) {
      if (!isPermanent(error, retries)) throw error;
      await this.desk.tell(matter, { type: 'failPrint', at, job, reason: error.code }, 'fail-print');
    }
  }

  private async prepare({ letterId, cause }: Matter, letter: Addressed<Deposited>, job: PrintJob): Promise<Paper> {
    const key = (await this.keyring.get(cause.stream)).derive('documents');
    const parts: Buffer[] = [];
    for (const { sha256 } of letter.terms.documents) parts.push(await this.documents.get(letterId, key, sha256));
    const envelope = envelopeOf(letter, job);
    const address = await this.press.addressPage(envelope);
    const { bytes, pages } = await bindForPrinting([address, ...parts], { createdAt: job.requestedAt });
    const ticket = await this.press.jobTicket(envelope, pages);
    return {
      print: { ...(await this.documents.put(letterId, key, bytes)), pages },
      ticket: { ...(await this.documents.put(letterId, key, ticket)), pages: 1 },
    };
  }
}

function envelopeOf({ terms, parties }: Addressed<Deposited>, job: PrintJob): Omit<Envelope, 'qualification'> {
  return {
    number: jobNumber(job.job),
    reference: terms.reference,
    sender: parties.sender,
    addressLines: (job.address ?? '').split('\n'),
    requestedAt: job.requestedAt,
    requestedBy: job.by,
    documents: terms.documents.map(({ pages }, index) => ({ name: parties.documentNames[index] ?? '', pages })),
  };
}

/** A request from before addresses were kept with it. */
class AddressMissing extends Error {
  readonly code = 'ADDRESS_MISSING';
}

type Permanent = AddressMissing | DocumentMissing | DocumentAltered | BindingFailed | PrintFailed;

/** Whether trying again cannot help. */
function isPermanent(error: unknown, retries: number): error is Permanent {
  if (error instanceof PrintFailed) return retries >= RETRIES;
  if (error instanceof BindingFailed) return error.code !== 'TOO_COSTLY' || retries >= RETRIES;
  return error instanceof AddressMissing || error instanceof DocumentMissing || error instanceof DocumentAltered;
}
