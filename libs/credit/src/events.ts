import type { CatalogueEntry, Event, Instant } from '#libs/letter';

/** Where the account stands after an event, in signatures. */
export interface Totals {
  /** To be used for new letters. */
  readonly remaining: number;
  /** Set aside for letters that are not deposited yet. */
  readonly reserved: number;
  /** Used up by letters that were deposited. */
  readonly consumed: number;
}

type At = { readonly at: Instant };

/** Why a reservation was given back: the deposit failed, or the letter was never taken in. */
export type ReleaseReason = 'deposit-failed' | 'not-submitted';

interface KeyData extends At, Totals {
  /** 16 hexadecimal digits. */
  readonly serial: string;
  /** Added by the key. */
  readonly signatures: number;
}

interface LetterData extends At, Totals {
  readonly letterId: string;
}

/**
 * The events of a credit account, stream `credit-<agency id>`. Each carries the totals that it leads to, so that a read model needs
 * no memory of the events before. Stored names and shapes are a public contract: see `catalogue`.
 */
export type CreditEvent =
  | Event<'Activated', KeyData>
  | Event<'Recharged', KeyData>
  | Event<'Reserved', LetterData>
  | Event<'Consumed', LetterData>
  | Event<'Released', LetterData & { readonly reason: ReleaseReason }>;

export type CreditEventType = CreditEvent['type'];
export type CreditEventOf<Type extends CreditEventType> = Extract<CreditEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const catalogue = {
  Activated: { schema: 1, upcast: {} },
  Recharged: { schema: 1, upcast: {} },
  Reserved: { schema: 1, upcast: {} },
  Consumed: { schema: 1, upcast: {} },
  Released: { schema: 1, upcast: {} },
} satisfies Record<CreditEventType, CatalogueEntry>;
