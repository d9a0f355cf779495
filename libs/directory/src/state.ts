import type { Instant } from '#libs/letter';
import type { AgencyDetails, AgencyEvent, AgencyEventOf, UserRole } from './events.js';

/** What is personal of a user: his name and password hash once he has joined. */
export interface UserPersonal {
  readonly email: string;
  readonly name?: string;
  readonly passwordHash?: string;
}

/** A link that was mailed and not used yet. */
export interface OpenLink {
  readonly linkId: string;
  readonly expiresAt: Instant;
}

/** How a second factor stands; `recoveryHashes` has null in the place of a code that was used. */
export type SecondFactor =
  | { readonly status: 'none' }
  | { readonly status: 'proposed'; readonly factorId: string; readonly secret: string }
  | {
      readonly status: 'confirmed';
      readonly factorId: string;
      readonly secret: string;
      readonly recoveryHashes: readonly (string | null)[];
    };

/** `personal` is `erased` once the agency's key has been destroyed. */
export interface AgencyUser {
  readonly userId: string;
  readonly role: UserRole;
  /** Invited: has not joined yet. A user who was deactivated before he joined can only be invited again. */
  readonly status: 'invited' | 'active' | 'deactivated';
  readonly personal: UserPersonal | 'erased';
  readonly invitation: OpenLink | null;
  readonly reset: OpenLink | null;
  readonly secondFactor: SecondFactor;
  /** The log-in's last lock-out; null once it was lifted. */
  readonly lock: { readonly lockId: string; readonly until: Instant } | null;
  /** Message-IDs of the e-mails whose outcome is known. */
  readonly mailed: readonly string[];
}

export type ApiKey = { readonly keyId: string; readonly keyHash: string; readonly label: string } & (
  { readonly status: 'active' } | { readonly status: 'revoked'; readonly revokedAt: Instant }
);

export type Agency =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'registered';
      readonly agencyId: string;
      readonly code: string;
      readonly details: AgencyDetails | 'erased';
      readonly users: readonly AgencyUser[];
      readonly apiKeys: readonly ApiKey[];
    };

export type RegisteredAgency = Extract<Agency, { status: 'registered' }>;

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenAgencyHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(status: Agency['status'], type: string) {
    super(`An agency that is ${status} cannot have ${type}: verify the stream against its chain before using it.`);
    this.name = 'BrokenAgencyHistory';
  }
}

export const initial: Agency = { status: 'unknown' };

/** Folds one event into the agency. Throws `BrokenAgencyHistory` on an event that cannot follow. */
export function evolve(state: Agency, event: AgencyEvent): Agency {
  if (event.type === 'AgencyRegistered') return registered(state, event);
  if (state.status === 'unknown') throw new BrokenAgencyHistory(state.status, event.type);
  switch (event.type) {
    case 'UserRegistered':
    case 'UserInvited':
      return { ...state, users: withUser(state, joining(state, event)) };
    case 'ApiKeyIssued': {
      const { keyId, keyHash, label } = event.data;
      return { ...state, apiKeys: [...state.apiKeys, { keyId, keyHash, label, status: 'active' }] };
    }
    case 'ApiKeyRevoked':
      return {
        ...state,
        apiKeys: state.apiKeys.map((key) => (key.keyId === event.data.keyId ? revoked(key, event) : key)),
      };
    default: {
      const user = state.users.find(({ userId }) => userId === event.data.userId);
      if (!user) throw new BrokenAgencyHistory(state.status, event.type);
      return { ...state, users: withUser(state, changed(user, event)) };
    }
  }
}

function registered(state: Agency, { type, data, personal }: AgencyEventOf<'AgencyRegistered'>): Agency {
  if (state.status !== 'unknown') throw new BrokenAgencyHistory(state.status, type);
  const { agencyId, code } = data;
  return { status: 'registered', agencyId, code, details: personal ?? 'erased', users: [], apiKeys: [] };
}

