import type { Db, Filter, WithId } from 'mongodb';
import type { Position } from '#libs/event-store';
import type { DocumentCategory } from '#libs/filing';
import type { Instant } from '#libs/letter';
import { ReadModel, searchTerms } from '#projections/engine';
import { filedDocumentsProjection } from './projection.js';

/** A document of the store. */
export interface FiledDocumentRow {
  readonly agencyId: string;
  readonly documentId: string;
  /** Null for a document of the agency itself. */
  readonly partyCode: string | null;
  readonly category: DocumentCategory;
  /** Null once the key of the document has been destroyed. */
  readonly name: string | null;
  /** SHA-256 of the file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly pages: number;
  /** When its present file was filed. */
  readonly filedAt: Instant;
}

type StoredRow = FiledDocumentRow & {
  readonly _id: string;
  readonly position: bigint;
  readonly removed: boolean;
  readonly searchTerms: readonly string[];
};

export interface FiledDocumentQuery {
  readonly agencyId: string;
  /** A third party's code, or null for the agency's own documents; those of all when absent. */
  readonly partyCode?: string | null | undefined;
  readonly category?: DocumentCategory | undefined;
  /** Words that the name must each begin with in some place; accents and case do not count. */
  readonly search?: string | undefined;
  /** What is filed under one of these third parties answers a search as well, whatever its name. */
  readonly orPartyCodes?: readonly string[] | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows on a page. */
  readonly limit: number;
}

export interface FiledDocumentPage {
  /** Latest first. */
  readonly rows: readonly FiledDocumentRow[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

/** The `after` of a query was not the `next` of a page. */
export class FilingCursorInvalid extends Error {
  readonly code = 'FILING_CURSOR_INVALID';
  constructor() {
    super('This place in the documents does not exist; begin with the first page.');
    this.name = 'FilingCursorInvalid';
  }
}

/**
 * Answers the document store (GED), without what was removed. Every question names the agency that asks: another one's documents do not
 * exist for it.
 */
export class FiledDocuments {
  readonly #model: ReadModel<StoredRow>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, filedDocumentsProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** The document of a category that was filed or replaced last for a third party; undefined where there is none. */
  async latest(agencyId: string, partyCode: string, category: DocumentCategory): Promise<FiledDocumentRow | undefined> {
    return (await this.latestOf(agencyId, [partyCode], category)).get(partyCode);
  }

  /** The same for many third parties at once, by code; those without such a document are absent. */
  async latestOf(
    agencyId: string,
    partyCodes: readonly string[],
    category: DocumentCategory,
  ): Promise<ReadonlyMap<string, FiledDocumentRow>> {
    const rows = await this.#model.collection();
    const found = await rows
      .aggregate<{ last: StoredRow }>([
        { $match: { agencyId, removed: false, category, partyCode: { $in: [...partyCodes] } } },
        { $sort: { partyCode: 1, position: -1 } },
        { $group: { _id: '$partyCode', last: { $first: '$$ROOT' } } },
      ])
      .toArray();
    return new Map(found.map(({ last }) => [String(last.partyCode), rowOf(last)]));
  }

  /** @throws FilingCursorInvalid */
  async list(query: FiledDocumentQuery): Promise<FiledDocumentPage> {
    const rows = await this.#model.collection();
    // One more than shown tells whether there is a next page.
    const found = (await rows
      .find(filterOf(query) as Filter<WithId<StoredRow>>)
      .sort({ position: -1 })
      .limit(query.limit + 1)
      .toArray()) as StoredRow[];
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return { rows: shown.map(rowOf), next: found.length > query.limit && last ? String(last.position) : null };
  }

  /** How many documents each category holds, of those that the other parts of the query let through. */
  async counts(
    query: Omit<FiledDocumentQuery, 'category' | 'after' | 'limit'>,
  ): Promise<ReadonlyMap<DocumentCategory, number>> {
    const rows = await this.#model.collection();
    const counted = await rows
      .aggregate<{ _id: DocumentCategory; count: number }>([
        { $match: filterOf(query) },
        { $group: { _id: '$category', count: { $sum: 1 } } },
      ])
      .toArray();
    return new Map(counted.map(({ _id, count }) => [_id, count]));
  }
}

function filterOf(query: Omit<FiledDocumentQuery, 'limit'>): Filter<StoredRow> {
  const { agencyId, partyCode, category, search, orPartyCodes = [], after } = query;
  const conditions: Filter<StoredRow>[] = [{ agencyId, removed: false }];
  if (partyCode !== undefined) conditions.push({ partyCode });
  if (category !== undefined) conditions.push({ category });
  const terms = searchTerms(search);
  if (terms.length > 0) {
    // Terms are letters and digits only, so they mean nothing else in a regular expression.
    const named = { $and: terms.map((term) => ({ searchTerms: new RegExp(`^${term}`) })) };
    conditions.push({ $or: [named, { partyCode: { $in: [...orPartyCodes] } }] });
  }
  if (after !== undefined) conditions.push(afterCursor(after));
  return { $and: conditions };
}

/** A position in the log is its own for each event, so it orders documents without a second key. */
function afterCursor(cursor: string): Filter<StoredRow> {
  if (!/^\d{1,19}$/.test(cursor)) throw new FilingCursorInvalid();
  return { position: { $lt: BigInt(cursor) } };
}

function rowOf(stored: StoredRow): FiledDocumentRow {
  const { _id, position: _position, removed: _removed, searchTerms: _terms, ...row } = stored;
  return row;
}
