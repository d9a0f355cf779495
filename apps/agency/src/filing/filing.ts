import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId, v5 as uuidFromName, validate as isUuid } from 'uuid';
import {
  FiledDocumentById,
  FileDocument,
  FileOfFiledDocument,
  RemoveDocument,
  ReplaceDocument,
  type FileToFile,
  type FilingOutcome,
  type ReadFiledDocument,
} from '#libs/commands';
import type { CommandContext, Position } from '#libs/event-store';
import type { DocumentCategory, KnownDocument, Place } from '#libs/filing';
import { EdgeFailure, notFound } from '#libs/web';
import { FiledDocuments, type FiledDocumentPage, type FiledDocumentQuery } from '#projections/filed-documents';
import { ThirdParties, type PartyRow } from '#projections/third-parties';
import { AccessRecord } from '../access/access-record.js';
import type { Asker } from '../access/asker.js';
import { partyCodeOf } from '../parties/party-input.js';
import type { FiledListInput } from './filing-input.js';

/** How long a list waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;
/** Third parties whose documents a search for their name shows. */
const MOST_PARTIES = 100;

export interface OwnDocument {
  readonly documentId: string;
  readonly state: KnownDocument;
  readonly events: ReadFiledDocument['events'];
}

export interface ListedDocuments extends FiledDocumentPage {
  /** Those that the same question finds in each category. */
  readonly counts: ReadonlyMap<DocumentCategory, number>;
  /** The third parties of the rows, by code. */
  readonly parties: ReadonlyMap<string, PartyRow>;
  /** False: the projection has not got to the position that was asked for, and the list may be older. */
  readonly upToDate: boolean;
}

/** What was filed in one go. */
export interface Filed {
  readonly documentIds: readonly string[];
  readonly position: Position | null;
}

/** The documents of an agency (GED), for pages and API alike; what belongs to another agency does not exist for the asker. */
@Injectable()
export class Filing {
  constructor(
    private readonly documents: FiledDocuments,
    private readonly parties: ThirdParties,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly record: AccessRecord,
  ) {}

  /** At least as new as `position`. @throws FilingCursorInvalid */
  async list(asker: Asker, input: FiledListInput, position: Position | null | undefined): Promise<ListedDocuments> {
    const agencyId = asker.agency.id;
    const upToDate = position ? await this.documents.atLeast(position, LONGEST_WAIT_MS) : true;
    const { category, after, limit, ...asked } = input;
    const question = await this.questionOf(agencyId, asked);
    const [page, counts] = await Promise.all([
      this.documents.list({ ...question, category, after, limit }),
      this.documents.counts(question),
    ]);
    const codes = new Set(page.rows.flatMap(({ partyCode }) => partyCode ?? []));
    return { ...page, counts, parties: await this.parties.withCodes(agencyId, [...codes]), upToDate };
  }

  /** A search finds documents by their name, and all of a third party by his name or code. */
  private async questionOf(
    agencyId: string,
    { partyCode, of, search }: Pick<FiledListInput, 'partyCode' | 'of' | 'search'>,
  ): Promise<Omit<FiledDocumentQuery, 'limit'>> {
    const code = partyCode === undefined ? undefined : partyCodeOf(partyCode);
    const place = of === 'agency' ? null : code;
    if (search === undefined) return { agencyId, partyCode: place };
    const found = await Promise.all(
      [false, true].map((archived) => this.parties.list({ agencyId, search, archived, limit: MOST_PARTIES })),
    );
    const orPartyCodes = found.flatMap(({ rows }) => rows.map((row) => row.code));
    return { agencyId, partyCode: place, search, orPartyCodes };
  }

  /** @throws EdgeFailure 404, also for a document that was removed. */
  async find({ agency }: Asker, id: string): Promise<OwnDocument> {
    if (!isUuid(id)) throw notFound();
    const documentId = id.toLowerCase();
    const { state, events } = await this.queries.execute(new FiledDocumentById(agency.id, documentId));
    if (state.status !== 'filed') throw notFound();
    return { documentId, state, events };
  }

  /** @throws EdgeFailure 404, DocumentMissing, DocumentAltered. */
  async file(asker: Asker, id: string): Promise<{ readonly name: string; readonly bytes: Buffer }> {
    const { documentId, state } = await this.find(asker, id);
    const { sha256 } = state.file;
    const bytes = await this.queries.execute(new FileOfFiledDocument(asker.agency.id, documentId, sha256));
    await this.record.documentRead(asker, `filed-${documentId}`, sha256);
    return { name: state.name ?? 'Document', bytes };
  }

  /**
   * Files several documents in one place.
   *
   * @param request names the request, so that the same one, come twice or broken off half-way, files each document once.
   * @throws PdfRefused, CommandRefused
   */
  async fileAll(asker: Asker, request: string, place: Place, files: readonly FileToFile[]): Promise<Filed> {
    const documentIds: string[] = [];
    let position: Position | null = null;
    for (const [index, file] of files.entries()) {
      const documentId = uuidFromName(`${request}/${index}`, asker.agency.id);
      const document = { ...place, name: file.name, bytes: file.bytes };
      const outcome: FilingOutcome = await this.commands.execute(
        new FileDocument(asker.agency.id, documentId, document, contextOf(asker, documentId)),
      );
      documentIds.push(documentId);
      position = outcome.position ?? position;
    }
    return { documentIds, position };
  }

  /** @throws EdgeFailure 404, PdfRefused, CommandRefused */
  async replace(asker: Asker, id: string, file: FileToFile): Promise<FilingOutcome> {
    const { documentId } = await this.find(asker, id);
    return this.commands.execute(new ReplaceDocument(asker.agency.id, documentId, file, contextOf(asker, documentId)));
  }

  /** @throws EdgeFailure 404 */
  async remove(asker: Asker, id: string): Promise<FilingOutcome> {
    const { documentId } = await this.find(asker, id);
    return this.commands.execute(new RemoveDocument(asker.agency.id, documentId, contextOf(asker, documentId)));
  }
}

function contextOf({ actor }: Asker, documentId: string): CommandContext {
  const commandId = newCommandId();
  return { commandId, correlationId: documentId, causationId: commandId, actor };
}

/** @throws EdgeFailure 403 for a reader. */
export function mustBeAllowedToFile({ maySend }: Asker): void {
  if (maySend) return;
  throw new EdgeFailure({
    status: 403,
    code: 'READ_ONLY',
    title:
      'Votre compte permet seulement la consultation : demandez à un gestionnaire de votre agence de classer ou de retirer ce document.',
  });
}
