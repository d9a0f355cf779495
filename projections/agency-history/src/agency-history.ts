import type { Db, Filter, WithId } from 'mongodb';
import type { Position } from '#libs/event-store';
import type { Instant, LetterStatus, PartyKind } from '#libs/letter';
import { ReadModel, searchTerms } from '#projections/engine';
import { agencyHistoryProjection } from './projection.js';

/** A row of the history screen. */
export interface HistoryRow {
  readonly letterId: string;
  readonly agencyId: string;
  readonly reference: string;
  /** Column "Numéro": the third party's code. */
  readonly number: string;
  readonly partyKind: PartyKind;
  /** Column "Nom", civility included; null once the letter's key has been destroyed. */
  readonly name: string | null;
  /** Column "Code": the dossier. */
  readonly code: string;
  /** Column "Date": when the letter was submitted. */
  readonly date: Instant;
  /** Column "Expiration": the first moment at which the recipient can no longer answer; null before the notice. */
  readonly expiration: Instant | null;
  /** Column "Commande": the number of documents. */
  readonly commande: number;
  readonly message: string;
  readonly tag: string;
  readonly status: Exclude<LetterStatus, 'unknown'>;
  readonly professional: boolean;
  readonly archived: boolean;
  /** The deadline draws near and the letter is not signed. */
  readonly alert: boolean;
  /** The letter on paper: not asked for, to be sent, sent. */
  readonly printState: 'requested' | 'dispatched' | null;
  readonly trackingNumber: string | null;
  readonly changedAt: Instant;
}

type StoredRow = Omit<HistoryRow, 'letterId'> & { readonly _id: string; readonly searchTerms: readonly string[] };

/** All that is not archived, all that is, or what has one status and is not archived. */
export type HistoryStatus = 'current' | 'archived' | HistoryRow['status'];

export interface HistoryQuery {
  readonly agencyId: string;
  /** `current` when absent. */
  readonly status?: HistoryStatus | undefined;
  /** Submitted at or after this moment. */
  readonly from?: Instant | undefined;
  /** Submitted before this moment. */
  readonly to?: Instant | undefined;
  readonly kind?: PartyKind | undefined;
  /** Words that name, number, code or reference must each begin with in some place; accents and case do not count. */
  readonly search?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows on a page. */
  readonly limit: number;
}

export interface HistoryPage {
  /** Latest first. */
  readonly rows: readonly HistoryRow[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

/** The `after` of a query was not the `next` of a page. */
export class HistoryCursorInvalid extends Error {
  readonly code = 'HISTORY_CURSOR_INVALID';
  constructor() {
    super('This place in the history does not exist; begin with the first page.');
    this.name = 'HistoryCursorInvalid';
  }
}

/** Answers the history screen. Every question names the agency that asks: another one's letters do not exist for it. */
export class AgencyHistory {
  readonly #model: ReadModel<StoredRow>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, agencyHistoryProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** @throws HistoryCursorInvalid */
  async list(query: HistoryQuery): Promise<HistoryPage> {
    const rows = await this.#model.collection();
    // One more than shown tells whether there is a next page.
    const found = (await rows
      .find(filterOf(query) as Filter<WithId<StoredRow>>)
      .sort({ date: -1, _id: -1 })
      .limit(query.limit + 1)
      .toArray()) as StoredRow[];
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return { rows: shown.map(rowOf), next: found.length > query.limit && last ? cursorOf(last) : null };
  }

  /** A letter of the agency; undefined when it has none of that id. */
  async find(agencyId: string, letterId: string): Promise<HistoryRow | undefined> {
    const rows = await this.#model.collection();
    const found = (await rows.findOne({ _id: letterId, agencyId } as Filter<WithId<StoredRow>>)) as StoredRow | null;
    return found ? rowOf(found) : undefined;
  }
}

function filterOf({ agencyId, status = 'current', from, to, kind, search, after }: HistoryQuery): Filter<StoredRow> {
  const conditions: Filter<StoredRow>[] = [{ agencyId, archived: status === 'archived' }];
  if (status !== 'current' && status !== 'archived') conditions.push({ status });
  if (from !== undefined) conditions.push({ date: { $gte: from } });
  if (to !== undefined) conditions.push({ date: { $lt: to } });
  if (kind !== undefined) conditions.push({ partyKind: kind });
  // Terms are letters and digits only, so they mean nothing else in a regular expression.
  for (const term of searchTerms(search)) conditions.push({ searchTerms: new RegExp(`^${term}`) });
  if (after !== undefined) conditions.push(afterCursor(after));
  return { $and: conditions };
}

const cursorOf = ({ date, _id }: StoredRow): string => `${date}/${_id}`;

function afterCursor(cursor: string): Filter<StoredRow> {
  const [, date, _id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([\w-]+)$/.exec(cursor) ?? [];
  if (date === undefined || _id === undefined) throw new HistoryCursorInvalid();
  return { $or: [{ date: { $lt: date } }, { date, _id: { $lt: _id } }] };
}

function rowOf({ _id, searchTerms: _terms, ...row }: StoredRow): HistoryRow {
  const { position: _position, ...shown } = row as typeof row & { position?: unknown };
  return { letterId: _id, ...shown };
}
