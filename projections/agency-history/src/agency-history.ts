import type { Collection, Db, Filter } from 'mongodb';
import type { Position } from '#libs/event-store';
import { statusLabels, type Instant, type LetterStatus, type PartyKind } from '#libs/letter';
import { keptBeginning, ReadModel, searchTerms } from '#projections/engine';
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
  /** The letter on paper: not asked for, or how far the last job is. */
  readonly printState: 'requested' | 'prepared' | 'failed' | 'dispatched' | null;
  readonly trackingNumber: string | null;
  readonly changedAt: Instant;
}

type StoredRow = Omit<HistoryRow, 'letterId'> & {
  readonly _id: string;
  readonly searchTerms: readonly string[];
  readonly beginnings: readonly string[];
};

/** All that is not archived, all that is, or what has one status and is not archived. */
export type HistoryStatus = 'current' | 'archived' | HistoryRow['status'];

export interface HistoryQuery {
  readonly agencyId: string;
  /** `current` when absent. */
  readonly status?: HistoryStatus | undefined;
  /** Only those near their end and not signed. */
  readonly alert?: boolean | undefined;
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

/** Letters near their end that are counted one by one. */
export const MOST_ALERTS_COUNTED = 999;

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

  /** See `ReadModel.mark`: of all letters of an agency, or of one. */
  mark(agencyId: string, letterId?: string): Promise<string> {
    return this.#model.mark(letterId === undefined ? { agencyId } : { agencyId, _id: letterId });
  }

  /** @throws HistoryCursorInvalid */
  async list(query: HistoryQuery): Promise<HistoryPage> {
    const found: StoredRow[] = [];
    // One more than shown tells whether there is a next page.
    for await (const row of this.#ordered(query, query.limit + 1)) found.push(row);
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return { rows: shown.map(rowOf), next: found.length > query.limit && last ? cursorOf(last) : null };
  }

  /**
   * The same letters without pages, as they are read.
   *
   * @throws HistoryCursorInvalid
   */
  async *each(query: HistoryQuery): AsyncGenerator<HistoryRow> {
    for await (const row of this.#ordered(query, query.limit)) yield rowOf(row);
  }

  /**
   * How many rows a query finds, up to its limit.
   *
   * @throws HistoryCursorInvalid
   */
  async count(query: HistoryQuery): Promise<number> {
    const rows = await this.#rows();
    const filter = [...matching(query), ...(await searching(rows, query))];
    return rows.countDocuments({ $and: filter }, { limit: query.limit });
  }

  /** How many letters that are not archived near their end unsigned, or `MOST_ALERTS_COUNTED` and one more. */
  alerts(agencyId: string): Promise<number> {
    return this.count({ agencyId, alert: true, limit: MOST_ALERTS_COUNTED + 1 });
  }

  /** A letter of the agency; undefined when it has none of that id. */
  async find(agencyId: string, letterId: string): Promise<HistoryRow | undefined> {
    const rows = await this.#rows();
    const found = await rows.findOne({ _id: letterId, agencyId }, { projection: ROW });
    return found ? rowOf(found) : undefined;
  }

  async *#ordered(query: HistoryQuery, limit: number): AsyncGenerator<StoredRow> {
    const rows = await this.#rows();
    const filter = [...matching(query), ...(await searching(rows, query))];
    yield* rows.find({ $and: filter }, { projection: ROW }).sort({ date: -1, _id: -1 }).limit(limit);
  }

  async #rows(): Promise<Collection<StoredRow>> {
    return (await this.#model.collection()) as unknown as Collection<StoredRow>;
  }
}

/** What only a search needs is not sent. */
const ROW = { searchTerms: 0, beginnings: 0, position: 0 };

const KINDS = ['tenant', 'owner'] satisfies PartyKind[];
const STATUSES = Object.keys(statusLabels) as (keyof typeof statusLabels)[];

/**
 * What a query asks for but its search. Kind and status are always named, so that the one index of `inOrder` is read in its order for each
 * combination of them; and the cursor's day bounds it from the beginning.
 */
function matching({ agencyId, status = 'current', alert, from, to, kind, after }: HistoryQuery) {
  const isOneStatus = status !== 'current' && status !== 'archived';
  const conditions: Filter<StoredRow>[] = [
    { agencyId, archived: status === 'archived' },
    { partyKind: kind ?? { $in: KINDS } },
    { status: isOneStatus ? status : { $in: STATUSES } },
  ];
  if (alert) conditions.push({ alert: true });
  if (from !== undefined) conditions.push({ date: { $gte: from } });
  if (to !== undefined) conditions.push({ date: { $lt: to } });
  if (after !== undefined) conditions.push(...afterCursor(after));
  return conditions;
}

/** So many rows are put in order faster than they are found in it. */
const FEW = 200;
/** Words that are looked up to find the rarest; the others only sift. */
const MOST_LOOKED_UP = 5;

/**
 * Every word sifts. When even the rarest one is in many rows, they are read in the order of the list from where a beginning of it is indexed:
 * the time of a page does not grow with them.
 */
async function searching(
  rows: Collection<StoredRow>,
  { agencyId, status, search }: HistoryQuery,
): Promise<Filter<StoredRow>[]> {
  const words = searchTerms(search).sort((one, other) => other.length - one.length);
  const archived = status === 'archived';
  const rarity = words.slice(0, MOST_LOOKED_UP).map(async (word) => {
    return rows.countDocuments({ agencyId, archived, searchTerms: beginningWith(word) }, { limit: FEW });
  });
  const counts = await Promise.all(rarity);
  const [longest] = words;
  const areMany = longest !== undefined && counts.every((count) => count === FEW);
  return [
    ...words.map((word) => ({ searchTerms: beginningWith(word) })),
    ...(areMany ? [{ beginnings: keptBeginning(longest) }] : []),
  ];
}

/** Words are letters and digits only, so they mean nothing else in a regular expression. */
const beginningWith = (word: string): RegExp => new RegExp(`^${word}`);

const cursorOf = ({ date, _id }: StoredRow): string => `${date}/${_id}`;

function afterCursor(cursor: string): Filter<StoredRow>[] {
  const [, date, _id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([\w-]+)$/.exec(cursor) ?? [];
  if (date === undefined || _id === undefined) throw new HistoryCursorInvalid();
  // Not an $or, which the planner would take apart into scans of its own.
  return [{ date: { $lte: date } }, { $nor: [{ date, _id: { $gte: _id } }] }];
}

function rowOf({ _id, ...row }: StoredRow): HistoryRow {
  return { letterId: _id, ...row };
}
