import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { validate as isUuid } from 'uuid';
import { DocumentOfLetter, LetterById, letterStream, type ReadLetter } from '#libs/commands';
import type { DocumentPrint, Letter } from '#libs/letter';
import { notFound } from '#libs/web';
import { AccessRecord } from '../access/access-record.js';
import type { Asker } from '../access/asker.js';

/** A letter that exists. */
export type ExistingLetter = Exclude<Letter, { status: 'unknown' }>;

export interface OwnLetter {
  readonly letterId: string;
  readonly state: ExistingLetter;
  readonly events: ReadLetter['events'];
}

/** One PDF of a letter as the agency reads it. */
export interface ListedDocument extends DocumentPrint {
  readonly name: string;
  readonly kind: 'acknowledgement' | 'document';
}

/** The one way to a letter by its id: what belongs to another agency does not exist for the asker. */
@Injectable()
export class OwnLetters {
  constructor(
    private readonly queries: QueryBus,
    private readonly record: AccessRecord,
  ) {}

  /** @throws EdgeFailure 404. */
  async find(asker: Asker, letterId: string): Promise<OwnLetter> {
    if (!isUuid(letterId)) throw notFound();
    const { state, events } = await this.queries.execute(new LetterById(letterId.toLowerCase()));
    if (state.status === 'unknown' || state.terms.agencyId !== asker.agency.id) throw notFound();
    return { letterId: letterId.toLowerCase(), state, events };
  }

  /** @throws EdgeFailure 404, DocumentMissing, DocumentAltered. */
  async document(asker: Asker, letterId: string, sha256: string): Promise<ListedDocument & { bytes: Buffer }> {
    const letter = await this.find(asker, letterId);
    const document = documentsOf(letter.state).find((listed) => listed.sha256 === sha256);
    if (!document) throw notFound();
    const bytes = await this.queries.execute(new DocumentOfLetter(letter.letterId, sha256));
    await this.record.documentRead(asker, letterStream(letter.letterId), sha256);
    return { ...document, bytes };
  }
}

/** The documents of a letter in their order, the acknowledgement first once there is one. */
export function documentsOf(letter: ExistingLetter): readonly ListedDocument[] {
  const { parties, terms } = letter;
  const names = parties === 'erased' ? [] : parties.documentNames;
  const handedIn = terms.documents.map((print, index): ListedDocument => {
    return { ...print, name: names[index] ?? `Document ${index + 1}.pdf`, kind: 'document' };
  });
  if (!('acknowledgement' in letter)) return handedIn;
  return [{ ...letter.acknowledgement, name: `AR ${terms.reference}.pdf`, kind: 'acknowledgement' }, ...handedIn];
}
