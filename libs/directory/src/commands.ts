import type { Instant } from '#libs/letter';
import type { AgencyDetails, UserRole } from './events.js';

type Command<Type extends string, Body extends object> = { readonly type: Type; readonly at: Instant } & Body;

export type AgencyCommand =
  | Command<'registerAgency', { readonly agencyId: string; readonly code: string } & AgencyDetails>
  | Command<
      'registerUser',
      {
        readonly userId: string;
        readonly role: UserRole;
        readonly email: string;
        readonly name: string;
        readonly passwordHash: string;
      }
    >
  | Command<'issueApiKey', { readonly keyId: string; readonly keyHash: string; readonly label: string }>
  | Command<'revokeApiKey', { readonly keyId: string }>;

export type AgencyCommandOf<Type extends AgencyCommand['type']> = Extract<AgencyCommand, { type: Type }>;
