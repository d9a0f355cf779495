import { Injectable, Logger } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId, v5 as uuidv5 } from 'uuid';
import { CommandCredit, CommandLetter, CommandTemplates, LetterById, TemplatesOfAgency } from '#libs/commands';
import type { ReleaseReason } from '#libs/credit';
import { CommandRefused, EventStoreUnavailable, type StoredEvent } from '#libs/event-store';
import type { EventOf, Instant, Letter, LetterCommand, LetterEventType, RefusalCode } from '#libs/letter';
import { templates, type Templates } from '#libs/templates';
import type { Written } from '../mails/letter-mails.js';

/** What a reaction works on: the letter as it is now, and the event that called for the reaction, as the letter has it. */
export interface Matter {
  readonly letterId: string;
  readonly letter: Letter;
  readonly cause: StoredEvent;
}

/** A delivered event is not in the letter that was read: the answer came from a member of the cluster that lags behind. */
class EventNotFound extends Error {
  readonly code = 'EVENT_NOT_FOUND';
  constructor(stream: string, id: string) {
    super(`Event ${id} was delivered but is not in ${stream} yet; it is tried again.`);
    this.name = 'EventNotFound';
  }
}

/** Another worker handled the same event at the same time and had told the letter first, perhaps of another outcome. */
const SETTLED: readonly string[] = [
  'ALREADY_DEPOSITED',
  'DEPOSIT_FAILED',
  'NOTICE_SETTLED',
  'MESSAGE_SETTLED',
  'PRINT_SETTLED',
] satisfies RefusalCode[];

const STREAM_PREFIX = 'letter-';

/** Where reactions read a letter and tell it what became of their effects. */
@Injectable()
export class LetterDesk {
  private readonly logger = new Logger('Reactions');

  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /**
   * Reads the letter that an event concerns. Of what was delivered only the id counts: deliveries come late, twice and in any
   * order, and what is still to be done is told by the letter.
   *
   * @throws EventNotFound
   */
  async open<Type extends LetterEventType>(
    delivered: StoredEvent,
    type: Type,
  ): Promise<Matter & { readonly event: EventOf<Type> }> {
    const letterId = delivered.stream.slice(STREAM_PREFIX.length);
    const { state, events } = await this.queries.execute(new LetterById(letterId));
    const cause = events.find(({ id }) => id === delivered.id);
    if (!cause || !isA(cause.event, type)) throw new EventNotFound(delivered.stream, delivered.id);
    return { letterId, letter: state, event: cause.event, cause };
  }

  /**
   * Tells the letter an outcome. The command's id follows from the event and the purpose, so that telling it again after a
   * crash or a lost answer changes nothing.
   */
  async tell({ letterId, cause }: Matter, command: LetterCommand, purpose: string): Promise<void> {
    const { correlationId } = cause.metadata;
    const context = { commandId: uuidv5(purpose, cause.id), correlationId, causationId: cause.id, actor: 'worker' };
    try {
      await this.commands.execute(new CommandLetter(letterId, command, context));
    } catch (error) {
      if (!(error instanceof CommandRefused) || !SETTLED.includes(error.code)) throw error;
      this.logger.warn(`${command.type} came second for letter ${letterId} (${error.code})`);
    }
  }

  /**
   * The templates of the letter's agency; the built-in ones when its own cannot be read: a letter is never held up by a template.
   *
   * @throws EventStoreUnavailable
   */
  async templatesOf({ terms: { agencyId } }: Exclude<Letter, { status: 'unknown' }>): Promise<Templates> {
    try {
      return (await this.queries.execute(new TemplatesOfAgency(agencyId))).state;
    } catch (error) {
      if (error instanceof EventStoreUnavailable) throw error;
      this.logger.error(`Templates of agency ${agencyId} cannot be read, built-in ones are used: ${reasonOf(error)}`);
      return templates.initial;
    }
  }

  /** The message to send, after the agency was told of a template of its own that could not be used for it. */
  async take<Message>({ letter, letterId, cause }: Matter, { message, unusable }: Written<Message>): Promise<Message> {
    if (!unusable || letter.status === 'unknown') return message;
    const { correlationId } = cause.metadata;
    const commandId = uuidv5(`template-failed/${unusable.kind}/${unusable.name}`, cause.id);
    const context = { commandId, correlationId, causationId: cause.id, actor: 'worker' };
    const report = { type: 'reportFailure', ...unusable, letterId } as const;
    await this.commands
      .execute(new CommandTemplates(letter.terms.agencyId, report, context))
      .catch((error: unknown) => this.logger.error(`A template's failure could not be told: ${reasonOf(error)}`));
    return message;
  }

  /**
   * Tells the account of the letter's agency what the letter means to it. The account knows by the letter's id what it has done already;
   * the same letter may reserve again, so the command's id is a new one.
   */
  async tellAccount({ letter, letterId, cause }: Matter, command: AboutLetter, at: Instant): Promise<void> {
    if (letter.status === 'unknown') return;
    const { correlationId } = cause.metadata;
    const context = { commandId: newCommandId(), correlationId, causationId: cause.id, actor: 'worker' };
    await this.commands.execute(new CommandCredit(letter.terms.agencyId, { ...command, letterId, at }, context));
  }
}

/** What a letter says to the account, in short. */
type AboutLetter =
  { readonly type: 'uphold' | 'consume' } | { readonly type: 'release'; readonly reason: ReleaseReason };

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function isA<Type extends LetterEventType>(
  event: { readonly type: LetterEventType },
  type: Type,
): event is EventOf<Type> {
  return event.type === type;
}
