import type { CatalogueEntry, Event, Instant } from './decider.js';

/** A stored PDF: hex SHA-256 of its bytes, size in bytes, number of pages. Its name is personal and lives elsewhere. */
export interface DocumentPrint {
  readonly sha256: string;
  readonly size: number;
  readonly pages: number;
}

export interface Sender {
  readonly name: string;
  readonly email: string;
}

/** `mobile` is in E.164 (`+33612345678`). */
export interface Recipient {
  readonly civility?: string;
  readonly name: string;
  readonly email: string;
  readonly mobile?: string;
}

export type PartyKind = 'tenant' | 'owner';
export type AccessMode = 'opened' | 'downloaded';

/**
 * What somebody was told by e-mail: the agency of the deposit, a notice that bounced, a deadline that draws near, a refusal, an expiry, a
 * signature; the recipient that the deadline draws near, or that the signed documents are ready.
 */
export type Information =
  'deposit-proof' | 'bounce' | 'alert' | 'notice-reminder' | 'refusal' | 'expiry' | 'confirmation' | 'signed-documents';
export type InformedParty = 'agency' | 'recipient';

type At = { readonly at: Instant };

interface SubmittedData extends At {
  readonly agencyId: string;
  readonly agencyCode: string;
  readonly dossier: string;
  readonly partyCode: string;
  readonly partyKind: PartyKind;
  readonly reference: string;
  readonly legalProfile: string;
  readonly professional: boolean;
  readonly otp: boolean;
  readonly retentionDays: number;
  readonly alertDays: number;
  readonly documents: readonly DocumentPrint[];
  /** Names of the agency's templates, by kind (`libs/templates`); a kind that is absent goes by the agency's default. */
  readonly templates?: Readonly<Partial<Record<string, string>>>;
}

interface SubmittedPersonal {
  readonly sender: Sender;
  readonly recipient: Recipient;
  /** In the order of `documents`. */
  readonly documentNames: readonly string[];
}

interface DepositedData extends At {
  readonly reference: string;
  readonly legalProfile: string;
  readonly acknowledgement: DocumentPrint;
  readonly documents: readonly DocumentPrint[];
}

interface NotifiedData extends At {
  /** 1 for the first notice, one more after each corrected address. */
  readonly notice: number;
  readonly messageId: string;
  /** Hex SHA-256 of the link's token; the token itself is never stored. */
  readonly linkHash: string;
  /** The first moment at which the recipient can no longer answer: a midnight in the profile's zone. */
  readonly windowEndsAt: Instant;
}

interface OtpRequestedData extends At {
  /** 1, 2, … never used twice within a letter: the code is derived from it. */
  readonly challenge: number;
  readonly session: string;
  readonly codeHash: string;
  readonly expiresAt: Instant;
}

interface OtpRejectedData extends At {
  readonly challenge: number;
  /** Made by the form, so that a form sent twice counts once. */
  readonly attempt: string;
  /** Tries left for this code after this one. */
  readonly remaining: number;
}

interface SignedData extends At {
  readonly session: string;
  /** Twelve upper-case hexadecimal digits, as the manual's "N° de Package 7AD0F7866F46". */
  readonly packageNumber: string;
  readonly signatures: 1;
  /** The version name of the consent text that was shown. */
  readonly consent: string;
}

interface InformationData extends At {
  readonly party: InformedParty;
  readonly about: Information;
  readonly messageId: string;
}

