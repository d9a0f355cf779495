import type { Instant } from './decider.js';
import type { DocumentPrint, EventOf, Information, LetterEvent, Recipient, Sender } from './events.js';

/** What the letter was sent with, as `Submitted` says it. */
export type Terms = EventOf<'Submitted'>['data'];

/** Who writes to whom and what the documents are called; `erased` once the letter's key has been destroyed. */
export type Parties =
  { readonly sender: Sender; readonly recipient: Recipient; readonly documentNames: readonly string[] } | 'erased';

/** Somebody took what was prepared, to print it: `by` is the actor of the command. */
export interface PrintDownload {
  readonly by: string;
  readonly at: Instant;
}

/** What is printed for one envelope, and the ticket that goes with it through the shop. */
export interface Paper {
  readonly print: DocumentPrint;
  readonly ticket: DocumentPrint;
}

/** What is the same of a letter on paper wherever it stands. */
interface PrintOrder {
  readonly job: string;
  readonly by: 'sender' | 'recipient';
  readonly requestedAt: Instant;
  /** Null once the letter's key has been destroyed. */
  readonly address: string | null;
}

export type PrintJob = PrintOrder &
  (
    | { readonly status: 'waiting' }
    | { readonly status: 'failed'; readonly reason: string }
    | { readonly status: 'prepared'; readonly paper: Paper; readonly downloads: readonly PrintDownload[] }
    | {
        readonly status: 'dispatched';
        readonly trackingNumber: string;
        /** Null in letters from before envelopes were prepared here. */
        readonly paper: Paper | null;
        readonly downloads: readonly PrintDownload[];
      }
  );

/** One code asked for. `rejected` holds the ids of the attempts that gave a wrong code. */
export interface Challenge {
  readonly number: number;
  readonly session: string;
  readonly codeHash: string;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  readonly delivery: 'pending' | 'sent' | 'failed';
  readonly rejected: readonly string[];
  readonly verified: boolean;
}

/** Somebody told, or impossible to tell, of something by the message of this id. */
export interface Told {
  readonly about: Information;
  readonly messageId: string;
  readonly outcome: 'informed' | 'failed';
}

/** What every letter carries from its submission on. */
export interface Filed {
  readonly terms: Terms;
  readonly parties: Parties;
  /** `at` of the last event. */
  readonly lastAt: Instant;
  readonly archived: boolean;
}

/** What a letter carries from its deposit on. */
interface Deposit extends Filed {
  readonly acknowledgement: DocumentPrint;
  readonly depositedAt: Instant;
  /** The notice to send, or the last one sent: 1, 2, … */
  readonly notice: number;
  /** Whether the mail system has ever refused a notice for good. */
  readonly bounced: boolean;
  readonly printJobs: readonly PrintJob[];
  readonly told: readonly Told[];
}

/** What a letter carries from its notice on. */
interface Ceremony extends Deposit {
  readonly messageId: string;
  readonly linkHash: string;
  readonly notifiedAt: Instant;
  readonly windowEndsAt: Instant;
  readonly alerted: boolean;
  readonly challenges: readonly Challenge[];
}

interface Acceptance {
  readonly acceptedAt: Instant;
  readonly acceptedBy: string;
}

type Signature = Pick<EventOf<'Signed'>['data'], 'packageNumber' | 'consent'>;

/** `by` is the session that did it, so that the same browser doing it again is not a second event. */
export type Letter =
  | { readonly status: 'unknown' }
  | ({ readonly status: 'submitted' } & Filed)
  | ({ readonly status: 'deposit-failed'; readonly reason: string } & Filed)
  | ({ readonly status: 'deposited' } & Deposit)
  | ({ readonly status: 'notification-failed'; readonly code: number } & Deposit)
  | ({ readonly status: 'notified' } & Ceremony)
  | ({ readonly status: 'accepted' } & Acceptance & Ceremony)
  | ({
      readonly status: 'signed';
      readonly signedAt: Instant;
      readonly signedBy: string;
      /** Null once the letter's key has been destroyed. */
      readonly signatory: string | null;
      readonly accesses: readonly string[];
    } & Signature &
      Acceptance &
      Ceremony)
  | ({ readonly status: 'refused'; readonly refusedAt: Instant; readonly refusedBy: string } & Ceremony)
  | ({ readonly status: 'expired'; readonly expiredAt: Instant } & Ceremony);

export type LetterStatus = Letter['status'];

/** A letter in one of these states: `LetterIn<'notified' | 'accepted'>`. */
export type LetterIn<Status extends LetterStatus> = Extract<Letter, { status: Status }>;

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(status: LetterStatus, type: string) {
    super(`A letter that is ${status} cannot have ${type}: verify the stream against its chain before using it.`);
    this.name = 'BrokenHistory';
  }
}

export const initial: Letter = { status: 'unknown' };

