import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EventStore, type CommandContext, type Executed, type StoredEvent } from '#libs/event-store';
import { proofs, type ProofCommand, type ProofEvent, type Proofs } from '#libs/proof';

/** The stream of the proofs of a letter. */
const evidenceStream = (letterId: string): string => `evidence-${letterId}`;

/**
 * Any command about the proofs of a letter.
 *
 * Refused with their own codes (`CommandRefused`).
 */
export class CommandProofs extends Command<Executed<Proofs, ProofEvent>> {
  constructor(
    readonly letterId: string,
    readonly command: ProofCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandProofs)
export class CommandProofsHandler implements ICommandHandler<CommandProofs> {
  constructor(private readonly store: EventStore) {}

  execute({ letterId, command, context }: CommandProofs): Promise<Executed<Proofs, ProofEvent>> {
    return this.store.execute(proofs, evidenceStream(letterId), command, context);
  }
}

/** The proofs of a letter with the events that they come from; none where there is no such letter. */
export class ProofsOfLetter extends Query<{
  readonly state: Proofs;
  readonly events: readonly StoredEvent<ProofEvent>[];
}> {
  constructor(readonly letterId: string) {
    super();
  }
}

@QueryHandler(ProofsOfLetter)
export class ProofsOfLetterHandler implements IQueryHandler<ProofsOfLetter> {
  constructor(private readonly store: EventStore) {}

  execute({ letterId }: ProofsOfLetter): Promise<{ state: Proofs; events: readonly StoredEvent<ProofEvent>[] }> {
    return this.store.fold(proofs, evidenceStream(letterId));
  }
}
