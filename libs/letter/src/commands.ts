import type { Instant } from './decider.js';
import type { AccessMode, DocumentPrint, Information, PartyKind, Recipient, Sender } from './events.js';

type Command<Type extends string, Body extends object = object> = { readonly type: Type; readonly at: Instant } & Body;

/** A document as it is submitted: its print and the name that the recipient will read. */
export interface NamedDocument extends DocumentPrint {
  readonly name: string;
}

/** `job` is a UUIDv7 made by whoever asks; `address` what stands in the window of the envelope, name first, a line feed between lines. */
interface PrintOrder {
  readonly job: string;
  readonly address: string;
}

/** Everything that a letter is sent with. `reference` is `documentReference(...)`, reserved as unique by the caller. */
export type Submit = Command<
  'submit',
  {
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
    readonly documents: readonly NamedDocument[];
    readonly sender: Sender;
    readonly recipient: Recipient;
    readonly templates?: Readonly<Partial<Record<string, string>>>;
  }
>;

/** What the worker reports after an effect outside the store: it happened when it happened, however late it is told. */
export type Report =
  | Command<'confirmDeposit', { readonly acknowledgement: DocumentPrint }>
  | Command<'failDeposit', { readonly reason: string }>
  /** `at` is the moment from which the deadline written in the e-mail was computed. */
  | Command<'confirmNotice', { readonly notice: number; readonly messageId: string; readonly linkHash: string }>
  | Command<
      'failNotice',
      { readonly notice: number; readonly messageId: string; readonly code: number; readonly response: string }
    >
  | Command<'confirmOtpSent', { readonly challenge: number; readonly deliveryId: string }>
  | Command<'failOtp', { readonly challenge: number; readonly deliveryId: string; readonly reason: string }>
  | Command<'confirmInformed', { readonly about: Information; readonly messageId: string }>
  | Command<'failInformed', { readonly about: Information; readonly messageId: string; readonly code: number }>
  | Command<'confirmPrint', { readonly job: string; readonly print: DocumentPrint; readonly ticket: DocumentPrint }>
  | Command<'failPrint', { readonly job: string; readonly reason: string }>
  | Command<'confirmDispatch', { readonly job: string; readonly trackingNumber: string }>;

/** What a person or the clock asks for now. */
export type Request =
  | Command<'correctAddress', { readonly email: string }>
  /** `challenge` is `nextChallenge(state)`, for which the code and its hash were derived. */
  | Command<'requestOtp', { readonly session: string; readonly challenge: number; readonly codeHash: string }>
  | Command<'verifyOtp', { readonly session: string; readonly codeHash: string; readonly attempt: string }>
  | Command<'accept', { readonly session: string }>
  | Command<'refuse', { readonly session: string }>
  | Command<
      'sign',
      {
        readonly session: string;
        readonly packageNumber: string;
        readonly consent: string;
        readonly signatory: string;
      }
    >
  | Command<'accessContent', { readonly session: string; readonly sha256: string; readonly mode: AccessMode }>
  | Command<'raiseAlert'>
  | Command<'expire'>
  | Command<'requestPrint', { readonly by: 'sender' } & PrintOrder>
  | Command<'requestPrint', { readonly by: 'recipient'; readonly session: string } & PrintOrder>
  /** Somebody (`by`, as `actor` of the command) is about to print what was prepared. */
  | Command<'downloadPrint', { readonly job: string; readonly by: string }>
  | Command<'archive'>
  | Command<'reactivate'>;

export type LetterCommand = Submit | Report | Request;
export type LetterCommandType = LetterCommand['type'];

/** One command: `CommandOf<'sign'>`. */
export type CommandOf<Type extends LetterCommandType> = Extract<LetterCommand, { type: Type }>;
