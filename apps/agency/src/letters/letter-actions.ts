import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { v4 as newCommandId } from 'uuid';
import { CommandLetter, type LetterOutcome } from '#libs/commands';
import { Clock } from '#libs/configuration';
import type { CommandOf, LetterCommand } from '#libs/letter';
import type { Asker, SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { OwnLetters } from './own-letters.js';

type Timeless<Command> = Command extends LetterCommand ? Omit<Command, 'at'> : never;

/** What an agency asks of a letter after its submission. */
export type LetterAction = Timeless<
  CommandOf<'correctAddress' | 'archive' | 'reactivate' | 'requestPrint' | 'downloadPrint' | 'confirmDispatch'>
>;

/** Everything that somebody of an agency, or a program of it, does to one of its letters. */
@Injectable()
export class LetterActions {
  constructor(
    private readonly letters: OwnLetters,
    private readonly commands: CommandBus,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  /**
   * Does it now; a user's lists wait for the result.
   *
   * @throws EdgeFailure 404 for another agency's letter
   * @throws CommandRefused
   */
  async act(asker: Asker | SignedInUser, id: string, action: LetterAction): Promise<LetterOutcome> {
    const { letterId } = await this.letters.find(asker, id);
    const commandId = newCommandId();
    const context = { commandId, correlationId: letterId, causationId: commandId, actor: asker.actor };
    const command = { ...action, at: this.clock.now() } as LetterCommand;
    const outcome = await this.commands.execute(new CommandLetter(letterId, command, context));
    if (outcome.position && 'token' in asker) await this.sessions.remember(asker.token, outcome.position, 'position');
    return outcome;
  }
}
