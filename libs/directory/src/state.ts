import type { Instant } from '#libs/letter';
import type { AgencyDetails, AgencyEvent, AgencyEventOf, UserRole } from './events.js';

/** `personal` is `erased` once the agency's key has been destroyed. */
export interface AgencyUser {
  readonly userId: string;
  readonly role: UserRole;
  readonly personal: NonNullable<AgencyEventOf<'UserRegistered'>['personal']> | 'erased';
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
    case 'UserRegistered': {
      const { userId, role } = event.data;
      return { ...state, users: [...state.users, { userId, role, personal: event.personal ?? 'erased' }] };
    }
    case 'ApiKeyIssued': {
      const { keyId, keyHash, label } = event.data;
      return { ...state, apiKeys: [...state.apiKeys, { keyId, keyHash, label, status: 'active' }] };
    }
    case 'ApiKeyRevoked':
      return {
        ...state,
        apiKeys: state.apiKeys.map((key) => (key.keyId === event.data.keyId ? revoked(key, event) : key)),
      };
    default:
      return neverHappens(event);
  }
}

function registered(state: Agency, { type, data, personal }: AgencyEventOf<'AgencyRegistered'>): Agency {
  if (state.status !== 'unknown') throw new BrokenAgencyHistory(state.status, type);
  const { agencyId, code } = data;
  return { status: 'registered', agencyId, code, details: personal ?? 'erased', users: [], apiKeys: [] };
}

function revoked({ keyId, keyHash, label }: ApiKey, { data }: AgencyEventOf<'ApiKeyRevoked'>): ApiKey {
  return { keyId, keyHash, label, status: 'revoked', revokedAt: data.at };
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenAgencyHistory('unknown', (event as AgencyEvent).type);
}
