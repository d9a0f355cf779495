import { EventPattern, Payload } from '@nestjs/microservices';
import { otpCode, type ReactionGroup } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { Keyring, type StoredEvent } from '#libs/event-store';
import type { Letter } from '#libs/letter';
import { LetterMails } from '../mails/letter-mails.js';
import { Outbox } from '../outbox.js';
import { isAddressed } from './addressed.js';
import { LetterDesk } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** A recipient asked for a code: it is sent to the mobile that the letter names. */
@Reaction()
export class CodeReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly mails: LetterMails,
    private readonly outbox: Outbox,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  @EventPattern('OtpRequested', { group: 'codes' satisfies ReactionGroup })
  async otpRequested(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'OtpRequested');
    const { letter, letterId, event, cause } = matter;
    const { challenge } = event.data;
    if (!this.isStillWanted(letter, challenge) || letter.status === 'unknown' || !isAddressed(letter)) return;
    const to = letter.parties.recipient.mobile;
    if (to === undefined) return;
    const code = otpCode(await this.keyring.get(cause.stream), challenge);
    const written = this.mails.code(letter, await this.desk.templatesOf(letter), code);
    const text = await this.desk.take(matter, written);
    const deliveryId = `otp-${challenge}.${letterId}`;
    const outcome = await this.outbox.text({ deliveryId, to, text });
    const at = this.clock.now();
    if (outcome.outcome === 'accepted') {
      await this.desk.tell(matter, { type: 'confirmOtpSent', at, challenge, deliveryId }, 'confirm-otp-sent');
    } else {
      const { reason } = outcome;
      await this.desk.tell(matter, { type: 'failOtp', at, challenge, deliveryId, reason }, 'fail-otp');
    }
  }

  /** A code that was sent, replaced by a newer one, or has run out would only mislead; nor is one of use on a closed letter. */
  private isStillWanted(letter: Letter, number: number): boolean {
    if (letter.status === 'refused' || letter.status === 'expired' || !('challenges' in letter)) return false;
    const current = letter.challenges.at(-1);
    if (current?.number !== number || current.delivery !== 'pending' || current.verified) return false;
    return Date.parse(this.clock.now()) < Date.parse(current.expiresAt);
  }
}
