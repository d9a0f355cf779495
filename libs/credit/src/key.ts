import type { CalendarDay } from '#libs/legal-profile';

/** The first key of an agency activates the module, the others recharge it (manual II). */
export type KeyKind = 'activation' | 'recharge';

/** What a key says, once its signature has been verified. */
export interface CreditKey {
  /** 16 hexadecimal digits; never twice. */
  readonly serial: string;
  readonly kind: KeyKind;
  /** The one agency that may enter it. */
  readonly agencyId: string;
  /** A whole number from 1. */
  readonly signatures: number;
  /** Last day, in the law's zone, on which it may be entered. */
  readonly expiresOn?: CalendarDay;
}
