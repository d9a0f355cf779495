import { EventPattern, Payload } from '@nestjs/microservices';
import { linkToken } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { Keyring, type StoredEvent } from '#libs/event-store';
import type { Information } from '#libs/letter';
import type { Mail } from '#libs/messaging';
import { LetterMails, type Written } from '../mails/letter-mails.js';
import { Outbox } from '../outbox.js';
import { isAddressed } from './addressed.js';
import { LetterDesk, type Matter } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** Tells the agency what became of a letter; reminds the recipient, and tells him that the signed documents are ready. */
@Reaction()
export class InformationReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly outbox: Outbox,
    private readonly mails: LetterMails,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  @EventPattern('Deposited')
  async deposited(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Deposited');
    const { letter, letterId } = matter;
    if (!('told' in letter) || !isAddressed(letter)) return;
    const templates = await this.desk.templatesOf(letter);
    await this.inform(matter, 'deposit-proof', this.mails.depositProof(letterId, letter, templates));
  }

  @EventPattern('NotificationFailed')
  async notificationFailed(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'NotificationFailed');
    const { letter, letterId, event } = matter;
    if (!('told' in letter) || !isAddressed(letter)) return;
    const templates = await this.desk.templatesOf(letter);
    await this.inform(matter, 'bounce', this.mails.bounce(letterId, letter, templates, event));
  }

  @EventPattern('AlertRaised')
  async alertRaised(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'AlertRaised');
    const { letter, letterId, cause } = matter;
    // An answer that came meanwhile is told by an e-mail of its own.
    if ((letter.status !== 'notified' && letter.status !== 'accepted') || !isAddressed(letter)) return;
    const templates = await this.desk.templatesOf(letter);
    const token = linkToken(await this.keyring.get(cause.stream), letter.notice);
    await this.informAll(matter, {
      alert: this.mails.answer(letterId, letter, templates, 'alert'),
      'notice-reminder': this.mails.reminder(letterId, letter, templates, token),
    });
  }

  @EventPattern('Refused')
  async refused(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Refused');
    const { letter, letterId } = matter;
    if (letter.status !== 'refused' || !isAddressed(letter)) return;
    const templates = await this.desk.templatesOf(letter);
    await this.inform(matter, 'refusal', this.mails.answer(letterId, letter, templates, 'refusal'));
  }

  @EventPattern('Expired')
  async expired(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Expired');
    const { letter, letterId } = matter;
    if (letter.status !== 'expired' || !isAddressed(letter)) return;
    const templates = await this.desk.templatesOf(letter);
    await this.inform(matter, 'expiry', this.mails.answer(letterId, letter, templates, 'expiry'));
  }

  @EventPattern('Signed')
  async signed(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Signed');
    const { letter, letterId, cause } = matter;
    if (letter.status !== 'signed' || !isAddressed(letter)) return;
    const templates = await this.desk.templatesOf(letter);
    const token = linkToken(await this.keyring.get(cause.stream), letter.notice);
    await this.informAll(matter, {
      confirmation: this.mails.answer(letterId, letter, templates, 'confirmation'),
      'signed-documents': this.mails.signedDocuments(letterId, letter, templates, token),
    });
  }

  /** Each is settled by itself: when one cannot be sent now, the other still is, and only the missing one is tried again. */
  private async informAll(matter: Matter, mails: Partial<Record<Information, Written<Mail>>>): Promise<void> {
    const failures: unknown[] = [];
    for (const [about, mail] of Object.entries(mails) as [Information, Written<Mail>][]) {
      await this.inform(matter, about, mail).catch((failure: unknown) => failures.push(failure));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Sends the e-mail unless the letter knows what became of it, and tells the letter. */
  private async inform(matter: Matter, about: Information, written: Written<Mail>): Promise<void> {
    const { letter } = matter;
    const { messageId } = written.message;
    if ('told' in letter && letter.told.some((told) => told.messageId === messageId)) return;
    const outcome = await this.outbox.mail(await this.desk.take(matter, written));
    const at = this.clock.now();
    if (outcome.outcome === 'accepted') {
      await this.desk.tell(matter, { type: 'confirmInformed', at, about, messageId }, `confirm-informed/${about}`);
    } else {
      const { code } = outcome;
      await this.desk.tell(matter, { type: 'failInformed', at, about, messageId, code }, `fail-informed/${about}`);
    }
  }
}