/** Users keep their place in the order in which they came. */
function withUser({ users }: RegisteredAgency, changedUser: AgencyUser): readonly AgencyUser[] {
  const isKnown = users.some(({ userId }) => userId === changedUser.userId);
  return isKnown
    ? users.map((user) => (user.userId === changedUser.userId ? changedUser : user))
    : [...users, changedUser];
}

function joining(state: RegisteredAgency, event: AgencyEventOf<'UserRegistered' | 'UserInvited'>): AgencyUser {
  const { userId, role } = event.data;
  const before = state.users.find((user) => user.userId === userId);
  const blank = { reset: null, secondFactor: { status: 'none' }, lock: null, mailed: before?.mailed ?? [] } as const;
  const personal = event.personal ?? 'erased';
  if (event.type === 'UserRegistered') return { ...blank, userId, role, status: 'active', personal, invitation: null };
  const { linkId, expiresAt } = event.data;
  return { ...blank, userId, role, status: 'invited', personal, invitation: { linkId, expiresAt } };
}

type AboutUser = Exclude<
  AgencyEvent,
  { type: 'AgencyRegistered' | 'UserRegistered' | 'UserInvited' | 'ApiKeyIssued' | 'ApiKeyRevoked' }
>;

function changed(user: AgencyUser, event: AboutUser): AgencyUser {
  switch (event.type) {
    case 'InvitationAccepted':
      return { ...user, status: 'active', invitation: null, personal: known(user, event.personal) };
    case 'UserRoleChanged':
      return { ...user, role: event.data.role };
    case 'UserDeactivated':
      return { ...user, status: 'deactivated', invitation: null, reset: null };
    case 'UserReactivated':
      return { ...user, status: 'active' };
    case 'PasswordResetRequested':
      return { ...user, reset: { linkId: event.data.linkId, expiresAt: event.data.expiresAt } };
    case 'PasswordChanged':
      return { ...user, reset: null, personal: known(user, event.personal) };
    case 'SecondFactorProposed':
    case 'SecondFactorConfirmed':
    case 'RecoveryCodeUsed':
    case 'SecondFactorRemoved':
      return { ...user, secondFactor: factorAfter(user.secondFactor, event) };
    case 'LogInLocked':
      return { ...user, lock: { lockId: event.data.lockId, until: event.data.until } };
    case 'LogInUnlocked':
      return { ...user, lock: null };
    case 'UserMailSent':
    case 'UserMailFailed':
      return { ...user, mailed: [...user.mailed, event.data.messageId] };
    default:
      return neverHappens(event);
  }
}

/** A part that was erased takes what was known before with it. */
function known({ personal }: AgencyUser, more: Partial<UserPersonal> | undefined): UserPersonal | 'erased' {
  return personal === 'erased' || !more ? 'erased' : { ...personal, ...more };
}

type AboutFactor = Extract<
  AgencyEvent,
  { type: 'SecondFactorProposed' | 'SecondFactorConfirmed' | 'RecoveryCodeUsed' | 'SecondFactorRemoved' }
>;

function factorAfter(factor: SecondFactor, event: AboutFactor): SecondFactor {
  switch (event.type) {
    case 'SecondFactorProposed':
      return { status: 'proposed', factorId: event.data.factorId, secret: event.personal?.secret ?? '' };
    case 'SecondFactorConfirmed': {
      if (factor.status !== 'proposed') throw new BrokenAgencyHistory('registered', event.type);
      return { ...factor, status: 'confirmed', recoveryHashes: event.personal?.recoveryHashes ?? [] };
    }
    case 'RecoveryCodeUsed': {
      if (factor.status !== 'confirmed') throw new BrokenAgencyHistory('registered', event.type);
      const recoveryHashes = factor.recoveryHashes.map((hash, place) => (place === event.data.number ? null : hash));
      return { ...factor, recoveryHashes };
    }
    case 'SecondFactorRemoved':
      return { status: 'none' };
  }
}

function revoked({ keyId, keyHash, label }: ApiKey, { data }: AgencyEventOf<'ApiKeyRevoked'>): ApiKey {
  return { keyId, keyHash, label, status: 'revoked', revokedAt: data.at };
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenAgencyHistory('unknown', (event as AgencyEvent).type);
}
