import type { CreditEvent, Totals } from '#libs/credit';
import { currentLegalProfile, dayOf } from '#libs/legal-profile';
import type { LetterEvent } from '#libs/letter';
import { projection, write, type Write } from '#projections/engine';

const CREDIT = 'credit-';
const LETTER = 'letter-';
/** Digits of a movement's number within its id, so that ids sort as numbers do. */
const NUMBER_DIGITS = 12;

interface Stored {
  readonly stream: string;
  readonly revision: bigint;
  readonly event: CreditEvent;
}

/**
 * The credit accounts, one collection told apart by `kind`: an `account` for each agency, its `movement`s, the balance at the end of
 * each `day` in Paris, the `reservation` of each letter, and the reference of each `letter`.
 */
export const creditBalanceProjection = projection<CreditEvent | Extract<LetterEvent, { type: 'Submitted' }>>({
  name: 'credit-balance',
  version: 1,
  prefixes: [CREDIT, LETTER],
  indexes: [
    { key: { agencyId: 1, number: -1 }, partialFilterExpression: { kind: 'movement' } },
    { key: { agencyId: 1, day: 1 }, partialFilterExpression: { kind: 'day' } },
    { key: { serial: 1 }, sparse: true },
    { key: { reservedAt: 1 }, partialFilterExpression: { open: true } },
  ],
  on: {
    Activated: (stored) => [...movement(stored, stored.event.data.signatures), active(stored)],
    Recharged: (stored) => movement(stored, stored.event.data.signatures),
    Reserved: (stored) => [...movement(stored, -1), reservation(stored, stored.event.data.letterId, true)],
    Consumed: (stored) => [...movement(stored, 0), reservation(stored, stored.event.data.letterId, false)],
    Released: (stored) => [...movement(stored, 1), reservation(stored, stored.event.data.letterId, false)],
    Submitted: ({ stream, event: { data } }) =>
      write(`letter/${stream.slice(LETTER.length)}`, { kind: 'letter', reference: data.reference }),
  },
});

const agencyOf = ({ stream }: Pick<Stored, 'stream'>): string => stream.slice(CREDIT.length);
const totals = ({ remaining, reserved, consumed }: Totals): Totals => ({ remaining, reserved, consumed });

function movement(stored: Stored, quantity: number): Write[] {
  const { event, revision } = stored;
  const { data } = event;
  const agencyId = agencyOf(stored);
  const day = dayOf(currentLegalProfile.zone, data.at);
  return [
    write(`movement/${agencyId}/${String(revision).padStart(NUMBER_DIGITS, '0')}`, {
      kind: 'movement',
      agencyId,
      number: Number(revision) + 1,
      type: event.type,
      at: data.at,
      quantity,
      balance: data.remaining,
      letterId: 'letterId' in data ? data.letterId : null,
      // Absent where there is none, as a sparse index wants it.
      ...('serial' in data ? { serial: data.serial } : {}),
      reason: 'reason' in data ? data.reason : null,
    }),
    write(`account/${agencyId}`, { kind: 'account', agencyId, ...totals(data), changedAt: data.at }),
    write(`day/${agencyId}/${day}`, { kind: 'day', agencyId, day, at: data.at, balance: data.remaining }),
  ];
}

const active = (stored: Stored): Write => write(`account/${agencyOf(stored)}`, { active: true });

function reservation(stored: Stored, letterId: string, open: boolean): Write {
  const agencyId = agencyOf(stored);
  const since = open ? { reservedAt: stored.event.data.at } : {};
  return write(`reservation/${letterId}`, { kind: 'reservation', agencyId, letterId, open, ...since });
}
