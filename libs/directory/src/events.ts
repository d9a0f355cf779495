import type { CatalogueEntry, Event, Instant } from '#libs/letter';

/** A manager settles everything, a clerk sends letters, a reader only looks. */
export type UserRole = 'manager' | 'clerk' | 'reader';

type At = { readonly at: Instant };

export interface AgencyDetails {
  readonly name: string;
  readonly email: string;
  readonly address?: string;
}

interface UserDetails {
  readonly email: string;
  readonly name: string;
  /** As the password hash function writes it, parameters included; never the password. */
  readonly passwordHash: string;
}

/** The events of an agency, stream `agency-<uuidv7>`. Stored names and shapes are a public contract. */
export type AgencyEvent =
  | Event<'AgencyRegistered', { readonly agencyId: string; readonly code: string } & At, AgencyDetails>
  | Event<'UserRegistered', { readonly userId: string; readonly role: UserRole } & At, UserDetails>
  | Event<'ApiKeyIssued', { readonly keyId: string; readonly keyHash: string; readonly label: string } & At>
  | Event<'ApiKeyRevoked', { readonly keyId: string } & At>;

export type AgencyEventType = AgencyEvent['type'];
export type AgencyEventOf<Type extends AgencyEventType> = Extract<AgencyEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const catalogue = {
  AgencyRegistered: { schema: 1, upcast: {} },
  UserRegistered: { schema: 1, upcast: {} },
  ApiKeyIssued: { schema: 1, upcast: {} },
  ApiKeyRevoked: { schema: 1, upcast: {} },
} satisfies Record<AgencyEventType, CatalogueEntry>;
