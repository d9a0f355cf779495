import { Injectable } from '@nestjs/common';
import type { SignedInUser } from '../access/asker.js';
import { People } from '../access/people.js';
import { documentLine } from '../filing/filing-page.js';
import { Filing } from '../filing/filing.js';
import { Directory, type OwnParty } from './directory.js';
import { partyPage } from './party-page.js';

/** Filed documents that the page of a third party shows; the others are in the list of documents. */
const DOCUMENTS_SHOWN = 12;

/** What the page of a third party shows: the third party, who changed it, and what is filed under it. */
@Injectable()
export class PartyView {
  constructor(
    private readonly directory: Directory,
    private readonly filing: Filing,
    private readonly people: People,
  ) {}

  /** @throws EdgeFailure 404. */
  async of(user: SignedInUser, code: string): Promise<{ title: string } & Record<string, unknown>> {
    const party = await this.directory.find(user, code);
    return { ...partyPage(party, await this.people.of(party.events)), ...(await this.documentsOf(user, party)) };
  }

  /** What is filed under the third party, latest first. */
  private async documentsOf(user: SignedInUser, { state: { code } }: OwnParty): Promise<object> {
    const question = { partyCode: code, limit: DOCUMENTS_SHOWN };
    const { rows, next } = await this.filing.list(user, question, user.filingPosition);
    return { ofOne: true, rows: rows.map((row) => documentLine(row, undefined)), hasMore: next !== null };
  }
}
