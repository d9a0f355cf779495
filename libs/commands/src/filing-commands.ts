import { createHash } from 'node:crypto';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { party } from '#libs/directory';
import { DocumentStore, inspectPdf } from '#libs/documents';
import {
  CommandRefused,
  EventStore,
  Keyring,
  type CommandContext,
  type Executed,
  type StoredEvent,
} from '#libs/event-store';
import {
  filedDocument,
  type FiledDocument,
  type FiledDocumentCommand,
  type FiledDocumentEvent,
  type NamedFile,
  type Place,
} from '#libs/filing';
import { isRefusal } from '#libs/letter';
import { partyStream } from './party-commands.js';

export type FilingOutcome = Executed<FiledDocument, FiledDocumentEvent>;

/** The stream of a filed document. Under another agency there is none of that id. */
const filingStream = (agencyId: string, documentId: string): string => `filed-${agencyId}-${documentId}`;

/** A file as it came in. */
export interface FileToFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Files a document in an agency's store (GED): it is checked as a PDF, stored under a key of its own, then `DocumentFiled` appended.
 * The same document under the same id changes nothing.
 *
 * Fails with `PdfRefused` for the file, `CommandRefused` for the document, or UNKNOWN_PARTY for its third party.
 */
export class FileDocument extends Command<FilingOutcome> {
  /** @param documentId a UUID of the caller's choice: what makes a repetition known. */
  constructor(
    readonly agencyId: string,
    readonly documentId: string,
    readonly document: FileToFile & Place,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Puts another file in the place of a filed one. Fails with `PdfRefused` for the file, `CommandRefused` for the document. */
export class ReplaceDocument extends Command<FilingOutcome> {
  constructor(
    readonly agencyId: string,
    readonly documentId: string,
    readonly file: FileToFile,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Takes a document out of the store. Letters that it was joined to keep their own copy. Fails with `CommandRefused`. */
export class RemoveDocument extends Command<FilingOutcome> {
  constructor(
    readonly agencyId: string,
    readonly documentId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(FileDocument)
export class FileDocumentHandler implements ICommandHandler<FileDocument> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly documents: DocumentStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, documentId, document, context }: FileDocument): Promise<FilingOutcome> {
    const { partyCode, category } = document;
    const file = await inspected(document);
    if (partyCode !== null) await this.mustBeKnown(agencyId, partyCode);
    const command = { type: 'fileDocument', agencyId, partyCode, category, file, at: this.clock.now() } as const;
    const stream = filingStream(agencyId, documentId);
    await mustBeDecided(this.store, stream, command);
    const key = (await this.keyring.create(stream)).derive('documents');
    await this.documents.put(stream, key, document.bytes);
    return this.store.execute(filedDocument, stream, command, context);
  }

  private async mustBeKnown(agencyId: string, code: string): Promise<void> {
    const { state } = await this.store.fold(party, partyStream(agencyId, code));
    if (state.status === 'unknown') throw new CommandRefused('UNKNOWN_PARTY');
  }
}

@CommandHandler(ReplaceDocument)
export class ReplaceDocumentHandler implements ICommandHandler<ReplaceDocument> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly documents: DocumentStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, documentId, file: handedIn, context }: ReplaceDocument): Promise<FilingOutcome> {
    const file = await inspected(handedIn);
    const command = { type: 'replaceDocument', file, at: this.clock.now() } as const;
    const stream = filingStream(agencyId, documentId);
    await mustBeDecided(this.store, stream, command);
    const key = (await this.keyring.get(stream)).derive('documents');
    await this.documents.put(stream, key, handedIn.bytes);
    return this.store.execute(filedDocument, stream, command, context);
  }
}

@CommandHandler(RemoveDocument)
export class RemoveDocumentHandler implements ICommandHandler<RemoveDocument> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ agencyId, documentId, context }: RemoveDocument): Promise<FilingOutcome> {
    const command = { type: 'removeDocument', at: this.clock.now() } as const;
    return this.store.execute(filedDocument, filingStream(agencyId, documentId), command, context);
  }
}

/** @throws PdfRefused */
async function inspected({ name, bytes }: FileToFile): Promise<NamedFile> {
  const { pages } = await inspectPdf(bytes);
  return { name, pages, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** What the domain refuses is refused before anything is stored. @throws CommandRefused */
async function mustBeDecided(store: EventStore, stream: string, command: FiledDocumentCommand): Promise<void> {
  const forecast = filedDocument.decide((await store.fold(filedDocument, stream)).state, command);
  if (isRefusal(forecast)) throw new CommandRefused(forecast.refused);
}

/** A filed document with everything that happened to it; `state` is the initial one where the agency has none of that id. */
export interface ReadFiledDocument {
  readonly state: FiledDocument;
  readonly events: readonly StoredEvent<FiledDocumentEvent>[];
}

/** Reads a filed document from its events: always as new as the last command. */
export class FiledDocumentById extends Query<ReadFiledDocument> {
  constructor(
    readonly agencyId: string,
    readonly documentId: string,
  ) {
    super();
  }
}

@QueryHandler(FiledDocumentById)
export class FiledDocumentByIdHandler implements IQueryHandler<FiledDocumentById> {
  constructor(private readonly store: EventStore) {}

  execute({ agencyId, documentId }: FiledDocumentById): Promise<ReadFiledDocument> {
    return this.store.fold(filedDocument, filingStream(agencyId, documentId));
  }
}

/**
 * Reads the PDF of a filed document, decrypted and checked against its fingerprint, also one that was replaced or removed since.
 * That the asker may have it is the asking application's business.
 *
 * Fails with `DocumentMissing` or `DocumentAltered`.
 */
export class FileOfFiledDocument extends Query<Buffer> {
  constructor(
    readonly agencyId: string,
    readonly documentId: string,
    readonly sha256: string,
  ) {
    super();
  }
}

@QueryHandler(FileOfFiledDocument)
export class FileOfFiledDocumentHandler implements IQueryHandler<FileOfFiledDocument> {
  constructor(
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
  ) {}

  async execute({ agencyId, documentId, sha256 }: FileOfFiledDocument): Promise<Buffer> {
    const stream = filingStream(agencyId, documentId);
    const key = await this.keyring.get(stream);
    return this.documents.get(stream, key.derive('documents'), sha256);
  }
}
