import type { Db, Filter, WithId } from 'mongodb';
import type { Consent, PartyDetails } from '#libs/directory';
import type { Position } from '#libs/event-store';
import type { Instant, PartyKind } from '#libs/letter';
import { ReadModel, searchTerms } from '#projections/engine';
import { thirdPartiesProjection } from './projection.js';

/** A row of the directory. */
export interface PartyRow {
  readonly agencyId: string;
  readonly code: string;
  readonly kind: PartyKind;
  readonly professional: boolean;
  /** Null once the key of the third party has been destroyed. */
  readonly details: PartyDetails | null;
  readonly consent: Consent['status'];
  /** The day on which consent was given or withdrawn; null while there was none. */
  readonly consentDay: string | null;
  readonly archived: boolean;
  readonly changedAt: Instant;
}

type StoredRow = PartyRow & {
  readonly _id: string;
  readonly position: bigint;
  readonly sortName: string;
  readonly searchTerms: readonly string[];
};

export interface PartyQuery {
  readonly agencyId: string;
  readonly kind?: PartyKind | undefined;
  /** Whether registered electronic letters may be sent: consent or professional. */
  readonly mayReceive?: boolean | undefined;
  /** False when absent. */
  readonly archived?: boolean | undefined;
  /** Words that code, name or e-mail address must each begin with in some place; accents and case do not count. */
  readonly search?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows on a page. */
  readonly limit: number;
}

export interface PartyPage {
  /** By name, then code. */
  readonly rows: readonly PartyRow[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

/** The `after` of a query was not the `next` of a page. */
export class PartyCursorInvalid extends Error {
  readonly code = 'PARTY_CURSOR_INVALID';
  constructor() {
    super('This place in the directory does not exist; begin with the first page.');
    this.name = 'PartyCursorInvalid';
  }
}

/** Answers the directory of third parties. Every question names the agency that asks: another one's do not exist for it. */
export class ThirdParties {
  readonly #model: ReadModel<StoredRow>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, thirdPartiesProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** @throws PartyCursorInvalid */
  async list(query: PartyQuery): Promise<PartyPage> {
    const rows = await this.#model.collection();
    // One more than shown tells whether there is a next page.
    const found = (await rows
      .find(filterOf(query) as Filter<WithId<StoredRow>>)
      .sort({ sortName: 1, code: 1 })
      .limit(query.limit + 1)
      .toArray()) as StoredRow[];
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return { rows: shown.map(rowOf), next: found.length > query.limit && last ? cursorOf(last) : null };
  }

  /** Those of an agency's third parties that have one of the codes, by code, archived ones included. */
  async withCodes(agencyId: string, codes: readonly string[]): Promise<ReadonlyMap<string, PartyRow>> {
    const rows = await this.#model.collection();
    const found = (await rows
      .find({ agencyId, code: { $in: [...codes] } } as Filter<WithId<StoredRow>>)
      .toArray()) as StoredRow[];
    return new Map(found.map((row) => [row.code, rowOf(row)]));
  }
}

function filterOf({ agencyId, kind, mayReceive, archived = false, search, after }: PartyQuery): Filter<StoredRow> {
  const conditions: Filter<StoredRow>[] = [{ agencyId, archived }];
  if (kind !== undefined) conditions.push({ kind });
  if (mayReceive === true) conditions.push({ $or: [{ professional: true }, { consent: 'given' }] });
  if (mayReceive === false) conditions.push({ professional: false, consent: { $ne: 'given' } });
  // Terms are letters and digits only, so they mean nothing else in a regular expression.
  for (const term of searchTerms(search)) conditions.push({ searchTerms: new RegExp(`^${term}`) });
  if (after !== undefined) conditions.push(afterCursor(after));
  return { $and: conditions };
}

/** Neither part holds a slash: a name for sorting has letters, digits and blanks, a code no slash. */
const cursorOf = ({ sortName, code }: StoredRow): string => `${sortName}/${code}`;

function afterCursor(cursor: string): Filter<StoredRow> {
  const [, sortName, code] = /^([^/]*)\/([^/]+)$/.exec(cursor) ?? [];
  if (sortName === undefined || code === undefined) throw new PartyCursorInvalid();
  return { $or: [{ sortName: { $gt: sortName } }, { sortName, code: { $gt: code } }] };
}

function rowOf(stored: StoredRow): PartyRow {
  const { _id, position: _position, sortName: _sortName, searchTerms: _terms, ...row } = stored;
  return row;
}
