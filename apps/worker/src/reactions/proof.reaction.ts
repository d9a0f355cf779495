import { EventPattern, Payload } from '@nestjs/microservices';
import type { StoredEvent } from '#libs/event-store';
import { ProofMaker } from '../proofs/proof-maker.js';
import { LetterDesk } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** Something happened to a letter that a proof is owed for: it is written, sealed and timestamped. */
@Reaction()
export class ProofReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly proofs: ProofMaker,
  ) {}

  @EventPattern('Deposited')
  async deposited(@Payload() delivered: StoredEvent): Promise<void> {
    const { letterId, cause } = await this.desk.open(delivered, 'Deposited');
    await this.proofs.make(letterId, cause.id);
  }

  @EventPattern('Signed')
  async signed(@Payload() delivered: StoredEvent): Promise<void> {
    const { letterId, cause } = await this.desk.open(delivered, 'Signed');
    await this.proofs.make(letterId, cause.id);
  }

  @EventPattern('Refused')
  async refused(@Payload() delivered: StoredEvent): Promise<void> {
    const { letterId, cause } = await this.desk.open(delivered, 'Refused');
    await this.proofs.make(letterId, cause.id);
  }

  @EventPattern('Expired')
  async expired(@Payload() delivered: StoredEvent): Promise<void> {
    const { letterId, cause } = await this.desk.open(delivered, 'Expired');
    await this.proofs.make(letterId, cause.id);
  }

  @EventPattern('NotificationFailed')
  async notificationFailed(@Payload() delivered: StoredEvent): Promise<void> {
    const { letterId, cause } = await this.desk.open(delivered, 'NotificationFailed');
    await this.proofs.make(letterId, cause.id);
  }

  @EventPattern('ContentAccessed')
  async contentAccessed(@Payload() delivered: StoredEvent): Promise<void> {
    const { letterId, cause } = await this.desk.open(delivered, 'ContentAccessed');
    await this.proofs.make(letterId, cause.id);
  }
}
