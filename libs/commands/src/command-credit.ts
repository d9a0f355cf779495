import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CreditCommand } from '#libs/credit';
import type { CommandContext } from '#libs/event-store';
import { CreditAccounts, type CreditOutcome } from './credit-accounts.js';

/**
 * Any command of a credit account but entering a key.
 *
 * Refused with the account's own codes (`CommandRefused`).
 */
export class CommandCredit extends Command<CreditOutcome> {
  constructor(
    readonly agencyId: string,
    readonly command: Exclude<CreditCommand, { type: 'enterKey' }>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandCredit)
export class CommandCreditHandler implements ICommandHandler<CommandCredit> {
  constructor(private readonly accounts: CreditAccounts) {}

  execute({ agencyId, command, context }: CommandCredit): Promise<CreditOutcome> {
    return this.accounts.execute(agencyId, command, context);
  }
}
