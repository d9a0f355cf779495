import type { CatalogueEntry, Event, Instant, PartyKind } from '#libs/letter';
import type { CalendarDay } from '#libs/legal-profile';

/** How a consent, or its withdrawal, reached the agency. */
export type ConsentMeans = 'letter' | 'contract' | 'email' | 'online' | 'in-person';

/** A French form has street, postcode and town; the country is absent for France. */
export interface PostalAddress {
  readonly street: string;
  readonly complement?: string;
  readonly postcode: string;
  readonly city: string;
  readonly country?: string;
}

/** What is personal of a third party. A couple is one third party with two names. */
export interface PartyDetails {
  readonly civility?: string;
  readonly name: string;
  readonly secondName?: string;
  readonly email: string;
  /** E.164 (`+33612345678`). */
  readonly mobile?: string;
  readonly address?: PostalAddress;
}

/** The file that proves a consent: hex SHA-256 of its bytes, size in bytes, media type. Its name is personal. */
export interface ProofPrint {
  readonly sha256: string;
  readonly size: number;
  readonly type: 'application/pdf' | 'image/jpeg' | 'image/png';
}

type At = { readonly at: Instant };
/** What is public of a third party: it decides who may be written to, and how. */
interface Standing {
  readonly kind: PartyKind;
  readonly professional: boolean;
}

/** The events of a third party, stream `party-<agency id>-<code>`. Stored names and shapes are a public contract. */
export type PartyEvent =
  | Event<'PartyRegistered', { readonly agencyId: string; readonly code: string } & Standing & At, PartyDetails>
  | Event<'PartyChanged', { readonly code: string } & Standing & At, PartyDetails>
  | Event<
      'ConsentGiven',
      { readonly givenOn: CalendarDay; readonly how: ConsentMeans; readonly proof: ProofPrint } & At,
      { readonly proofName: string }
    >
  | Event<'ConsentWithdrawn', { readonly withdrawnOn: CalendarDay; readonly how: ConsentMeans } & At>
  | Event<'PartyArchived', At>
  | Event<'PartyReactivated', At>;

export type PartyEventType = PartyEvent['type'];
export type PartyEventOf<Type extends PartyEventType> = Extract<PartyEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const partyCatalogue = {
  PartyRegistered: { schema: 1, upcast: {} },
  PartyChanged: { schema: 1, upcast: {} },
  ConsentGiven: { schema: 1, upcast: {} },
  ConsentWithdrawn: { schema: 1, upcast: {} },
  PartyArchived: { schema: 1, upcast: {} },
  PartyReactivated: { schema: 1, upcast: {} },
} satisfies Record<PartyEventType, CatalogueEntry>;
