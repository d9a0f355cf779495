import { EventPattern, Payload } from '@nestjs/microservices';
import { linkHash, linkToken } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { Keyring, type StoredEvent } from '#libs/event-store';
import { legalProfile, windowEndsAt, type Instant } from '#libs/legal-profile';
import type { LetterIn } from '#libs/letter';
import { LetterMails, type Addressed } from '../mails/letter-mails.js';
import { Outbox } from '../outbox.js';
import { later } from './later.js';
import { LetterDesk, type Matter } from './letter-desk.js';
import { isAddressed } from './addressed.js';
import { Reaction } from './reaction.js';

/** The letter was sent under a legal profile that this version has no rules for, so that no deadline can be told. */
class LegalProfileUnknown extends Error {
  readonly code = 'LEGAL_PROFILE_UNKNOWN';
  constructor(letterId: string, profile: string) {
    super(`Letter ${letterId} has the legal profile ${profile}, which this version does not know; run one that does.`);
    this.name = 'LegalProfileUnknown';
  }
}

/** A letter was deposited, or its recipient's address corrected: the recipient is told that a letter waits. */
@Reaction()
export class NoticeReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly outbox: Outbox,
    private readonly mails: LetterMails,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  @EventPattern('Deposited')
  async deposited(@Payload() delivered: StoredEvent): Promise<void> {
    await this.notify(await this.desk.open(delivered, 'Deposited'), 1);
  }

  @EventPattern('AddressCorrected')
  async addressCorrected(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'AddressCorrected');
    await this.notify(matter, matter.event.data.notice);
  }

  private async notify(matter: Matter, notice: number): Promise<void> {
    const { letter, letterId, cause } = matter;
    if (letter.status !== 'deposited' || letter.notice !== notice || !isAddressed(letter)) return;
    const at = later(this.clock.now(), letter.lastAt);
    const token = linkToken(await this.keyring.get(cause.stream), notice);
    const templates = await this.desk.templatesOf(letter);
    const window = { windowEndsAt: endOf(letterId, letter, at), token };
    const mail = await this.desk.take(matter, this.mails.notice(letterId, letter, templates, window));
    const { messageId } = mail;
    const outcome = await this.outbox.mail(mail);
    if (outcome.outcome === 'accepted') {
      const hash = linkHash(token);
      await this.desk.tell(matter, { type: 'confirmNotice', at, notice, messageId, linkHash: hash }, 'confirm-notice');
    } else {
      const { code, response } = outcome;
      await this.desk.tell(matter, { type: 'failNotice', at, notice, messageId, code, response }, 'fail-notice');
    }
  }
}

function endOf(letterId: string, { terms }: Addressed<LetterIn<'deposited'>>, at: Instant): Instant {
  const profile = legalProfile(terms.legalProfile);
  if (!profile) throw new LegalProfileUnknown(letterId, terms.legalProfile);
  return windowEndsAt(profile, at, terms.retentionDays);
}
