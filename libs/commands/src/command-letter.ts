import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, type CommandContext, type Executed } from '#libs/event-store';
import { letter, type Letter, type LetterCommand, type LetterEvent } from '#libs/letter';

export type LetterOutcome = Executed<Letter, LetterEvent>;

/** The stream of a letter. */
export const letterStream = (letterId: string): string => `letter-${letterId}`;

/**
 * Any command of a letter that needs nothing but the letter.
 *
 * Refused with the letter's own codes (`CommandRefused`).
 */
export class CommandLetter extends Command<LetterOutcome> {
  constructor(
    readonly letterId: string,
    readonly command: LetterCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandLetter)
export class CommandLetterHandler implements ICommandHandler<CommandLetter> {
  constructor(private readonly store: EventStore) {}

  execute({ letterId, command, context }: CommandLetter): Promise<LetterOutcome> {
    return this.store.execute(letter, letterStream(letterId), command, context);
  }
}
