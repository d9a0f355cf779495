import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { EventStore, Keyring, type CommandContext } from '#libs/event-store';
import { currentChallenge, letter, nextChallenge, type Letter } from '#libs/letter';
import { letterStream, type LetterOutcome } from './command-letter.js';
import { codeHash, otpCode } from './secrets.js';

/** Asks for a code by SMS for one browser session; the worker sends it. */
export class RequestCode extends Command<LetterOutcome> {
  constructor(
    readonly letterId: string,
    readonly session: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Enters the code that came by SMS. A wrong one is an event (`OtpRejected`), not a refusal: read the outcome's state. */
export class EnterCode extends Command<LetterOutcome> {
  constructor(
    readonly letterId: string,
    readonly session: string,
    readonly code: string,
    /** Made by the form, so that a form sent twice counts once. */
    readonly attempt: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RequestCode)
export class RequestCodeHandler implements ICommandHandler<RequestCode> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async execute({ letterId, session, context }: RequestCode): Promise<LetterOutcome> {
    const stream = letterStream(letterId);
    const key = await this.keyring.get(stream);
    const challenge = nextChallenge(await stateOf(this.store, stream));
    const hash = codeHash(key, challenge, otpCode(key, challenge));
    const at = this.clock.now();
    return this.store.execute(letter, stream, { type: 'requestOtp', at, session, challenge, codeHash: hash }, context);
  }
}

@CommandHandler(EnterCode)
export class EnterCodeHandler implements ICommandHandler<EnterCode> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async execute({ letterId, session, code, attempt, context }: EnterCode): Promise<LetterOutcome> {
    const stream = letterStream(letterId);
    const key = await this.keyring.get(stream);
    const challenge = currentChallenge(await stateOf(this.store, stream));
    const hash = codeHash(key, challenge, code);
    const at = this.clock.now();
    return this.store.execute(letter, stream, { type: 'verifyOtp', at, session, codeHash: hash, attempt }, context);
  }
}

const stateOf = async (store: EventStore, stream: string): Promise<Letter> => (await store.fold(letter, stream)).state;
