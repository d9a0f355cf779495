import { readTemplate } from '#libs/commands';
import { ConfigurationError, type WorkerConfiguration } from '#libs/configuration';
import { layOutMail, type TemplateData } from '#libs/documents';
import type { Instant } from '#libs/legal-profile';
import type { EventOf, Information, Letter, LetterIn, Parties, Recipient } from '#libs/letter';
import type { Mail } from '#libs/messaging';
import { templateFor, type TemplateKind, type Templates } from '#libs/templates';
import { lastSecond, parisTime } from './paris-time.js';
import { fillIn, type Unusable } from './fill-in.js';

/** A letter in that state whose key has not been destroyed: there is still somebody to write to. */
export type Addressed<State extends Letter> = State & { readonly parties: Exclude<Parties, 'erased'> };

type Filed = Exclude<Letter, LetterIn<'unknown'>>;
export type Deposited = Exclude<Letter, LetterIn<'unknown' | 'submitted' | 'deposit-failed'>>;
type Ceremony = Exclude<Deposited, LetterIn<'deposited' | 'notification-failed'>>;
type Answer = Extract<Information, 'confirmation' | 'refusal' | 'expiry' | 'alert'>;

/** A message, and the agency's template that could not be used for it, where there is one. */
export interface Written<Message> {
  readonly message: Message;
  readonly unusable: Unusable | null;
}

/** The part of the sender's address behind the @, which also makes our Message-IDs unique (RFC 5322 §3.6.4). */
export function domainOf(from: string): string {
  const domain = /@([a-z0-9.-]+)>?\s*$/i.exec(from)?.[1];
  if (!domain) {
    throw new ConfigurationError('Configuration: PLI_MAIL_FROM must be one address, such as LRE <lre@example.fr>.');
  }
  return domain;
}

type Settings = Pick<
  WorkerConfiguration,
  'PLI_MAIL_FROM' | 'PLI_AGENCY_URL' | 'PLI_CEREMONY_URL' | 'PLI_QUALIFICATION'
>;

/** What is particular to one e-mail of a letter. */
interface Purpose {
  readonly kind: TemplateKind;
  readonly to: string;
  /** Makes the Message-ID. */
  readonly purpose: string;
  readonly data: TemplateData & { readonly lien: string };
}

/** Where the recipient answers, and until when. */
interface Window {
  readonly windowEndsAt: Instant;
  readonly token: string;
}

/** Writes the messages of a letter by the agency's templates. The same letter, cause and templates give the same message, with the same id. */
export class LetterMails {
  private readonly domain: string;

  /** @throws ConfigurationError when PLI_MAIL_FROM is no address. */
  constructor(private readonly settings: Settings) {
    this.domain = domainOf(settings.PLI_MAIL_FROM);
  }

  /** Message-ID, without its angle brackets, of one of a letter's e-mails, or of an agency's trial. */
  messageId(id: string, purpose: string): string {
    return `${purpose}.${id}@${this.domain}`;
  }

  /**
   * The notice (manual V.1). It tells nothing of the sender (R. 53-3, I, al. 2 CPCE): neither his name, nor the reference, which
   * begins with the agency's code, nor what the documents are called.
   */
  notice(
    letterId: string,
    letter: Addressed<LetterIn<'deposited'>>,
    templates: Templates,
    window: Window,
  ): Written<Mail> {
    const purpose = `notice-${letter.notice}`;
    return this.toRecipient(letterId, letter, templates, { kind: 'mail-signature', purpose, window });
  }

  /** Reminds whoever has not answered yet; it tells nothing of the sender either. */
  reminder(
    letterId: string,
    letter: Addressed<LetterIn<'notified' | 'accepted'>>,
    templates: Templates,
    token: string,
  ): Written<Mail> {
    const window = { windowEndsAt: letter.windowEndsAt, token };
    return this.toRecipient(letterId, letter, templates, {
      kind: 'mail-notice-reminder',
      purpose: 'notice-reminder',
      window,
    });
  }

  /** « Vos documents signés » for the recipient (manual V.3). */
  signedDocuments(
    letterId: string,
    letter: Addressed<LetterIn<'signed'>>,
    templates: Templates,
    token: string,
  ): Written<Mail> {
    const { recipient, sender } = letter.parties;
    const data = {
      destinataire: addressee(recipient),
      lien: this.ceremonyLink(letterId, token),
      reference: letter.terms.reference,
      package: letter.packageNumber,
      signeLe: parisTime(letter.signedAt),
      agence: sender.name,
    };
    const purpose = { kind: 'mail-signed-documents', to: recipient.email, purpose: 'signed-documents', data } as const;
    return this.write(letterId, letter, templates, purpose);
  }

  /** Tells the agency that the letter is deposited, with the fingerprints of what was. */
  depositProof(letterId: string, letter: Addressed<Deposited>, templates: Templates): Written<Mail> {
    return this.toAgency(letterId, letter, templates, {
      kind: 'mail-deposit-proof',
      purpose: 'deposit-proof',
      data: {},
    });
  }

