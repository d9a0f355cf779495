import type { DocumentPrint, Instant } from '#libs/letter';
import type { ProofEvent, ProofEventOf, ProofKind } from './events.js';

interface Sealed {
  readonly proof: string;
  readonly kind: ProofKind;
  readonly sealedAt: Instant;
  readonly draft: DocumentPrint;
  readonly record: string;
  readonly seal: string;
  readonly qualification: string | undefined;
}

/** A proof: waiting for its timestamp, late when no authority answered, or issued. */
export type Proof =
  | ({ readonly status: 'sealed' } & Sealed)
  | ({ readonly status: 'delayed'; readonly delayedSince: Instant } & Sealed)
  | ({ readonly status: 'issued' } & Sealed &
      Pick<ProofEventOf<'TimestampObtained'>['data'], 'token' | 'time' | 'authority' | 'revocationLists' | 'document'>);

/** The proofs of a letter, in the order in which they were sealed. */
export type Proofs = readonly Proof[];

export const initial: Proofs = [];

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenProofHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(type: string) {
    super(`A letter’s proofs cannot have ${type} at this place: verify the stream against its chain before using it.`);
    this.name = 'BrokenProofHistory';
  }
}

/** Folds one event into the proofs. Throws `BrokenProofHistory` on an event that cannot follow. */
export function evolve(state: Proofs, event: ProofEvent): Proofs {
  switch (event.type) {
    case 'ProofSealed': {
      const { proof, kind, at, draft, record, seal, qualification } = event.data;
      if (state.some((one) => one.proof === proof)) throw new BrokenProofHistory(event.type);
      return [...state, { status: 'sealed', proof, kind, sealedAt: at, draft, record, seal, qualification }];
    }
    case 'TimestampDelayed':
      return withProof(state, event, (sealed) => ({ ...sealed, status: 'delayed', delayedSince: event.data.at }));
    case 'TimestampObtained': {
      const { token, time, authority, revocationLists, document } = event.data;
      const timestamp = { token, time, authority, revocationLists, document };
      return withProof(state, event, (sealed) => ({ ...sealed, status: 'issued', ...timestamp }));
    }
    default:
      return neverHappens(event);
  }
}

function withProof(
  state: Proofs,
  { type, data }: ProofEventOf<'TimestampDelayed' | 'TimestampObtained'>,
  next: (sealed: Sealed) => Proof,
): Proofs {
  const found = state.find(({ proof }) => proof === data.proof);
  if (!found || found.status === 'issued') throw new BrokenProofHistory(type);
  const { proof, kind, sealedAt, draft, record, seal, qualification } = found;
  const changed = next({ proof, kind, sealedAt, draft, record, seal, qualification });
  return state.map((one) => (one === found ? changed : one));
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenProofHistory((event as ProofEvent).type);
}
