import type { CalendarDay } from '#libs/legal-profile';
import type { Instant, PartyKind } from '#libs/letter';
import type { ConsentMeans, PartyDetails, ProofPrint } from './events.js';

type Command<Type extends string, Body extends object = object> = { readonly type: Type; readonly at: Instant } & Body;

/** A third party as an agency describes it. */
export interface PartyDescription {
  readonly agencyId: string;
  readonly code: string;
  readonly kind: PartyKind;
  readonly professional: boolean;
  readonly details: PartyDetails;
}

export type PartyCommand =
  /** A new third party: refused where another one has the code. */
  | Command<'registerParty', PartyDescription>
  /** The third party is to be as described, whether it is known or not. */
  | Command<'saveParty', PartyDescription>
  | Command<
      'giveConsent',
      { readonly givenOn: CalendarDay; readonly how: ConsentMeans } & {
        readonly proof: ProofPrint & { readonly name: string };
      }
    >
  | Command<'withdrawConsent', { readonly withdrawnOn: CalendarDay; readonly how: ConsentMeans }>
  | Command<'archiveParty'>
  | Command<'reactivateParty'>;

export type PartyCommandOf<Type extends PartyCommand['type']> = Extract<PartyCommand, { type: Type }>;
