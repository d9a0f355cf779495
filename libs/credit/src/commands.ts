import type { Instant } from '#libs/letter';
import type { ReleaseReason } from './events.js';
import type { KeyKind } from './key.js';

type Command<Type extends string, Body extends object> = { readonly type: Type; readonly at: Instant } & Body;
type OfLetter = { readonly letterId: string };

export type CreditCommand =
  /** A verified key of this agency is entered. */
  | Command<'enterKey', { readonly serial: string; readonly kind: KeyKind; readonly signatures: number }>
  /** Asks whether a letter could be sent; nothing happens. */
  | Command<'forecast', object>
  /** A letter is about to be taken in. */
  | Command<'reserve', OfLetter>
  /** The letter was taken in: it must not be deposited without a reservation, even if the first one was given back meanwhile. */
  | Command<'uphold', OfLetter>
  /** The letter was deposited. */
  | Command<'consume', OfLetter>
  /** The letter will not be deposited. */
  | Command<'release', OfLetter & { readonly reason: ReleaseReason }>;

export type CreditCommandOf<Type extends CreditCommand['type']> = Extract<CreditCommand, { type: Type }>;
