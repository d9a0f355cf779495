import { CommandBus } from '@nestjs/cqrs';
import { EventPattern, Payload } from '@nestjs/microservices';
import { v5 as uuidv5 } from 'uuid';
import { CommandCredit } from '#libs/commands';
import { Clock } from '#libs/configuration';
import type { StoredEvent } from '#libs/event-store';
import { LetterDesk, type Matter } from './letter-desk.js';
import { Reaction } from './reaction.js';

/** A letter was deposited, or could not be: the signature that was reserved for it is used up, or given back. */
@Reaction()
export class CreditReaction {
  constructor(
    private readonly desk: LetterDesk,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  @EventPattern('Deposited')
  async deposited(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'Deposited');
    await this.settle(matter, { type: 'consume', letterId: matter.letterId, at: this.clock.now() });
  }

  @EventPattern('DepositFailed')
  async depositFailed(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.desk.open(delivered, 'DepositFailed');
    const { letterId } = matter;
    await this.settle(matter, { type: 'release', letterId, reason: 'deposit-failed', at: this.clock.now() });
  }

  private async settle({ letter, cause }: Matter, command: CommandCredit['command']): Promise<void> {
    if (letter.status === 'unknown') return;
    const { correlationId } = cause.metadata;
    const commandId = uuidv5(command.type, cause.id);
    const context = { commandId, correlationId, causationId: cause.id, actor: 'worker' };
    await this.commands.execute(new CommandCredit(letter.terms.agencyId, command, context));
  }
}
