import { randomUUID } from 'node:crypto';
import {
  recipientMayHavePaper,
  triesLeft,
  type Challenge,
  type Instant,
  type LetterIn,
  type Recipient,
} from '#libs/letter';
import { CURRENT_CONSENT, consentText } from './consent.js';
import { maskedMobile } from './masked-mobile.js';
import type { Readable, Screen, ScreenNamed } from './screen.js';

/** A page to render: its template, and what the template prints. */
export interface View {
  readonly template: string;
  readonly data: { readonly title: string } & Readonly<Record<string, unknown>>;
}

/** As the manual writes it: « M. et Mme CHARPENTIER Jean Luc ». */
export const fullName = ({ civility, name }: Recipient): string => (civility ? `${civility} ${name}` : name);

/** The page of a screen. Nothing that names the sender, documents' names included, is printed before acceptance. */
export function viewOf(screen: Screen, at: Instant): View {
  switch (screen.name) {
    case 'waiting':
      return { template: 'attente', data: { title: 'Lettre en préparation' } };
    case 'erased':
      return { template: 'effacee', data: { title: 'Lettre effacée' } };
    case 'refused':
      return { template: 'refusee', data: { title: 'Lettre refusée', ...refusalData(screen.letter) } };
    case 'expired':
      return { template: 'expiree', data: { title: 'Délai dépassé', ...deadline(screen.letter) } };
    case 'code':
      return { template: 'code', data: codeData(screen, at) };
    case 'acknowledgement':
      return { template: 'accuse', data: acknowledgementData(screen.letter) };
    case 'signature':
      return { template: 'signature', data: signatureData(screen.letter, at) };
    case 'documents':
      return { template: 'documents', data: { title: 'Vos documents', ...signedData(screen.letter) } };
  }
}

/** «Retour»: leaves the letter as it is. */
export const leavingView = ({ letter }: ScreenNamed<'acknowledgement'>): View => ({
  template: 'retour',
  data: { title: 'Rien n’a été enregistré', ...deadline(letter) },
});

/** «Refus de signer» asks once more: a refusal is final. */
export const refusalView = ({ letter }: ScreenNamed<'acknowledgement'>): View => ({
  template: 'refus',
  data: { title: 'Refuser la lettre', ...deadline(letter) },
});

/** «Annuler» on the signature page: the accepted acknowledgement again. */
export const rereadingView = ({ letter }: ScreenNamed<'signature'>): View => ({
  template: 'accuse',
  data: { ...acknowledgementData(letter), isAccepted: true },
});

/** «Accepter» below the documents leads here. */
export const endView = ({ letter }: ScreenNamed<'documents'>): View => ({
  template: 'fin',
  data: { title: 'Terminer', ...signedData(letter) },
});

/** «Terminer» leads here: what identifies the signature. */
export const confirmationView = ({ letter }: ScreenNamed<'documents'>): View => ({
  template: 'confirmation',
  data: { title: 'Service de signature électronique', ...signedData(letter) },
});

type WithWindow = LetterIn<'notified' | 'accepted' | 'signed' | 'refused' | 'expired'>;

const refusalData = ({ terms, refusedAt }: LetterIn<'refused'>) => ({ reference: terms.reference, refusedAt });

const deadline = ({ terms, windowEndsAt }: WithWindow) => ({ reference: terms.reference, windowEndsAt });

const acknowledgementData = (letter: Readable<'notified' | 'accepted'>) => ({
  title: 'Accusé de réception',
  mayHavePaper: recipientMayHavePaper(letter),
  ...deadline(letter),
  documentCount: letter.terms.documents.length + 1,
  recipient: fullName(letter.parties.recipient),
});

const signatureData = (letter: Readable<'accepted'>, at: Instant) => ({
  title: 'Signature',
  ...deadline(letter),
  signatory: fullName(letter.parties.recipient),
  sender: letter.parties.sender,
  now: at,
  consent: CURRENT_CONSENT,
  text: consentText(CURRENT_CONSENT),
});

const signedData = (letter: Readable<'signed'>) => ({
  mayHavePaper: recipientMayHavePaper(letter),
  reference: letter.terms.reference,
  packageNumber: letter.packageNumber,
  signatory: letter.signatory,
  signedAt: letter.signedAt,
  sender: letter.parties.sender,
  documents: documentRows(letter),
});

/** A row for every document but the acknowledgement, which is the first of all. */
function documentRows(letter: Readable<'signed'>) {
  const isAccessed = (mode: string, sha256: string): boolean => letter.accesses.includes(`${mode} ${sha256}`);
  return letter.terms.documents.map(({ sha256, size, pages }, index) => ({
    number: index + 2,
    name: letter.parties.documentNames[index],
    size: readableSize(size),
    pages: pages === 1 ? '1 page' : `${pages} pages`,
    opened: isAccessed('opened', sha256),
    downloaded: isAccessed('downloaded', sha256),
  }));
}

const MEGABYTE = 1024 * 1024;
const ONE_DECIMAL = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 1 });

/** Bytes as people read them: `12 ko`, `1,4 Mo`. */
const readableSize = (bytes: number): string =>
  bytes < MEGABYTE ? `${Math.ceil(bytes / 1024)} ko` : `${ONE_DECIMAL.format(bytes / MEGABYTE)} Mo`;

const codeData = ({ letter, challenge }: ScreenNamed<'code'>, at: Instant) => ({
  title: 'Authentification',
  mobile: maskedMobile(letter.parties.recipient.mobile ?? ''),
  form: randomUUID(),
  code: challenge && codeState(challenge, at),
});

/** What the code page says of the code that this browser asked for last. */
function codeState(challenge: Challenge, at: Instant) {
  const remaining = triesLeft(challenge);
  const isLate = Date.parse(at) >= Date.parse(challenge.expiresAt);
  const isLost = challenge.delivery === 'failed';
  return {
    isAlive: remaining > 0 && !isLate && !isLost,
    isLate,
    isLost,
    isExhausted: remaining === 0,
    isWrong: challenge.rejected.length > 0,
    remaining: remaining === 1 ? 'un essai' : `${remaining} essais`,
    expiresAt: challenge.expiresAt,
  };
}