/** The events of a letter, stream `letter-<uuidv7>`. Stored names and shapes are a public contract: see `catalogue`. */
export type LetterEvent =
  | Event<'Submitted', SubmittedData, SubmittedPersonal>
  | Event<'Deposited', DepositedData>
  | Event<'DepositFailed', { readonly reason: string } & At>
  | Event<'Notified', NotifiedData>
  | Event<
      'NotificationFailed',
      { readonly notice: number; readonly messageId: string; readonly code: number } & At,
      { readonly response: string }
    >
  | Event<'AddressCorrected', { readonly notice: number } & At, { readonly email: string }>
  | Event<'OtpRequested', OtpRequestedData>
  | Event<'OtpSent', { readonly challenge: number; readonly deliveryId: string } & At>
  | Event<'OtpFailed', { readonly challenge: number; readonly deliveryId: string; readonly reason: string } & At>
  | Event<'OtpRejected', OtpRejectedData>
  | Event<'OtpVerified', { readonly challenge: number; readonly session: string } & At>
  | Event<'Accepted', { readonly session: string } & At>
  | Event<'Refused', { readonly session: string } & At>
  | Event<'Signed', SignedData, { readonly signatory: string }>
  | Event<'ContentAccessed', { readonly session: string; readonly sha256: string; readonly mode: AccessMode } & At>
  | Event<'AlertRaised', { readonly windowEndsAt: Instant } & At>
  | Event<'Expired', { readonly windowEndsAt: Instant } & At>
  | Event<'Informed', InformationData>
  | Event<'InformFailed', InformationData & { readonly code: number }>
  | Event<
      'PrintRequested',
      {
        readonly by: 'sender' | 'recipient';
        readonly job: string;
        /** The letter's, so that the print queue needs to know nothing else of it. */
        readonly agencyId: string;
        readonly reference: string;
      } & At,
      /** What stands in the window of the envelope, a line feed between lines: name, then address. */
      { readonly address: string }
    >
  | Event<'PrintPrepared', { readonly job: string; readonly print: DocumentPrint; readonly ticket: DocumentPrint } & At>
  | Event<'PrintFailed', { readonly job: string; readonly reason: string } & At>
  | Event<'PrintDownloaded', { readonly job: string; readonly by: string } & At>
  | Event<'PrintDispatched', { readonly job: string; readonly trackingNumber: string } & At>
  | Event<'Archived', At>
  | Event<'Reactivated', At>;

export type LetterEventType = LetterEvent['type'];

/** One event type: `EventOf<'Signed'>`. */
export type EventOf<Type extends LetterEventType> = Extract<LetterEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const catalogue = {
  Submitted: { schema: 1, upcast: {} },
  Deposited: { schema: 1, upcast: {} },
  DepositFailed: { schema: 1, upcast: {} },
  Notified: { schema: 1, upcast: {} },
  NotificationFailed: { schema: 1, upcast: {} },
  AddressCorrected: { schema: 1, upcast: {} },
  OtpRequested: { schema: 1, upcast: {} },
  OtpSent: { schema: 1, upcast: {} },
  OtpFailed: { schema: 1, upcast: {} },
  OtpRejected: { schema: 1, upcast: {} },
  OtpVerified: { schema: 1, upcast: {} },
  Accepted: { schema: 1, upcast: {} },
  Refused: { schema: 1, upcast: {} },
  Signed: { schema: 1, upcast: {} },
  ContentAccessed: { schema: 1, upcast: {} },
  AlertRaised: { schema: 1, upcast: {} },
  Expired: { schema: 1, upcast: {} },
  Informed: { schema: 1, upcast: {} },
  InformFailed: { schema: 1, upcast: {} },
  // Schema 1 did not say where to, nor whose letter it is: nothing was ever prepared from it.
  PrintRequested: {
    schema: 2,
    upcast: {
      1: ({ data }) => ({ data: { ...data, agencyId: '', reference: '' }, personal: { address: '' } }),
    },
  },
  PrintPrepared: { schema: 1, upcast: {} },
  PrintFailed: { schema: 1, upcast: {} },
  PrintDownloaded: { schema: 1, upcast: {} },
  PrintDispatched: { schema: 1, upcast: {} },
  Archived: { schema: 1, upcast: {} },
  Reactivated: { schema: 1, upcast: {} },
} satisfies Record<LetterEventType, CatalogueEntry>;
