import {
  letter,
  type EventOf,
  type Instant,
  type Letter,
  type LetterEvent,
  type Recipient,
  type Sender,
  type Terms,
} from '#libs/letter';
import { proofOwed, type ProofKind } from './events.js';

/** An event of a letter with the place that it has in the letter's stream. */
export interface PlacedEvent {
  readonly id: string;
  readonly event: LetterEvent;
  /** 0 for the first event of the stream. */
  readonly revision: bigint;
  /** Chain value up to and with this event. */
  readonly chain: string;
}

/** A document of the letter, with the name that the sender gave it. */
export interface NamedDocument {
  readonly name: string;
  readonly sha256: string;
}

/** What a proof states, as it was when the event happened: what came later changes nothing of it. */
export interface ProofFacts {
  readonly kind: ProofKind;
  readonly event: LetterEvent;
  readonly id: string;
  readonly revision: bigint;
  readonly chain: string;
  readonly terms: Terms;
  readonly sender: Sender;
  readonly recipient: Recipient;
  readonly documents: readonly NamedDocument[];
  readonly depositedAt: Instant;
  /** From the notice on. */
  readonly notice?: { readonly at: Instant; readonly windowEndsAt: Instant };
  readonly acceptedAt?: Instant;
}

/**
 * The facts of the proof that is owed for an event.
 *
 * @param events of the letter, from its first one on
 * @param id of the event
 * @returns undefined when no proof is owed for it, or when the letter's key has been destroyed so that nobody can be named any more
 */
export function proofFacts(events: readonly PlacedEvent[], id: string): ProofFacts | undefined {
  const index = events.findIndex((one) => one.id === id);
  const placed = events[index];
  const kind = placed && proofOwed[placed.event.type];
  if (!kind) return undefined;
  const past = events.slice(0, index + 1).map(({ event }) => event);
  const state = past.reduce((folded: Letter, event) => letter.evolve(folded, event), letter.initial);
  const acceptedAt = past.findLast((event): event is EventOf<'Accepted'> => event.type === 'Accepted')?.data.at;
  if (!('depositedAt' in state) || state.parties === 'erased') return undefined;
  const { terms, parties, depositedAt } = state;
  const documents = terms.documents.map(({ sha256 }, place) => ({ sha256, name: parties.documentNames[place] ?? '' }));
  const { event, revision, chain } = placed;
  return {
    ...{ kind, event, id, revision, chain, terms, depositedAt, documents },
    sender: parties.sender,
    recipient: parties.recipient,
    ...('notifiedAt' in state ? { notice: { at: state.notifiedAt, windowEndsAt: state.windowEndsAt } } : {}),
    ...(acceptedAt === undefined ? {} : { acceptedAt }),
  };
}
