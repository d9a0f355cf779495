import type { CatalogueEntry, DocumentPrint, Event, Instant, LetterEventType } from '#libs/letter';

/** What a proof is of: the four that R. 53-2 and R. 53-3 CPCE ask, a notice that bounced, and the access to what was received. */
export type ProofKind = 'deposit' | 'reception' | 'refusal' | 'non-claim' | 'bounce' | 'content-access';

/** The proof that is made of each event of a letter; of the others none is. */
export const proofOwed: Readonly<Partial<Record<LetterEventType, ProofKind>>> = {
  Deposited: 'deposit',
  Signed: 'reception',
  Refused: 'refusal',
  Expired: 'non-claim',
  NotificationFailed: 'bounce',
  ContentAccessed: 'content-access',
};

/** `proof` is the id of the letter's event that it is a proof of. */
type OfProof = { readonly proof: string; readonly at: Instant };

interface SealedData extends OfProof {
  readonly kind: ProofKind;
  /** Version name of the template by which it was written. */
  readonly template: string;
  /** Name of the entry in the trusted list that the service had then. */
  readonly qualification?: string;
  /** What was sealed: the document with the place of the seal still empty. */
  readonly draft: DocumentPrint;
  /** The evidence record (EN 319 522-3): hex SHA-256. */
  readonly record: string;
  /** CMS, DER in base64. */
  readonly seal: string;
}

interface TimestampedData extends OfProof {
  /** Timestamp token of the seal (RFC 3161), DER in base64, as it came. */
  readonly token: string;
  /** The time that the token says. */
  readonly time: Instant;
  /** Who gave it, as its certificate says. */
  readonly authority: string;
  /** The revocation lists that were in force, DER in base64. */
  readonly revocationLists: readonly string[];
  /** The proof: sealed, timestamped, with all that is needed to verify it. */
  readonly document: DocumentPrint;
}

/**
 * The events of a letter's proofs, stream `evidence-<letter id>`. They tell of nobody: a seal, a token and a digest say nothing of a person, and stay
 * when the letter's key is destroyed. Stored names and shapes are a public contract.
 */
export type ProofEvent =
  Event<'ProofSealed', SealedData> | Event<'TimestampDelayed', OfProof> | Event<'TimestampObtained', TimestampedData>;

export type ProofEventType = ProofEvent['type'];
export type ProofEventOf<Type extends ProofEventType> = Extract<ProofEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const proofCatalogue = {
  ProofSealed: { schema: 1, upcast: {} },
  TimestampDelayed: { schema: 1, upcast: {} },
  TimestampObtained: { schema: 1, upcast: {} },
} satisfies Record<ProofEventType, CatalogueEntry>;
