import type { CalendarDay } from '#libs/legal-profile';
import type { PartyKind } from '#libs/letter';
import type { ConsentMeans, PartyDetails, PartyEvent, PartyEventOf, ProofPrint } from './events.js';

/** The file of a consent; its name is null once the key of the third party has been destroyed. */
export interface ConsentProof extends ProofPrint {
  readonly name: string | null;
}

interface Given {
  readonly givenOn: CalendarDay;
  readonly how: ConsentMeans;
  readonly proof: ConsentProof;
}

export type Consent =
  | { readonly status: 'none' }
  | ({ readonly status: 'given' } & Given)
  | {
      readonly status: 'withdrawn';
      readonly withdrawnOn: CalendarDay;
      readonly how: ConsentMeans;
      readonly given: Given;
    };

export type Party =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'registered';
      readonly agencyId: string;
      readonly code: string;
      readonly kind: PartyKind;
      readonly professional: boolean;
      readonly details: PartyDetails | 'erased';
      readonly consent: Consent;
      /** Of every consent that was ever given, oldest first: a withdrawal does not undo what was sent before it. */
      readonly proofs: readonly ConsentProof[];
      readonly archived: boolean;
    };

export type RegisteredParty = Extract<Party, { status: 'registered' }>;

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenPartyHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(type: string) {
    super(`A third party cannot have ${type} at this place: verify the stream against its chain before using it.`);
    this.name = 'BrokenPartyHistory';
  }
}

export const initial: Party = { status: 'unknown' };

/** Folds one event into the third party. Throws `BrokenPartyHistory` on an event that cannot follow. */
export function evolve(state: Party, event: PartyEvent): Party {
  if (event.type === 'PartyRegistered') return registered(state, event);
  if (state.status === 'unknown') throw new BrokenPartyHistory(event.type);
  switch (event.type) {
    case 'PartyChanged': {
      const { kind, professional } = event.data;
      return { ...state, kind, professional, details: event.personal ?? 'erased' };
    }
    case 'ConsentGiven':
      return consentGiven(state, event);
    case 'ConsentWithdrawn':
      return consentWithdrawn(state, event);
    case 'PartyArchived':
    case 'PartyReactivated':
      return { ...state, archived: event.type === 'PartyArchived' };
    default:
      return neverHappens(event);
  }
}

function registered(state: Party, { type, data, personal }: PartyEventOf<'PartyRegistered'>): Party {
  if (state.status !== 'unknown') throw new BrokenPartyHistory(type);
  const { agencyId, code, kind, professional } = data;
  const blank = { consent: { status: 'none' }, proofs: [], archived: false } as const;
  return { status: 'registered', agencyId, code, kind, professional, details: personal ?? 'erased', ...blank };
}

function consentGiven(state: RegisteredParty, { type, data, personal }: PartyEventOf<'ConsentGiven'>): Party {
  if (state.consent.status === 'given') throw new BrokenPartyHistory(type);
  const { givenOn, how } = data;
  const proof = { ...data.proof, name: personal?.proofName ?? null };
  return { ...state, consent: { status: 'given', givenOn, how, proof }, proofs: [...state.proofs, proof] };
}

function consentWithdrawn(state: RegisteredParty, { type, data }: PartyEventOf<'ConsentWithdrawn'>): Party {
  if (state.consent.status !== 'given') throw new BrokenPartyHistory(type);
  const { status: _status, ...given } = state.consent;
  return {
    ...state,
    consent: { status: 'withdrawn', withdrawnOn: data.withdrawnOn, how: data.how, given },
  };
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenPartyHistory((event as PartyEvent).type);
}
