import { legalProfile } from '#libs/legal-profile';
import type { CommandOf } from './commands.js';
import type { Information, InformedParty, LetterEvent } from './events.js';
import { refused } from './refusals.js';
import type { LetterRefusal } from './refusals.js';
import { deposited, entered } from './rules.js';
import type { Letter, LetterIn, PrintJob } from './state.js';
import { recipientMayHavePaper } from './views.js';

type Decision = readonly LetterEvent[] | LetterRefusal;
type Deposited = Exclude<Letter, LetterIn<'unknown' | 'submitted' | 'deposit-failed'>>;

export function confirmInformed(state: Letter, command: CommandOf<'confirmInformed'>): Decision {
  const { about, messageId, at } = command;
  return tell(state, command, 'informed', {
    type: 'Informed',
    data: { party: partyToldOf(about), about, messageId, at },
  });
}

export function failInformed(state: Letter, command: CommandOf<'failInformed'>): Decision {
  const { about, messageId, code, at } = command;
  return tell(state, command, 'failed', {
    type: 'InformFailed',
    data: { party: partyToldOf(about), about, messageId, code, at },
  });
}

/** Who is told: the recipient is reminded and gets the signed documents, everything else goes to the agency. */
function partyToldOf(about: Information): InformedParty {
  return about === 'signed-documents' || about === 'notice-reminder' ? 'recipient' : 'agency';
}

function tell(
  state: Letter,
  { about, messageId }: { about: Information; messageId: string },
  outcome: 'informed' | 'failed',
  event: LetterEvent,
): Decision {
  const letter = deposited(state);
  if ('refused' in letter) return letter;
  const settled = letter.told.find((one) => one.messageId === messageId);
  if (settled) return settled.outcome === outcome ? [] : refused('MESSAGE_SETTLED');
  return happened(letter, about) ? [event] : refused('NOTHING_TO_TELL');
}

function happened(letter: Deposited, about: Information): boolean {
  switch (about) {
    case 'deposit-proof':
      return true;
    case 'bounce':
      return letter.bounced;
    case 'alert':
    case 'notice-reminder':
      return 'alerted' in letter && letter.alerted;
    case 'refusal':
      return letter.status === 'refused';
    case 'expiry':
      return letter.status === 'expired';
    case 'confirmation':
    case 'signed-documents':
      return letter.status === 'signed';
  }
}

/** Paper comes beside the electronic letter and changes nothing of it. */
export function requestPrint(state: Letter, command: CommandOf<'requestPrint'>): Decision {
  const letter = command.by === 'sender' ? deposited(state) : entered(state, command);
  if ('refused' in letter) return letter;
  const profile = legalProfile(letter.terms.legalProfile);
  if (!profile) return refused('UNKNOWN_LEGAL_PROFILE');
  const isAllowed =
    command.by === 'sender' ? profile.paperRequesters.includes('sender') : recipientMayHavePaper(letter);
  if (!isAllowed) return refused('PAPER_NOT_ALLOWED');
  const { by, job, address, at } = command;
  if (letter.printJobs.some((one) => one.job === job)) return [];
  if (!/\S\n\S/.test(address)) return refused('PRINT_ADDRESS_MISSING');
  if (letter.printJobs.some(({ status }) => isUnderWay[status])) return refused('PRINT_PENDING');
  const { agencyId, reference } = letter.terms;
  return [{ type: 'PrintRequested', data: { by, job, agencyId, reference, at }, personal: { address } }];
}

/** Whether another job would print the same letter twice. */
const isUnderWay: Readonly<Record<PrintJob['status'], boolean>> = {
  waiting: true,
  prepared: true,
  failed: false,
  dispatched: false,
};

export function confirmPrint(state: Letter, { job, print, ticket, at }: CommandOf<'confirmPrint'>): Decision {
  return settlePrint(state, job, 'prepared', { type: 'PrintPrepared', data: { job, print, ticket, at } });
}

export function failPrint(state: Letter, { job, reason, at }: CommandOf<'failPrint'>): Decision {
  return settlePrint(state, job, 'failed', { type: 'PrintFailed', data: { job, reason, at } });
}

function settlePrint(state: Letter, job: string, outcome: 'prepared' | 'failed', event: LetterEvent): Decision {
  const known = printJob(state, job);
  if ('refused' in known) return known;
  if (known.status === 'waiting') return [event];
  return known.status === outcome ? [] : refused('PRINT_SETTLED');
}

/** The shortest time, in milliseconds, after which the same person downloading again is news: a browser may ask twice for one file. */
const DOWNLOAD_SPACING = 60_000;

/** Each download is told, so that nobody prints unknowingly what somebody else has printed. */
export function downloadPrint(state: Letter, { job, by, at }: CommandOf<'downloadPrint'>): Decision {
  const known = printJob(state, job);
  if ('refused' in known) return known;
  if (known.status === 'waiting' || known.status === 'failed') return refused('PRINT_NOT_READY');
  const last = known.downloads.findLast((download) => download.by === by);
  if (last && Date.parse(at) - Date.parse(last.at) < DOWNLOAD_SPACING) return [];
  return [{ type: 'PrintDownloaded', data: { job, by, at } }];
}

function printJob(state: Letter, job: string): PrintJob | LetterRefusal {
  const letter = deposited(state);
  if ('refused' in letter) return letter;
  return letter.printJobs.find((one) => one.job === job) ?? refused('UNKNOWN_PRINT_JOB');
}

export function confirmDispatch(state: Letter, { job, trackingNumber, at }: CommandOf<'confirmDispatch'>): Decision {
  const known = printJob(state, job);
  if ('refused' in known) return known;
  if (known.status === 'waiting' || known.status === 'failed') return refused('PRINT_NOT_READY');
  if (known.status === 'prepared') return [{ type: 'PrintDispatched', data: { job, trackingNumber, at } }];
  return known.trackingNumber === trackingNumber ? [] : refused('ALREADY_DISPATCHED');
}

/** Archiving only tidies the history: a letter in any state may be put away and taken out again. */
export function archive(state: Letter, { at }: CommandOf<'archive'>): Decision {
  if (state.status === 'unknown') return refused('UNKNOWN_LETTER');
  return state.archived ? [] : [{ type: 'Archived', data: { at } }];
}

export function reactivate(state: Letter, { at }: CommandOf<'reactivate'>): Decision {
  if (state.status === 'unknown') return refused('UNKNOWN_LETTER');
  return state.archived ? [{ type: 'Reactivated', data: { at } }] : [];
}
