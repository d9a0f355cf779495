import type { Submit } from '../commands.js';
import type { DocumentPrint, EventOf, Information } from '../events.js';

/** The manual's example: sent to M. et Mme CHARPENTIER on 20 March 2018, to be answered by the end of 4 April. */
export const at = {
  submission: '2018-03-20T13:35:00.000Z',
  deposit: '2018-03-20T13:36:00.000Z',
  notice: '2018-03-20T13:36:07.000Z',
  request: '2018-03-20T14:10:00.000Z',
  code: '2018-03-20T14:11:00.000Z',
  acceptance: '2018-03-20T14:12:00.000Z',
  signature: '2018-03-20T14:24:00.000Z',
  later: '2018-03-21T09:00:00.000Z',
  beforeAlert: '2018-03-30T21:59:59.999Z',
  alert: '2018-03-30T22:00:00.000Z',
  lastMoment: '2018-04-04T21:59:59.999Z',
  end: '2018-04-04T22:00:00.000Z',
  afterEnd: '2018-04-05T08:00:00.000Z',
} as const;

export const rappel: DocumentPrint = { sha256: 'a'.repeat(64), size: 40_960, pages: 2 };
export const acknowledgement: DocumentPrint = { sha256: 'b'.repeat(64), size: 20_480, pages: 1 };
export const recipient = {
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  email: 'charpentier@example.fr',
  mobile: '+33612345678',
};

/** The session of the recipient's browser, and another one. */
export const browser = 'browser-1';
export const otherBrowser = 'browser-2';
export const rightHash = 'hash-of-the-right-code';
export const wrongHash = 'hash-of-a-wrong-code';

export function submit(changes: Partial<Submit> = {}): Submit {
  return {
    type: 'submit',
    agencyId: '01962f5e-0000-7000-8000-000000000001',
    agencyCode: '9998',
    dossier: '001',
    partyCode: '40017',
    partyKind: 'tenant',
    reference: 'LRE_9998_001_20180320143500',
    legalProfile: 'fr-cpce-2018',
    professional: false,
    otp: false,
    retentionDays: 15,
    alertDays: 5,
    documents: [{ ...rappel, name: 'Rappel recommandé.pdf' }],
    sender: { name: 'AGENCE LATOUR', email: 'info@latour.example' },
    recipient,
    at: at.submission,
    ...changes,
  };
}

type Terms = Partial<EventOf<'Submitted'>['data']>;

export function submitted(terms: Terms = {}): EventOf<'Submitted'> {
  const { type: _type, documents: _documents, sender, recipient: to, ...data } = submit();
  const personal = { sender, recipient: to, documentNames: ['Rappel recommandé.pdf'] };
  return { type: 'Submitted', data: { ...data, documents: [rappel], ...terms }, personal };
}

export const deposited: EventOf<'Deposited'> = {
  type: 'Deposited',
  data: {
    reference: 'LRE_9998_001_20180320143500',
    legalProfile: 'fr-cpce-2018',
    acknowledgement,
    documents: [rappel],
    at: at.deposit,
  },
};

export const notified: EventOf<'Notified'> = {
  type: 'Notified',
  data: { notice: 1, messageId: '<notice-1@pli>', linkHash: 'c'.repeat(64), windowEndsAt: at.end, at: at.notice },
};

export const bounced: EventOf<'NotificationFailed'> = {
  type: 'NotificationFailed',
  data: { notice: 1, messageId: '<notice-1@pli>', code: 550, at: at.notice },
  personal: { response: '550 5.1.1 No such user' },
};

export const addressCorrected: EventOf<'AddressCorrected'> = {
  type: 'AddressCorrected',
  data: { notice: 2, at: at.later },
  personal: { email: 'jl.charpentier@example.fr' },
};

export function codeAsked(challenge = 1, when: string = at.request, session = browser): EventOf<'OtpRequested'> {
  const expiresAt = minutesAfter(when, 10);
  return { type: 'OtpRequested', data: { challenge, session, codeHash: rightHash, expiresAt, at: when } };
}

export function codeRejected(attempt: string, remaining: number, when: string = at.code): EventOf<'OtpRejected'> {
  return { type: 'OtpRejected', data: { challenge: 1, attempt, remaining, at: when } };
}

export const codeVerified: EventOf<'OtpVerified'> = {
  type: 'OtpVerified',
  data: { challenge: 1, session: browser, at: at.code },
};

export const accepted: EventOf<'Accepted'> = { type: 'Accepted', data: { session: browser, at: at.acceptance } };
export const refused: EventOf<'Refused'> = { type: 'Refused', data: { session: browser, at: at.acceptance } };

export const signed: EventOf<'Signed'> = {
  type: 'Signed',
  data: { session: browser, packageNumber: '7AD0F7866F46', signatures: 1, consent: 'fr-1', at: at.signature },
  personal: { signatory: 'M. et Mme CHARPENTIER Jean Luc' },
};

export const expired: EventOf<'Expired'> = { type: 'Expired', data: { windowEndsAt: at.end, at: at.end } };

export function informed(about: Information, messageId: string, when: string): EventOf<'Informed'> {
  const party = about === 'signed-documents' || about === 'notice-reminder' ? 'recipient' : 'agency';
  return { type: 'Informed', data: { party, about, messageId, at: when } };
}

/** Without OTP, and with it. */
export const atTheDoor = [submitted(), deposited, notified] as const;
export const atTheDoorWithCode = [submitted({ otp: true }), deposited, notified] as const;

export function minutesAfter(instant: string, minutes: number): string {
  return new Date(Date.parse(instant) + minutes * 60_000).toISOString();
}

export function secondsAfter(instant: string, seconds: number): string {
  return minutesAfter(instant, seconds / 60);
}
