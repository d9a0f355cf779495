import { EventPattern, Payload } from '@nestjs/microservices';
import { linkToken } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { Keyring, type StoredEvent } from '#libs/event-store';
import type { Information } from '#libs/letter';
import type { Mail } from '#libs/messaging';
import { LetterMails } from '../mails/letter-mails.js';
import { Outbox } from '../outbox.js';
import { isAddressed } from './addressed.js';
import { LetterDesk, type Matter } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** Tells the agency what became of a letter, and the recipient that the signed documents are ready. */
@Reaction()
export class InformationReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly outbox: Outbox,
    private readonly mails: LetterMails,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  @EventPattern('NotificationFailed')
  async notificationFailed(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'NotificationFailed');
    const { letter, letterId, event } = matter;
    if (!('told' in letter) || !isAddressed(letter)) return;
    await this.inform(matter, 'bounce', this.mails.bounce(letterId, letter, event));
  }

  @EventPattern('AlertRaised')
  async alertRaised(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'AlertRaised');
    const { letter, letterId } = matter;
    // An answer that came meanwhile is told by an e-mail of its own.
    if ((letter.status !== 'notified' && letter.status !== 'accepted') || !isAddressed(letter)) return;
    await this.inform(matter, 'alert', this.mails.answer(letterId, letter, 'alert'));
  }

  @EventPattern('Refused')
  async refused(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Refused');
    const { letter, letterId } = matter;
    if (letter.status !== 'refused' || !isAddressed(letter)) return;
    await this.inform(matter, 'refusal', this.mails.answer(letterId, letter, 'refusal'));
  }

  @EventPattern('Expired')
  async expired(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Expired');
    const { letter, letterId } = matter;
    if (letter.status !== 'expired' || !isAddressed(letter)) return;
    await this.inform(matter, 'expiry', this.mails.answer(letterId, letter, 'expiry'));
  }

  @EventPattern('Signed')
  async signed(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Signed');
    const { letter, letterId, cause } = matter;
    if (letter.status !== 'signed' || !isAddressed(letter)) return;
    const token = linkToken(await this.keyring.get(cause.stream), letter.notice);
    const confirmation = this.mails.answer(letterId, letter, 'confirmation');
    const documents = this.mails.signedDocuments(letterId, letter, token);
    // Each is settled by itself: when one cannot be sent now, the other still is, and only the missing one is tried again.
    const failures: unknown[] = [];
    await this.inform(matter, 'confirmation', confirmation).catch((failure: unknown) => failures.push(failure));
    await this.inform(matter, 'signed-documents', documents).catch((failure: unknown) => failures.push(failure));
    if (failures.length > 0) throw failures[0];
  }

  /** Sends the e-mail unless the letter knows what became of it, and tells the letter. */
  private async inform(matter: Matter, about: Information, mail: Mail): Promise<void> {
    const { letter } = matter;
    const { messageId } = mail;
    if ('told' in letter && letter.told.some((told) => told.messageId === messageId)) return;
    const outcome = await this.outbox.mail(mail);
    const at = this.clock.now();
    if (outcome.outcome === 'accepted') {
      await this.desk.tell(matter, { type: 'confirmInformed', at, about, messageId }, `confirm-informed/${about}`);
    } else {
      const { code } = outcome;
      await this.desk.tell(matter, { type: 'failInformed', at, about, messageId, code }, `fail-informed/${about}`);
    }
  }
}
