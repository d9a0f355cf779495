import { legalProfile, windowEndsAt } from '#libs/legal-profile';
import type { LegalProfile } from '#libs/legal-profile';
import type { CommandOf, Submit } from './commands.js';
import type { DocumentPrint, LetterEvent } from './events.js';
import { refused } from './refusals.js';
import type { LetterRefusal, RefusalCode } from './refusals.js';
import { deposited } from './rules.js';
import type { Filed, Letter } from './state.js';

type Decision = readonly LetterEvent[] | LetterRefusal;

export function submit(state: Letter, command: Submit): Decision {
  if (state.status !== 'unknown') return isSameLetter(state, command) ? [] : refused('ALREADY_SUBMITTED');
  const profile = legalProfile(command.legalProfile);
  if (!profile) return refused('UNKNOWN_LEGAL_PROFILE');
  const fault = faultOf(command, profile);
  if (fault) return refused(fault);
  const { type: _type, sender, recipient, documents, ...terms } = command;
  const documentNames = documents.map(({ name }) => name);
  const data = { ...terms, documents: documents.map(printOf) };
  return [{ type: 'Submitted', data, personal: { sender, recipient, documentNames } }];
}

const sameTerms = [
  'agencyId',
  'dossier',
  'partyCode',
  'partyKind',
  'legalProfile',
  'professional',
  'otp',
  'retentionDays',
  'alertDays',
] as const;

/** The same letter handed in again, maybe later and under another reference: what was recorded first stands. */
function isSameLetter({ terms, parties }: Filed, { documents, recipient, ...command }: Submit): boolean {
  if (parties !== 'erased' && parties.recipient.email !== recipient.email) return false;
  if (documents.length !== terms.documents.length) return false;
  if (documents.some(({ sha256 }, index) => sha256 !== terms.documents[index]?.sha256)) return false;
  return sameTerms.every((term) => terms[term] === command[term]);
}

function printOf({ sha256, size, pages }: DocumentPrint): DocumentPrint {
  return { sha256, size, pages };
}

function faultOf(command: Submit, profile: LegalProfile): RefusalCode | null {
  const { documents, otp, recipient, professional, retentionDays, alertDays } = command;
  if (documents.length === 0) return 'NO_DOCUMENT';
  if (new Set(documents.map(({ sha256 }) => sha256)).size < documents.length) return 'DOCUMENT_TWICE';
  if (otp && !recipient.mobile) return 'OTP_WITHOUT_MOBILE';
  if (!Number.isInteger(retentionDays) || retentionDays < 1 || retentionDays > profile.longestWindowDays) {
    return 'RETENTION_OUT_OF_RANGE';
  }
  const mayBeShorter = professional ? profile.shorterWindow.professional : profile.shorterWindow.nonProfessional;
  if (retentionDays < profile.windowDays && !mayBeShorter) return 'RETENTION_TOO_SHORT';
  if (!Number.isInteger(alertDays) || alertDays < 0 || alertDays >= retentionDays) return 'ALERT_OUT_OF_RANGE';
  return null;
}

export function confirmDeposit(state: Letter, { acknowledgement, at }: CommandOf<'confirmDeposit'>): Decision {
  if (state.status === 'submitted') {
    const { reference, legalProfile, documents } = state.terms;
    return [
      {
        type: 'Deposited',
        data: { reference, legalProfile, acknowledgement: printOf(acknowledgement), documents, at },
      },
    ];
  }
  const letter = deposited(state);
  if ('refused' in letter) return letter;
  return letter.acknowledgement.sha256 === acknowledgement.sha256 ? [] : refused('ALREADY_DEPOSITED');
}

export function failDeposit(state: Letter, { reason, at }: CommandOf<'failDeposit'>): Decision {
  if (state.status === 'submitted') return [{ type: 'DepositFailed', data: { reason, at } }];
  if (state.status === 'deposit-failed') return [];
  return refused(state.status === 'unknown' ? 'UNKNOWN_LETTER' : 'ALREADY_DEPOSITED');
}

export function confirmNotice(state: Letter, command: CommandOf<'confirmNotice'>): Decision {
  const letter = deposited(state);
  if ('refused' in letter) return letter;
  const { notice, messageId, linkHash, at } = command;
  if (letter.status === 'deposited' && letter.notice === notice) {
    const profile = legalProfile(letter.terms.legalProfile);
    if (!profile) return refused('UNKNOWN_LEGAL_PROFILE');
    const end = windowEndsAt(profile, at, letter.terms.retentionDays);
    return [{ type: 'Notified', data: { notice, messageId, linkHash, windowEndsAt: end, at } }];
  }
  if (letter.status === 'deposited' || letter.status === 'notification-failed') return refused('NOTICE_SETTLED');
  return letter.notice === notice && letter.messageId === messageId ? [] : refused('NOTICE_SETTLED');
}

export function failNotice(state: Letter, command: CommandOf<'failNotice'>): Decision {
  const letter = deposited(state);
  if ('refused' in letter) return letter;
  const { notice, messageId, code, response, at } = command;
  if (letter.notice !== notice) return refused('NOTICE_SETTLED');
  if (letter.status === 'notification-failed') return [];
  if (letter.status !== 'deposited') return refused('NOTICE_SETTLED');
  return [{ type: 'NotificationFailed', data: { notice, messageId, code, at }, personal: { response } }];
}

/** A notice that failed starts no window, so the corrected one starts a whole new one. */
export function correctAddress(state: Letter, { email, at }: CommandOf<'correctAddress'>): Decision {
  const letter = deposited(state);
  if ('refused' in letter) return letter;
  const isSame = letter.parties !== 'erased' && letter.parties.recipient.email === email;
  if (letter.status === 'deposited' && letter.bounced && isSame) return [];
  if (letter.status !== 'notification-failed') return refused('NOTICE_NOT_FAILED');
  if (isSame) return refused('ADDRESS_UNCHANGED');
  return [{ type: 'AddressCorrected', data: { notice: letter.notice + 1, at }, personal: { email } }];
}
