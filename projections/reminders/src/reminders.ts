import type { Db, Filter, WithId } from 'mongodb';
import type { Position } from '#libs/event-store';
import type { Instant } from '#libs/letter';
import type { LineData, ReminderLevel, ReminderList, Standing, SuppliedDocument } from '#libs/reminders';
import { ReadModel, searchTerms } from '#projections/engine';
import { remindersProjection } from './projection.js';

/** A line of a reminder list. */
export interface ReminderRow {
  readonly agencyId: string;
  readonly lineId: string;
  readonly list: ReminderList;
  readonly level: ReminderLevel;
  readonly partyCode: string;
  readonly dossier: string;
  /** Null once the key of the line has been destroyed. */
  readonly data: LineData | null;
  readonly document: SuppliedDocument | null;
  readonly status: Standing['status'];
  /** Of a line that was sent; null otherwise. */
  readonly campaignId: string | null;
  readonly letterId: string | null;
  readonly receivedAt: Instant;
  readonly changedAt: Instant;
}

type StoredRow = ReminderRow & {
  readonly _id: string;
  readonly position: bigint;
  readonly lineTerms: readonly string[];
  readonly searchTerms: readonly string[];
};

export interface ReminderQuery {
  readonly agencyId: string;
  readonly list: ReminderList;
  readonly status?: Standing['status'] | undefined;
  readonly level?: ReminderLevel | undefined;
  /** Words with which the line's id, third party's code or dossier begin; accents and case do not count. */
  readonly search?: string | undefined;
  /** Lines of these third parties are found, too, whatever their own words: whoever searches a name knows the codes from the directory. */
  readonly orPartyCodes?: readonly string[];
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows on a page. */
  readonly limit: number;
}

export interface ReminderPage {
  /** By the third party's code, then the line's id. */
  readonly rows: readonly ReminderRow[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

/** The `after` of a query was not the `next` of a page. */
export class ReminderCursorInvalid extends Error {
  readonly code = 'REMINDER_CURSOR_INVALID';
  constructor() {
    super('This place in the list does not exist; begin with the first page.');
    this.name = 'ReminderCursorInvalid';
  }
}

/** Answers the reminder lists. Every question names the agency that asks: another one's lines do not exist for it. */
export class Reminders {
  readonly #model: ReadModel<StoredRow>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, remindersProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** @throws ReminderCursorInvalid */
  async list(query: ReminderQuery): Promise<ReminderPage> {
    const rows = await this.#model.collection();
    // One more than shown tells whether there is a next page.
    const found = (await rows
      .find(filterOf(query) as Filter<WithId<StoredRow>>)
      .sort({ partyCode: 1, lineId: 1 })
      .limit(query.limit + 1)
      .toArray()) as StoredRow[];
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return { rows: shown.map(rowOf), next: found.length > query.limit && last ? reminderCursor(last) : null };
  }

  /** How many lines of each list are open. */
  async open(agencyId: string): Promise<ReadonlyMap<ReminderList, number>> {
    const rows = await this.#model.collection();
    const counts = await rows
      .aggregate<{ readonly _id: ReminderList; readonly lines: number }>([
        { $match: { agencyId, status: 'open' } },
        { $group: { _id: '$list', lines: { $sum: 1 } } },
      ])
      .toArray();
    return new Map(counts.map(({ _id, lines }) => [_id, lines]));
  }

  /** Those of an agency's lines that have one of the ids, by id. */
  async withIds(agencyId: string, lineIds: readonly string[]): Promise<ReadonlyMap<string, ReminderRow>> {
    const rows = await this.#model.collection();
    const found = (await rows
      .find({ agencyId, lineId: { $in: [...lineIds] } } as Filter<WithId<StoredRow>>)
      .toArray()) as StoredRow[];
    return new Map(found.map((row) => [row.lineId, rowOf(row)]));
  }
}

function filterOf(query: ReminderQuery): Filter<StoredRow> {
  const { agencyId, list, status, level, search, orPartyCodes = [], after } = query;
  const conditions: Filter<StoredRow>[] = [{ agencyId, list }];
  if (status !== undefined) conditions.push({ status });
  if (level !== undefined) conditions.push({ level });
  // Terms are letters and digits only, so they mean nothing else in a regular expression.
  const terms = searchTerms(search).map((term) => {
    const begins = new RegExp(`^${term}`);
    return { $or: [{ lineTerms: begins }, { searchTerms: begins }] };
  });
  if (terms.length > 0) conditions.push({ $or: [{ $and: terms }, { partyCode: { $in: [...orPartyCodes] } }] });
  if (after !== undefined) conditions.push(afterCursor(after));
  return { $and: conditions };
}

/** Where a list goes on behind a row. A third party's code has no slash, a line's id may have some. */
export const reminderCursor = ({ partyCode, lineId }: Pick<ReminderRow, 'partyCode' | 'lineId'>): string =>
  `${partyCode}/${lineId}`;

function afterCursor(cursor: string): Filter<StoredRow> {
  const [, partyCode, lineId] = /^([^/]+)\/(.+)$/s.exec(cursor) ?? [];
  if (partyCode === undefined || lineId === undefined) throw new ReminderCursorInvalid();
  return { $or: [{ partyCode: { $gt: partyCode } }, { partyCode, lineId: { $gt: lineId } }] };
}

function rowOf(stored: StoredRow): ReminderRow {
  const { _id, position: _position, lineTerms: _lineTerms, searchTerms: _terms, ...row } = stored;
  return row;
}
