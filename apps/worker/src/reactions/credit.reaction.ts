import { EventPattern, Payload } from '@nestjs/microservices';
import { Clock } from '#libs/configuration';
import type { StoredEvent } from '#libs/event-store';
import { LetterDesk } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** A letter was deposited, or could not be: the signature that was reserved for it is used up, or given back. */
@Reaction()
export class CreditReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly clock: Clock,
  ) {}

  @EventPattern('Deposited')
  async deposited(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Deposited');
    await this.desk.tellAccount(matter, { type: 'consume' }, this.clock.now());
  }

  @EventPattern('DepositFailed')
  async depositFailed(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'DepositFailed');
    await this.desk.tellAccount(matter, { type: 'release', reason: 'deposit-failed' }, this.clock.now());
  }
}
