import type { Instant } from '#libs/letter';
import type { AgencyDetails, UserMail, UserRole } from './events.js';

type Command<Type extends string, Body extends object> = { readonly type: Type; readonly at: Instant } & Readonly<Body>;
type OfUser<Type extends string, Body extends object = object> = Command<Type, { userId: string } & Body>;

/** What people and programs of an agency, its operator and its log-in ask for. */
export type AgencyCommand =
  | Command<'registerAgency', { agencyId: string; code: string } & AgencyDetails>
  | OfUser<'registerUser', { role: UserRole; email: string; name: string; passwordHash: string }>
  | OfUser<'inviteUser', { role: UserRole; email: string; linkId: string; expiresAt: Instant }>
  | OfUser<'acceptInvitation', { linkId: string; name: string; passwordHash: string }>
  | OfUser<'changeRole', { role: UserRole }>
  | OfUser<'deactivateUser'>
  | OfUser<'reactivateUser'>
  | OfUser<'requestPasswordReset', { linkId: string; expiresAt: Instant }>
  | OfUser<'resetPassword', { linkId: string; passwordHash: string }>
  /** The current password has been verified against `currentHash`. */
  | OfUser<'changePassword', { currentHash: string; passwordHash: string }>
  | OfUser<'proposeSecondFactor', { factorId: string; secret: string }>
  /** A code of this factor has been verified. */
  | OfUser<'confirmSecondFactor', { factorId: string; recoveryHashes: readonly string[] }>
  | OfUser<'useRecoveryCode', { hash: string }>
  | OfUser<'removeSecondFactor'>
  | OfUser<'lockLogIn', { lockId: string; until: Instant }>
  | OfUser<'unlockLogIn'>
  | OfUser<'confirmUserMail', { about: UserMail; messageId: string }>
  | OfUser<'failUserMail', { about: UserMail; messageId: string; code: number }>
  | Command<'issueApiKey', { keyId: string; keyHash: string; label: string }>
  | Command<'revokeApiKey', { keyId: string }>;

export type AgencyCommandOf<Type extends AgencyCommand['type']> = Extract<AgencyCommand, { type: Type }>;
