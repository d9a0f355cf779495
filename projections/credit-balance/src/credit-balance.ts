import type { Collection, Db, Filter, WithId } from 'mongodb';
import type { CreditEventType, ReleaseReason, Totals } from '#libs/credit';
import type { Position } from '#libs/event-store';
import type { Instant } from '#libs/letter';
import { ReadModel } from '#projections/engine';
import { creditBalanceProjection } from './projection.js';

/** Where an account stands; all is zero before the activation key. */
export interface Balance extends Totals {
  readonly active: boolean;
}

/** What changed an account. */
export interface Movement {
  /** 1, 2, … within the account. */
  readonly number: number;
  readonly type: CreditEventType;
  readonly at: Instant;
  /** Signatures that came to, or went from, those that remain: 0 for a deposit, whose signature was reserved before. */
  readonly quantity: number;
  /** What remained afterwards. */
  readonly balance: number;
  readonly letter: { readonly id: string; readonly reference: string | null } | null;
  /** Of the key that was entered. */
  readonly serial: string | null;
  readonly reason: ReleaseReason | null;
}

export interface MovementPage {
  /** Latest first. */
  readonly movements: readonly Movement[];
  /** `before` of the next page; null on the last one. */
  readonly next: number | null;
}

/** What remained at one moment, and until the next point. */
export interface BalancePoint {
  readonly at: Instant;
  readonly balance: number;
}

/** A signature that is set aside for a letter of which the account has heard nothing since. */
export interface OpenReservation {
  readonly agencyId: string;
  readonly letterId: string;
  readonly reservedAt: Instant;
}

type StoredMovement = Omit<Movement, 'letter' | 'serial'> & {
  readonly serial?: string;
  readonly kind: 'movement';
  readonly agencyId: string;
  readonly letterId: string | null;
};

interface Stored {
  readonly _id: string;
  readonly kind: 'account' | 'movement' | 'day' | 'reservation' | 'letter';
}
type StoredAccount = Stored & Totals & { readonly active?: boolean };
type StoredLetter = Stored & { readonly reference: string };

/** Movements that a plot shows one by one; of a longer account it shows the end of each day. */
const POINTS = 300;
/** Days that a plot goes back at most. */
const DAYS = 366;

/** Answers what an agency has bought, set aside and used up. Every question names the agency that asks. */
export class CreditBalance {
  readonly #model: ReadModel<Stored>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, creditBalanceProjection);
  }

  /** See `ReadModel.atLeast`; of letters it knows the position of `Submitted`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  async of(agencyId: string): Promise<Balance> {
    const found = await (await this.#documents<StoredAccount>()).findOne({ _id: `account/${agencyId}` });
    const { remaining = 0, reserved = 0, consumed = 0, active = false } = found ?? {};
    return { active, remaining, reserved, consumed };
  }

  /** @param before shows older movements than the one of this number. */
  async movements(agencyId: string, limit: number, before?: number): Promise<MovementPage> {
    const documents = await this.#documents<StoredMovement & Stored>();
    const older = before === undefined ? {} : { number: { $lt: before } };
    // One more than shown tells whether there is a next page.
    const found = await documents
      .find({ kind: 'movement', agencyId, ...older })
      .sort({ number: -1 })
      .limit(limit + 1)
      .toArray();
    const shown = found.slice(0, limit);
    const references = await this.#referencesOf(shown.flatMap(({ letterId }) => letterId ?? []));
    const next = found.length > limit ? (shown.at(-1)?.number ?? null) : null;
    return { movements: shown.map((stored) => movementOf(stored, references)), next };
  }

  /** The movement of a key, if this agency has entered it. */
  async ofKey(agencyId: string, serial: string): Promise<Movement | undefined> {
    const documents = await this.#documents<StoredMovement & Stored>();
    const found = await documents.findOne({ kind: 'movement', agencyId, serial });
    return found ? movementOf(found, new Map()) : undefined;
  }

  /** The balance over time, oldest first: movement by movement, or by day where there are too many. */
  async course(agencyId: string): Promise<readonly BalancePoint[]> {
    const documents = await this.#documents<BalancePoint & Stored>();
    const latest = (kind: 'movement' | 'day', key: string, limit: number) =>
      documents
        .find({ kind, agencyId } as Filter<BalancePoint & Stored>)
        .sort({ [key]: -1 })
        .limit(limit)
        .project<BalancePoint>({ _id: 0, at: 1, balance: 1 })
        .toArray();
    const movements = await latest('movement', 'number', POINTS + 1);
    const points = movements.length <= POINTS ? movements : await latest('day', 'day', DAYS);
    return points.toReversed();
  }

  /** At most `limit` reservations made up to a moment whose letter was neither deposited nor given up, oldest first. */
  async openReservations(upTo: Instant, limit: number): Promise<readonly OpenReservation[]> {
    const documents = await this.#documents<OpenReservation & Stored & { readonly open: boolean }>();
    return documents
      .find({ open: true, reservedAt: { $lte: upTo } })
      .sort({ reservedAt: 1 })
      .limit(limit)
      .project<OpenReservation>({ _id: 0, agencyId: 1, letterId: 1, reservedAt: 1 })
      .toArray();
  }

  async #referencesOf(letterIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ids = [...new Set(letterIds)].map((letterId) => `letter/${letterId}`);
    const found = await (await this.#documents<StoredLetter>()).find({ _id: { $in: ids } }).toArray();
    return new Map(found.map(({ _id, reference }) => [_id.slice('letter/'.length), reference]));
  }

  async #documents<Document extends Stored>(): Promise<Collection<Document>> {
    return (await this.#model.collection()) as unknown as Collection<Document>;
  }
}

function movementOf(
  { number, type, at, quantity, balance, letterId, serial, reason }: WithId<StoredMovement & Stored>,
  references: ReadonlyMap<string, string>,
): Movement {
  const letter = letterId === null ? null : { id: letterId, reference: references.get(letterId) ?? null };
  return { number, type, at, quantity, balance, letter, serial: serial ?? null, reason };
}
