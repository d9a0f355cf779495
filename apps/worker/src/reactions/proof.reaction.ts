import { EventPattern, Payload } from '@nestjs/microservices';
import type { ReactionGroup } from '#libs/commands';
import type { StoredEvent } from '#libs/event-store';
import type { LetterEventType } from '#libs/letter';
import { ProofMaker } from '../proofs/proof-maker.js';
import { LetterDesk } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** Sealing takes processor time, and nobody waits for it: at the side of the other reactions, few at a time. */
const PROOFS = { group: 'proofs' satisfies ReactionGroup };

/** Something happened to a letter that a proof is owed for: it is written, sealed and timestamped. */
@Reaction()
export class ProofReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly proofs: ProofMaker,
  ) {}

  @EventPattern('Deposited', PROOFS)
  async deposited(@Payload() delivered: StoredEvent): Promise<void> {
    await this.make(delivered, 'Deposited');
  }

  @EventPattern('Signed', PROOFS)
  async signed(@Payload() delivered: StoredEvent): Promise<void> {
    await this.make(delivered, 'Signed');
  }

  @EventPattern('Refused', PROOFS)
  async refused(@Payload() delivered: StoredEvent): Promise<void> {
    await this.make(delivered, 'Refused');
  }

  @EventPattern('Expired', PROOFS)
  async expired(@Payload() delivered: StoredEvent): Promise<void> {
    await this.make(delivered, 'Expired');
  }

  @EventPattern('NotificationFailed', PROOFS)
  async notificationFailed(@Payload() delivered: StoredEvent): Promise<void> {
    await this.make(delivered, 'NotificationFailed');
  }

  @EventPattern('ContentAccessed', PROOFS)
  async contentAccessed(@Payload() delivered: StoredEvent): Promise<void> {
    await this.make(delivered, 'ContentAccessed');
  }

  private async make(delivered: StoredEvent, type: LetterEventType): Promise<void> {
    const { letterId, cause } = await this.desk.open(delivered, type);
    await this.proofs.make(letterId, cause.id);
  }
}
