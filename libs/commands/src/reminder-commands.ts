import { createHash } from 'node:crypto';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { DocumentStore, inspectPdf } from '#libs/documents';
import {
  CommandRefused,
  EventStore,
  Keyring,
  type CommandContext,
  type Executed,
  type StoredEvent,
} from '#libs/event-store';
import { isRefusal, type NamedDocument } from '#libs/letter';
import {
  reminder,
  type LineDescription,
  type Reminder,
  type ReminderCommand,
  type ReminderEvent,
} from '#libs/reminders';

export type ReminderOutcome = Executed<Reminder, ReminderEvent>;

/** The stream of a reminder line, named by the digest of the caller's id, which may hold anything. */
export const reminderStream = (agencyId: string, lineId: string): string =>
  `reminder-${agencyId}-${createHash('sha256').update(lineId.normalize('NFC')).digest('hex')}`;

type Timeless = ReminderCommand extends infer Each ? (Each extends ReminderCommand ? Omit<Each, 'at'> : never) : never;

/**
 * Any command of a reminder line but that which receives it, whose document has to be stored first.
 *
 * Refused with the line's own codes (`CommandRefused`).
 */
export class CommandReminder extends Command<ReminderOutcome> {
  constructor(
    readonly agencyId: string,
    readonly lineId: string,
    readonly command: Exclude<Timeless, { type: 'receiveReminder' }>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandReminder)
export class CommandReminderHandler implements ICommandHandler<CommandReminder> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ agencyId, lineId, command, context }: CommandReminder): Promise<ReminderOutcome> {
    const timed = { ...command, at: this.clock.now() } as ReminderCommand;
    return this.store.execute(reminder, reminderStream(agencyId, lineId), timed, context);
  }
}

/** A line as an agency hands it in; see `LineDescription.document` for a document that is absent or null. */
export type LineToReceive = Omit<LineDescription, 'document'> & {
  readonly document?: { readonly name: string; readonly bytes: Buffer } | null;
};

/**
 * Receives a line: its document, if there is one, is checked and stored under the line's own key, then the event appended. What the domain
 * refuses is refused before anything is stored.
 *
 * Fails with `PdfRefused` for the document, `CommandRefused` for the line.
 */
export class ReceiveReminder extends Command<ReminderOutcome> {
  constructor(
    readonly line: LineToReceive,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ReceiveReminder)
export class ReceiveReminderHandler implements ICommandHandler<ReceiveReminder> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly documents: DocumentStore,
    private readonly clock: Clock,
  ) {}

  async execute({ line: { document, ...description }, context }: ReceiveReminder): Promise<ReminderOutcome> {
    const stream = reminderStream(description.agencyId, description.lineId);
    const receive = { type: 'receiveReminder', ...description, at: this.clock.now() } as const;
    if (!document) {
      const command = document === null ? { ...receive, document } : receive;
      return this.store.execute(reminder, stream, command, context);
    }
    const command = { ...receive, document: await printOf(document) };
    const forecast = reminder.decide((await this.store.fold(reminder, stream)).state, command);
    if (isRefusal(forecast)) throw new CommandRefused(forecast.refused);
    if (forecast.length > 0) {
      const key = (await this.keyring.create(stream)).derive('documents');
      await this.documents.put(stream, key, document.bytes);
    }
    return this.store.execute(reminder, stream, command, context);
  }
}

/** @throws PdfRefused */
async function printOf({ name, bytes }: { name: string; bytes: Buffer }): Promise<NamedDocument> {
  const { pages } = await inspectPdf(bytes);
  return { name, pages, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A line with everything that happened to it; `state` is the initial one where the agency has none of that id. */
export interface ReadReminder {
  readonly state: Reminder;
  readonly events: readonly StoredEvent<ReminderEvent>[];
}

/** Reads a line from its events: always as new as the last command. */
export class ReminderById extends Query<ReadReminder> {
  constructor(
    readonly agencyId: string,
    readonly lineId: string,
  ) {
    super();
  }
}

@QueryHandler(ReminderById)
export class ReminderByIdHandler implements IQueryHandler<ReminderById> {
  constructor(private readonly store: EventStore) {}

  execute({ agencyId, lineId }: ReminderById): Promise<ReadReminder> {
    return this.store.fold(reminder, reminderStream(agencyId, lineId));
  }
}

/**
 * Reads the PDF that was supplied with a line, decrypted and checked against its fingerprint. That it is the line's is the asker's business.
 *
 * Fails with `DocumentMissing` or `DocumentAltered`.
 */
export class DocumentOfReminder extends Query<Buffer> {
  constructor(
    readonly agencyId: string,
    readonly lineId: string,
    readonly sha256: string,
  ) {
    super();
  }
}

@QueryHandler(DocumentOfReminder)
export class DocumentOfReminderHandler implements IQueryHandler<DocumentOfReminder> {
  constructor(
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
  ) {}

  async execute({ agencyId, lineId, sha256 }: DocumentOfReminder): Promise<Buffer> {
    const stream = reminderStream(agencyId, lineId);
    const key = await this.keyring.get(stream);
    return this.documents.get(stream, key.derive('documents'), sha256);
  }
}
