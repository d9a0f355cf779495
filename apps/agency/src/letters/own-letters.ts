import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { validate as isUuid } from 'uuid';
import { DocumentOfLetter, LetterById, letterStream, ProofsOfLetter, type ReadLetter } from '#libs/commands';
import type { DocumentPrint, Letter } from '#libs/letter';
import { proofLabels, type Proof } from '#libs/proof';
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

/** A letter with the proofs of what happened to it. */
export interface ProvedLetter extends OwnLetter {
  readonly proofs: readonly Proof[];
}

/** One PDF of a letter as the agency reads it. */
export interface ListedDocument extends DocumentPrint {
  readonly name: string;
  readonly kind: 'acknowledgement' | 'document' | 'proof';
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

  /** @throws EdgeFailure 404. */
  async findProved(asker: Asker, letterId: string): Promise<ProvedLetter> {
    const letter = await this.find(asker, letterId);
    const { state: proofs } = await this.queries.execute(new ProofsOfLetter(letter.letterId));
    return { ...letter, proofs };
  }

  /** @throws EdgeFailure 404, DocumentMissing, DocumentAltered. */
  async document(asker: Asker, letterId: string, sha256: string): Promise<ListedDocument & { bytes: Buffer }> {
    const letter = await this.findProved(asker, letterId);
    const document = [...documentsOf(letter.state), ...proofDocumentsOf(letter)].find(
      (listed) => listed.sha256 === sha256,
    );
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

/** The proofs of a letter that are issued, as PDFs. */
function proofDocumentsOf({ state, proofs }: ProvedLetter): readonly ListedDocument[] {
  return proofs.flatMap((proof): readonly ListedDocument[] =>
    proof.status === 'issued'
      ? [{ ...proof.document, name: `${proofLabels[proof.kind]} ${state.terms.reference}.pdf`, kind: 'proof' }]
      : [],
  );
}