/** Folds one event into the letter. Throws `BrokenHistory` on an event that cannot follow. */
export function evolve(state: Letter, event: LetterEvent): Letter {
  switch (event.type) {
    case 'Submitted':
      return submitted(when(state, event, 'unknown'), event);
    case 'Deposited':
      return deposited(when(state, event, 'submitted'), event);
    case 'DepositFailed': {
      const { reason, at } = event.data;
      return { ...when(state, event, 'submitted'), status: 'deposit-failed', reason, lastAt: at };
    }
    case 'Notified':
    case 'NotificationFailed':
    case 'AddressCorrected':
      return afterNotice(state, event);
    case 'OtpRequested':
    case 'OtpSent':
    case 'OtpFailed':
    case 'OtpRejected':
    case 'OtpVerified':
      return afterOtp(when(state, event, ...withCeremony), event);
    case 'Accepted':
    case 'Refused':
    case 'Signed':
    case 'ContentAccessed':
      return afterAnswer(state, event);
    case 'AlertRaised':
    case 'Expired':
      return afterDeadline(when(state, event, 'notified', 'accepted'), event);
    case 'Informed':
    case 'InformFailed':
    case 'PrintRequested':
    case 'PrintPrepared':
    case 'PrintFailed':
    case 'PrintDownloaded':
    case 'PrintDispatched':
      return afterService(when(state, event, ...withDeposit), event);
    case 'Archived':
    case 'Reactivated': {
      const known = when(state, event, ...filed);
      return { ...known, archived: event.type === 'Archived', lastAt: event.data.at };
    }
    default:
      return neverHappens(event);
  }
}

const withCeremony = ['notified', 'accepted', 'signed', 'refused', 'expired'] as const;
const withDeposit = ['deposited', 'notification-failed', ...withCeremony] as const;
const filed = ['submitted', 'deposit-failed', ...withDeposit] as const;

/** The letter, known to be in one of these states. */
function when<Status extends LetterStatus>(
  state: Letter,
  event: LetterEvent,
  ...statuses: readonly Status[]
): LetterIn<Status> {
  if (isIn(state, statuses)) return state;
  throw new BrokenHistory(state.status, event.type);
}

function isIn<Status extends LetterStatus>(state: Letter, statuses: readonly Status[]): state is LetterIn<Status> {
  return statuses.some((status) => status === state.status);
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenHistory('unknown', (event as LetterEvent).type);
}

function submitted(_state: LetterIn<'unknown'>, { data, personal }: EventOf<'Submitted'>): Letter {
  return { status: 'submitted', terms: data, parties: personal ?? 'erased', lastAt: data.at, archived: false };
}

function deposited(state: LetterIn<'submitted'>, { data }: EventOf<'Deposited'>): Letter {
  return {
    ...state,
    status: 'deposited',
    lastAt: data.at,
    acknowledgement: data.acknowledgement,
    depositedAt: data.at,
    notice: 1,
    bounced: false,
    printJobs: [],
    told: [],
  };
}

function afterNotice(state: Letter, event: EventOf<'Notified' | 'NotificationFailed' | 'AddressCorrected'>): Letter {
  const lastAt = event.data.at;
  switch (event.type) {
    case 'Notified': {
      const { notice, messageId, linkHash, windowEndsAt, at } = event.data;
      const sent = { notice, messageId, linkHash, windowEndsAt, notifiedAt: at, alerted: false, challenges: [] };
      return { ...when(state, event, 'deposited'), ...sent, status: 'notified', lastAt };
    }
    case 'NotificationFailed': {
      const { code } = event.data;
      return { ...when(state, event, 'deposited'), status: 'notification-failed', code, bounced: true, lastAt };
    }
    case 'AddressCorrected': {
      const { code: _settled, ...failed } = when(state, event, 'notification-failed');
      const parties = withAddress(failed.parties, event.personal?.email);
      return { ...failed, status: 'deposited', notice: event.data.notice, parties, lastAt };
    }
  }
}

function withAddress(parties: Parties, email: string | undefined): Parties {
  if (parties === 'erased' || email === undefined) return 'erased';
  return { ...parties, recipient: { ...parties.recipient, email } };
}

type OtpEvent = EventOf<'OtpRequested' | 'OtpSent' | 'OtpFailed' | 'OtpRejected' | 'OtpVerified'>;

function afterOtp(state: LetterIn<(typeof withCeremony)[number]>, event: OtpEvent): Letter {
  const challenges =
    event.type === 'OtpRequested'
      ? [...state.challenges, asked(event.data)]
      : state.challenges.map((one) => (one.number === event.data.challenge ? afterCode(one, event) : one));
  return { ...state, challenges, lastAt: event.data.at };
}

