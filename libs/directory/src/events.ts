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

/** A link that is mailed to a user: good once, and until `expiresAt`. Its token is derived from `linkId` and stored nowhere. */
interface Link {
  readonly linkId: string;
  readonly expiresAt: Instant;
}

/** What an e-mail to a user is about. */
export type UserMail = 'invitation' | 'password-reset' | 'lock-out';

interface Mailed {
  readonly userId: string;
  readonly about: UserMail;
  /** Message-ID of the e-mail, without its angle brackets. */
  readonly messageId: string;
}

/** The events of an agency, stream `agency-<uuidv7>`. Stored names and shapes are a public contract. */
export type AgencyEvent =
  | Event<'AgencyRegistered', { readonly agencyId: string; readonly code: string } & At, AgencyDetails>
  | Event<'UserRegistered', { readonly userId: string; readonly role: UserRole } & At, UserDetails>
  | Event<'UserInvited', { readonly userId: string; readonly role: UserRole } & Link & At, { readonly email: string }>
  | Event<'InvitationAccepted', { readonly userId: string } & At, Omit<UserDetails, 'email'>>
  | Event<'UserRoleChanged', { readonly userId: string; readonly role: UserRole } & At>
  | Event<'UserDeactivated', { readonly userId: string } & At>
  | Event<'UserReactivated', { readonly userId: string } & At>
  | Event<'PasswordResetRequested', { readonly userId: string } & Link & At>
  | Event<
      'PasswordChanged',
      { readonly userId: string; readonly proof: 'password' | 'link' } & At,
      Pick<UserDetails, 'passwordHash'>
    >
  /** `secret` of RFC 6238 in base32 (RFC 4648). It counts from its confirmation on. */
  | Event<
      'SecondFactorProposed',
      { readonly userId: string; readonly factorId: string } & At,
      { readonly secret: string }
    >
  /** The recovery codes as keyed hashes, in hexadecimal. */
  | Event<
      'SecondFactorConfirmed',
      { readonly userId: string; readonly factorId: string } & At,
      { readonly recoveryHashes: readonly string[] }
    >
  /** `number` is the code's place among the recovery codes, from 0. */
  | Event<'RecoveryCodeUsed', { readonly userId: string; readonly factorId: string; readonly number: number } & At>
  | Event<'SecondFactorRemoved', { readonly userId: string } & At>
  /** Too many wrong passwords or codes: nobody logs in as this user before `until`, unless a manager lifts it. */
  | Event<'LogInLocked', { readonly userId: string; readonly lockId: string; readonly until: Instant } & At>
  | Event<'LogInUnlocked', { readonly userId: string } & At>
  | Event<'UserMailSent', Mailed & At>
  | Event<'UserMailFailed', Mailed & { readonly code: number } & At>
  | Event<'ApiKeyIssued', { readonly keyId: string; readonly keyHash: string; readonly label: string } & At>
  | Event<'ApiKeyRevoked', { readonly keyId: string } & At>;

export type AgencyEventType = AgencyEvent['type'];
export type AgencyEventOf<Type extends AgencyEventType> = Extract<AgencyEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const catalogue = {
  AgencyRegistered: { schema: 1, upcast: {} },
  UserRegistered: { schema: 1, upcast: {} },
  UserInvited: { schema: 1, upcast: {} },
  InvitationAccepted: { schema: 1, upcast: {} },
  UserRoleChanged: { schema: 1, upcast: {} },
  UserDeactivated: { schema: 1, upcast: {} },
  UserReactivated: { schema: 1, upcast: {} },
  PasswordResetRequested: { schema: 1, upcast: {} },
  PasswordChanged: { schema: 1, upcast: {} },
  SecondFactorProposed: { schema: 1, upcast: {} },
  SecondFactorConfirmed: { schema: 1, upcast: {} },
  RecoveryCodeUsed: { schema: 1, upcast: {} },
  SecondFactorRemoved: { schema: 1, upcast: {} },
  LogInLocked: { schema: 1, upcast: {} },
  LogInUnlocked: { schema: 1, upcast: {} },
  UserMailSent: { schema: 1, upcast: {} },
  UserMailFailed: { schema: 1, upcast: {} },
  ApiKeyIssued: { schema: 1, upcast: {} },
  ApiKeyRevoked: { schema: 1, upcast: {} },
} satisfies Record<AgencyEventType, CatalogueEntry>;
