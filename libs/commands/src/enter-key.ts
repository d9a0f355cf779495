import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import type { CreditKey, CreditRefusalCode } from '#libs/credit';
import { CommandRefused, EventStore, type CommandContext } from '#libs/event-store';
import { currentLegalProfile, dayOf } from '#libs/legal-profile';
import { CreditAccounts, type CreditOutcome } from './credit-accounts.js';

/**
 * Enters a key whose signature has been verified: claims its serial for the agency, then credits the account. Whoever crashes in between
 * enters the key again and gets what he paid for; the account counts a serial once.
 *
 * Refused (`CommandRefused`) with KEY_OF_ANOTHER_AGENCY, KEY_USED, KEY_EXPIRED, KEY_MALFORMED or NOT_ACTIVATED; a refused key stays as it was.
 */
export class EnterKey extends Command<CreditOutcome> {
  constructor(
    readonly agencyId: string,
    readonly key: CreditKey,
    readonly context: CommandContext,
  ) {
    super();
  }
}

type KeyClaimed = { readonly type: 'KeyClaimed'; readonly data: { readonly agencyId: string } };

const refusal = (code: CreditRefusalCode): CommandRefused => new CommandRefused(code);

@CommandHandler(EnterKey)
export class EnterKeyHandler implements ICommandHandler<EnterKey> {
  constructor(
    private readonly store: EventStore,
    private readonly accounts: CreditAccounts,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, key, context }: EnterKey): Promise<CreditOutcome> {
    if (key.agencyId !== agencyId) throw refusal('KEY_OF_ANOTHER_AGENCY');
    const stream = `key-${key.serial}`;
    const at = this.clock.now();
    let claimant = await this.claimantOf(stream);
    if (claimant === undefined) {
      await this.mustBeAccepted(key, at, context);
      const event: KeyClaimed = { type: 'KeyClaimed', data: { agencyId } };
      claimant = (await this.store.reserve(stream, event, context)) ? agencyId : await this.claimantOf(stream);
    }
    // Serials are the operator's: one that he gave to two keys is good for the first.
    if (claimant !== agencyId) throw refusal('KEY_USED');
    const { kind, serial, signatures } = key;
    const outcome = await this.accounts.execute(agencyId, { type: 'enterKey', kind, serial, signatures, at }, context);
    // Of those who enter a key at the same moment, one has it counted.
    if (outcome.events.length === 0) throw refusal('KEY_USED');
    return outcome;
  }

  private async claimantOf(stream: string): Promise<string | undefined> {
    const [first] = (await this.store.load<KeyClaimed>(stream)).events;
    return first?.event.data.agencyId;
  }

  /** What would refuse the key later is asked before it is claimed. */
  private async mustBeAccepted(
    { kind, agencyId, expiresOn }: CreditKey,
    at: string,
    context: CommandContext,
  ): Promise<void> {
    if (expiresOn !== undefined && dayOf(currentLegalProfile.zone, at) > expiresOn) throw refusal('KEY_EXPIRED');
    if (kind === 'activation') return;
    try {
      await this.accounts.execute(agencyId, { type: 'forecast', at }, context);
    } catch (error) {
      // An empty account is what keys are for.
      if (!(error instanceof CommandRefused) || error.code !== 'NO_SIGNATURE_LEFT') throw error;
    }
  }
}
