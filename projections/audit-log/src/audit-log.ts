import type { Db, Filter, WithId } from 'mongodb';
import type { Position } from '#libs/event-store';
import type { Instant } from '#libs/letter';
import { ReadModel } from '#projections/engine';
import { actionLabels, isAction, type ActionType } from './labels.js';
import { auditLogProjection } from './projection.js';

/** Something that somebody did. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Instant;
  /** `user:<id>`, `key:<id>`, `operator`, or `log-in` for who has not proved who he is. */
  readonly actor: string;
  readonly type: ActionType;
  /** What was done, in French. */
  readonly action: string;
  /** The stream that holds the event, which names the object: `letter-<id>`, `party-<agency>-<code>`, … */
  readonly stream: string;
  /** What it was about, by the names of the event's fields. */
  readonly about: Readonly<
    Partial<Record<'userId' | 'keyId' | 'role' | 'reason' | 'factor' | 'of' | 'label' | 'name', string>>
  >;
  /** From which network, of log-ins; null once it was erased. */
  readonly address: string | null;
}

type Stored = Omit<AuditEntry, 'id' | 'action'> & {
  readonly _id: string;
  readonly agencyId: string | null;
  readonly day: string;
};

export interface AuditQuery {
  readonly agencyId: string;
  /** Everybody who can act for the agency: `user:<id>` and `key:<id>`. */
  readonly actors: readonly string[];
  /** One of them, `operator` or `log-in`. */
  readonly actor?: string | undefined;
  readonly type?: ActionType | undefined;
  /** First and last day, Europe/Paris. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The `after` of a query was not the `next` of a page. */
export class AuditCursorInvalid extends Error {
  readonly code = 'AUDIT_CURSOR_INVALID';
  constructor() {
    super('This place in the audit log does not exist; begin with the first page.');
    this.name = 'AuditCursorInvalid';
  }
}

/** Answers who did what. Every question names the agency and those who act for it: another one's deeds do not exist for it. */
export class AuditLog {
  readonly #model: ReadModel<Stored>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, auditLogProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** Latest first. @throws AuditCursorInvalid */
  async list(query: AuditQuery): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: string | null }> {
    const documents = await this.#model.collection();
    const found = (await documents
      .find(filterOf(query) as Filter<WithId<Stored>>)
      .sort({ at: -1, _id: -1 })
      .limit(query.limit + 1)
      .toArray()) as Stored[];
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    const next = found.length > query.limit && last ? `${last.at}/${last._id}` : null;
    return { entries: shown.flatMap(entryOf), next };
  }
}

function filterOf({ agencyId, actors, actor, type, from, to, after }: AuditQuery): Filter<Stored> {
  const conditions: Filter<Stored>[] = [{ $or: [{ agencyId }, { agencyId: null, actor: { $in: [...actors] } }] }];
  if (actor !== undefined) conditions.push({ actor });
  if (type !== undefined) conditions.push({ type });
  if (from !== undefined) conditions.push({ day: { $gte: from } });
  if (to !== undefined) conditions.push({ day: { $lte: to } });
  if (after !== undefined) conditions.push(afterCursor(after));
  return { $and: conditions };
}

function afterCursor(cursor: string): Filter<Stored> {
  const [, at, id] = /^([\d:.TZ-]{20,30})\/(.+)$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new AuditCursorInvalid();
  return { $or: [{ at: { $lt: at } }, { at, _id: { $lt: id } }] };
}

function entryOf({ _id: id, at, actor, type, stream, about, address }: Stored): AuditEntry[] {
  return isAction(type) ? [{ id, at, actor, type, action: actionLabels[type], stream, about, address }] : [];
}
