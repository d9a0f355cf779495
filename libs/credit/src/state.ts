import type { CreditEvent, CreditEventOf, Totals } from './events.js';
import { LetterMap } from './letter-map.js';

/** A credit account. `issued` is always `remaining + reserved + consumed`. */
export interface Credit extends Totals {
  /** An activation key was entered. */
  readonly active: boolean;
  /** Signatures of all keys that were entered. */
  readonly issued: number;
  /** Of these keys. */
  readonly serials: readonly string[];
  readonly letters: LetterMap;
}

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenCreditHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(type: string) {
    super(`${type} cannot follow in this credit account: verify the stream against its chain before using it.`);
    this.name = 'BrokenCreditHistory';
  }
}

export const initial: Credit = {
  active: false,
  issued: 0,
  remaining: 0,
  reserved: 0,
  consumed: 0,
  serials: [],
  letters: LetterMap.empty,
};

/** The totals of a state, as events carry them. */
export const totalsOf = ({ remaining, reserved, consumed }: Totals): Totals => ({ remaining, reserved, consumed });

/**
 * Folds one event into the account; what an event says of the totals must be what they come to.
 *
 * @throws BrokenCreditHistory on an event that cannot follow.
 */
export function evolve(state: Credit, event: CreditEvent): Credit {
  const next = applied(state, event);
  const { remaining, reserved, consumed } = event.data;
  const isSame = next.remaining === remaining && next.reserved === reserved && next.consumed === consumed;
  if (!isSame || remaining < 0 || reserved < 0) throw new BrokenCreditHistory(event.type);
  return next;
}

/** What an event changes, whatever it says of the totals. */
export function applied(state: Credit, event: Untold): Credit {
  switch (event.type) {
    case 'Activated':
      if (state.active) throw new BrokenCreditHistory(event.type);
      return recharged({ ...state, active: true }, event.data);
    case 'Recharged':
      if (!state.active) throw new BrokenCreditHistory(event.type);
      return recharged(state, event.data);
    case 'Reserved':
      return moved(state, event, { remaining: -1, reserved: 1, consumed: 0 }, 'reserved');
    case 'Consumed':
      return moved(state, event, { remaining: 0, reserved: -1, consumed: 1 }, 'consumed');
    case 'Released':
      return moved(state, event, { remaining: 1, reserved: -1, consumed: 0 }, 'released');
    default:
      return neverHappens(event);
  }
}

type WithoutTotals<Happened extends CreditEvent> = Happened extends CreditEvent
  ? { readonly type: Happened['type']; readonly data: Omit<Happened['data'], keyof Totals> }
  : never;

/** An event before its totals are known. */
export type Untold = WithoutTotals<CreditEvent>;

function recharged(
  state: Credit,
  { serial, signatures }: Pick<CreditEventOf<'Recharged'>['data'], 'serial' | 'signatures'>,
): Credit {
  return {
    ...state,
    issued: state.issued + signatures,
    remaining: state.remaining + signatures,
    serials: [...state.serials, serial],
  };
}

function moved(
  state: Credit,
  { type, data: { letterId } }: Extract<Untold, { type: 'Reserved' | 'Consumed' | 'Released' }>,
  by: Totals,
  credit: 'reserved' | 'consumed' | 'released',
): Credit {
  const isReserved = state.letters.get(letterId) === 'reserved';
  if (isReserved !== (credit !== 'reserved')) throw new BrokenCreditHistory(type);
  return {
    ...state,
    remaining: state.remaining + by.remaining,
    reserved: state.reserved + by.reserved,
    consumed: state.consumed + by.consumed,
    letters: state.letters.with(letterId, credit),
  };
}

/** Makes an event type that `applied` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenCreditHistory((event as CreditEvent).type);
}