function asked({ challenge, session, codeHash, expiresAt, at }: EventOf<'OtpRequested'>['data']): Challenge {
  const times = { requestedAt: at, expiresAt };
  return { number: challenge, session, codeHash, ...times, delivery: 'pending', rejected: [], verified: false };
}

function afterCode(challenge: Challenge, event: Exclude<OtpEvent, EventOf<'OtpRequested'>>): Challenge {
  switch (event.type) {
    case 'OtpSent':
      return { ...challenge, delivery: 'sent' };
    case 'OtpFailed':
      return { ...challenge, delivery: 'failed' };
    case 'OtpRejected':
      return { ...challenge, rejected: [...challenge.rejected, event.data.attempt] };
    case 'OtpVerified':
      return { ...challenge, verified: true };
  }
}

function afterAnswer(state: Letter, event: EventOf<'Accepted' | 'Refused' | 'Signed' | 'ContentAccessed'>): Letter {
  const { session, at } = event.data;
  switch (event.type) {
    case 'Accepted':
      return { ...when(state, event, 'notified'), status: 'accepted', acceptedAt: at, acceptedBy: session, lastAt: at };
    case 'Refused':
      return { ...when(state, event, 'notified'), status: 'refused', refusedAt: at, refusedBy: session, lastAt: at };
    case 'Signed': {
      const { packageNumber, consent } = event.data;
      const signature = { packageNumber, consent, signatory: event.personal?.signatory ?? null, accesses: [] };
      const accepted = when(state, event, 'accepted');
      return { ...accepted, ...signature, status: 'signed', signedAt: at, signedBy: session, lastAt: at };
    }
    case 'ContentAccessed': {
      const signed = when(state, event, 'signed');
      return { ...signed, accesses: [...signed.accesses, accessKey(event.data)], lastAt: at };
    }
  }
}

/** Names the access to one document in one way: the first of each is an event, the next ones are not. */
export function accessKey({ mode, sha256 }: { mode: string; sha256: string }): string {
  return `${mode} ${sha256}`;
}

function afterDeadline(state: LetterIn<'notified' | 'accepted'>, event: EventOf<'AlertRaised' | 'Expired'>): Letter {
  const lastAt = event.data.at;
  switch (event.type) {
    case 'AlertRaised':
      return { ...state, alerted: true, lastAt };
    case 'Expired':
      return { ...unanswered(state), status: 'expired', expiredAt: lastAt, lastAt };
  }
}

/** An acceptance that was never followed by a signature leads nowhere. */
function unanswered(state: LetterIn<'notified' | 'accepted'>): Ceremony {
  if (state.status === 'notified') return state;
  const { acceptedAt: _at, acceptedBy: _by, ...ceremony } = state;
  return ceremony;
}

type PrintOutcome = EventOf<'PrintPrepared' | 'PrintFailed' | 'PrintDownloaded' | 'PrintDispatched'>;
type ServiceEvent = EventOf<'Informed' | 'InformFailed' | 'PrintRequested'> | PrintOutcome;

function afterService(state: LetterIn<(typeof withDeposit)[number]>, event: ServiceEvent): Letter {
  const lastAt = event.data.at;
  switch (event.type) {
    case 'Informed':
    case 'InformFailed': {
      const { about, messageId } = event.data;
      const outcome = event.type === 'Informed' ? 'informed' : 'failed';
      return { ...state, told: [...state.told, { about, messageId, outcome }], lastAt };
    }
    case 'PrintRequested': {
      const { job, by, at: requestedAt } = event.data;
      const order = { job, by, requestedAt, address: event.personal?.address ?? null };
      return { ...state, printJobs: [...state.printJobs, { ...order, status: 'waiting' }], lastAt };
    }
    default: {
      const printJobs = state.printJobs.map((one) => (one.job === event.data.job ? afterPrint(one, event) : one));
      return { ...state, printJobs, lastAt };
    }
  }
}

function afterPrint(job: PrintJob, event: PrintOutcome): PrintJob {
  const { by, requestedAt, address } = job;
  const order = { job: job.job, by, requestedAt, address };
  const paper = 'paper' in job ? job.paper : null;
  const downloads = 'downloads' in job ? job.downloads : [];
  switch (event.type) {
    case 'PrintPrepared':
      return { ...order, status: 'prepared', paper: paperOf(event), downloads };
    case 'PrintFailed':
      return { ...order, status: 'failed', reason: event.data.reason };
    case 'PrintDownloaded':
      return 'downloads' in job ? { ...job, downloads: [...downloads, downloadOf(event)] } : job;
    case 'PrintDispatched':
      return { ...order, status: 'dispatched', trackingNumber: event.data.trackingNumber, paper, downloads };
  }
}

const paperOf = ({ data: { print, ticket } }: EventOf<'PrintPrepared'>): Paper => ({ print, ticket });
const downloadOf = ({ data: { by, at } }: EventOf<'PrintDownloaded'>): PrintDownload => ({ by, at });