  /** Tells the agency that an answer came, or none in time (manual V.4 and the templates named in IV.2). */
  answer(letterId: string, letter: Addressed<Ceremony>, templates: Templates, about: Answer): Written<Mail> {
    return this.toAgency(letterId, letter, templates, {
      kind: `mail-${about}`,
      purpose: about,
      data: answerData(letter),
    });
  }

  /** Tells the agency that a notice was refused for good. */
  bounce(
    letterId: string,
    letter: Addressed<Deposited>,
    templates: Templates,
    { data, personal }: EventOf<'NotificationFailed'>,
  ): Written<Mail> {
    const particular = {
      // Once the address has been corrected, the one that failed is known no more.
      adresse: letter.notice === data.notice ? letter.parties.recipient.email : '',
      // The words usually begin with the code, but a mail system may say nothing at all.
      reponse: personal?.response || String(data.code),
    };
    const purpose = `bounce-${data.notice}`;
    return this.toAgency(letterId, letter, templates, { kind: 'mail-bounce', purpose, data: particular });
  }

  /** The SMS with the code. It names nobody, neither sender nor recipient. */
  code({ terms, parties }: Addressed<Filed>, templates: Templates, code: string): Written<string> {
    const template = templateFor(templates, 'sms-code', terms.templates?.['sms-code']);
    const { words, unusable } = fillIn(template, { code }, parties.sender);
    return { message: words.body, unusable };
  }

  /** A template as it is, sent to whoever edits it. */
  trial(
    to: string,
    trial: string,
    { kind, subject, body }: { kind: TemplateKind; subject: string; body: string },
    data: TemplateData,
  ): Mail {
    const words = readTemplate(kind, { subject, body }).render(data);
    const link = typeof data['lien'] === 'string' ? data['lien'] : '';
    return this.mail(to, this.messageId(trial, 'trial'), { ...words, subject: `[Essai] ${words.subject}` }, link);
  }

  private toRecipient(
    letterId: string,
    letter: Addressed<Deposited>,
    templates: Templates,
    { kind, purpose, window }: Pick<Purpose, 'kind' | 'purpose'> & { window: Window },
  ): Written<Mail> {
    const { recipient } = letter.parties;
    const data = {
      destinataire: addressee(recipient),
      lien: this.ceremonyLink(letterId, window.token),
      dateLimite: lastSecond(window.windowEndsAt),
      code: letter.terms.otp,
    };
    return this.write(letterId, letter, templates, { kind, to: recipient.email, purpose, data });
  }

  private toAgency(
    letterId: string,
    letter: Addressed<Deposited>,
    templates: Templates,
    { kind, purpose, data: particular }: Pick<Purpose, 'kind' | 'purpose'> & { readonly data: TemplateData },
  ): Written<Mail> {
    const { terms, parties } = letter;
    const data = {
      dossier: terms.dossier,
      codeTiers: terms.partyCode,
      destinataire: addressee(parties.recipient),
      qualite: terms.partyKind === 'tenant' ? 'Un locataire' : 'Un propriétaire',
      reference: terms.reference,
      deposeLe: parisTime(letter.depositedAt),
      documents: terms.documents.map(({ sha256 }, index) => ({
        nom: parties.documentNames[index] ?? '',
        empreinte: sha256,
      })),
      lien: `${this.settings.PLI_AGENCY_URL}/lettres/${letterId}`,
      agence: parties.sender.name,
      ...particular,
    };
    return this.write(letterId, letter, templates, { kind, to: parties.sender.email, purpose, data });
  }

  private ceremonyLink(letterId: string, token: string): string {
    return `${this.settings.PLI_CEREMONY_URL}/lre/${letterId}/${token}`;
  }

  private write(
    letterId: string,
    { terms, parties }: Addressed<Deposited>,
    templates: Templates,
    purpose: Purpose,
  ): Written<Mail> {
    const { kind, to, data } = purpose;
    const { words, unusable } = fillIn(templateFor(templates, kind, terms.templates?.[kind]), data, parties.sender);
    return { message: this.mail(to, this.messageId(letterId, purpose.purpose), words, data.lien), unusable };
  }

  private mail(
    to: string,
    messageId: string,
    { subject, body }: { subject: string; body: string },
    link: string,
  ): Mail {
    const { PLI_MAIL_FROM: from, PLI_QUALIFICATION: qualification } = this.settings;
    return { messageId, from, to, subject, ...layOutMail({ subject, body, link }, qualification) };
  }
}

/** « Monsieur et Madame CHARPENTIER Jean Luc » */
export const addressee = ({ civility, name }: Recipient): string => (civility ? `${civility} ${name}` : name);

function answerData(letter: Ceremony): TemplateData {
  if (letter.status === 'signed') return { signeLe: parisTime(letter.signedAt), package: letter.packageNumber };
  if (letter.status === 'refused') return { refuseLe: parisTime(letter.refusedAt) };
  return { dateLimite: lastSecond(letter.windowEndsAt) };
}
