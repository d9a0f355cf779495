import { ConfigurationError, type WorkerConfiguration } from '#libs/configuration';
import type { Instant } from '#libs/legal-profile';
import type { EventOf, Information, Letter, LetterIn, Parties, Recipient } from '#libs/letter';
import type { Mail } from '#libs/messaging';
import { MailTemplates } from './mail-templates.js';
import { lastSecond, parisTime } from './paris-time.js';

/** A letter in that state whose key has not been destroyed: there is still somebody to write to. */
export type Addressed<State extends Letter> = State & { readonly parties: Exclude<Parties, 'erased'> };

export type Deposited = Exclude<Letter, LetterIn<'unknown' | 'submitted' | 'deposit-failed'>>;
type Ceremony = Exclude<Deposited, LetterIn<'deposited' | 'notification-failed'>>;
type AgencyInformation = Exclude<Information, 'signed-documents'>;

/** One line, or several, of the table in an e-mail. */
interface Fact {
  readonly label: string;
  readonly lines: readonly string[];
}

/** What is particular to each e-mail that an agency gets. `who` is « Un locataire » or « Un propriétaire ». */
interface Wording {
  readonly subject: string;
  readonly headline: (who: string) => string;
  readonly advice: string;
  readonly action: string;
}

const SEE = 'Voir la lettre';
const wordings: Readonly<Record<AgencyInformation, Wording>> = {
  // The manual's own words, V.4.
  confirmation: {
    subject: 'Lettre recommandée signée',
    headline: (who) => `${who} a signé un document`,
    advice: '',
    action: 'Cliquez ici pour télécharger les documents signés',
  },
  refusal: {
    subject: 'Lettre recommandée refusée',
    headline: (who) => `${who} a refusé une lettre recommandée`,
    advice: 'Ce refus est définitif : le contenu de la lettre ne lui a pas été communiqué.',
    action: SEE,
  },
  expiry: {
    subject: 'Lettre recommandée non réclamée',
    headline: (who) => `${who} n’a pas signé une lettre recommandée dans le délai`,
    advice: 'La lettre n’est plus accessible au destinataire. Vous pouvez consulter vos documents pendant un an.',
    action: SEE,
  },
  bounce: {
    subject: 'Avis de lettre recommandée non remis',
    headline: () => 'L’avis d’une lettre recommandée n’a pas pu être remis',
    advice:
      'Corrigez l’adresse e-mail du destinataire sur la page de la lettre : un nouvel avis partira aussitôt et le délai courra à partir de ce nouvel envoi.',
    action: 'Corriger l’adresse',
  },
  alert: {
    subject: 'Lettre recommandée bientôt échue',
    headline: (who) => `${who} n’a pas encore signé une lettre recommandée`,
    advice: 'Passé cette date, la lettre ne sera plus accessible au destinataire.',
    action: SEE,
  },
};

/** The part of the sender's address behind the @, which also makes our Message-IDs unique (RFC 5322 §3.6.4). */
function domainOf(from: string): string {
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

/** Writes the e-mails of a letter. The same letter and cause give the same message, with the same Message-ID. */
export class LetterMails {
  private readonly templates: MailTemplates;
  private readonly domain: string;

  /** @throws ConfigurationError when PLI_MAIL_FROM is no address. */
  constructor(private readonly settings: Settings) {
    this.domain = domainOf(settings.PLI_MAIL_FROM);
    this.templates = new MailTemplates(settings.PLI_QUALIFICATION);
  }

  /** Message-ID, without its angle brackets, of one of a letter's e-mails. */
  messageId(letterId: string, purpose: string): string {
    return `${purpose}.${letterId}@${this.domain}`;
  }

  /**
   * The notice (manual V.1). It tells nothing of the sender (R. 53-3, I, al. 2 CPCE): neither his name, nor the reference, which
   * begins with the agency's code, nor what the documents are called.
   */
  notice(
    letterId: string,
    letter: Addressed<LetterIn<'deposited'>>,
    { windowEndsAt, token }: { windowEndsAt: Instant; token: string },
  ): Mail {
    const deadline = lastSecond(windowEndsAt);
    return this.mail(letter.parties.recipient.email, this.messageId(letterId, `notice-${letter.notice}`), 'notice', {
      subject: 'Une lettre recommandée électronique vous attend',
      preview: `À accepter ou à refuser avant le ${deadline}`,
      greeting: addressee(letter.parties.recipient),
      link: this.ceremonyLink(letterId, token),
      otp: letter.terms.otp,
      deadline,
    });
  }

  /** « Vos documents signés » for the recipient (manual V.3). */
  signedDocuments(letterId: string, letter: Addressed<LetterIn<'signed'>>, token: string): Mail {
    const { recipient } = letter.parties;
    return this.mail(recipient.email, this.messageId(letterId, 'signed-documents'), 'signed-documents', {
      subject: 'Vos documents signés',
      preview: 'Les documents que vous avez signés sont disponibles',
      greeting: addressee(recipient),
      link: this.ceremonyLink(letterId, token),
      facts: [
        { label: 'Référence', lines: [letter.terms.reference] },
        {
          label: 'Signature',
          lines: [`Package n° ${letter.packageNumber}`, `${parisTime(letter.signedAt)} (heure de Paris)`],
        },
      ],
    });
  }

  /** Tells the agency that an answer came, or none in time (manual V.4 and the templates named in IV.2). */
  answer(letterId: string, letter: Addressed<Ceremony>, about: Exclude<AgencyInformation, 'bounce'>): Mail {
    return this.toAgency(letterId, letter, about, about, answerFacts(letter, about));
  }

  /** Tells the agency that a notice was refused for good. */
  bounce(letterId: string, letter: Addressed<Deposited>, { data, personal }: EventOf<'NotificationFailed'>): Mail {
    // Once the address has been corrected, the one that failed is known no more.
    const address = letter.notice === data.notice ? [letter.parties.recipient.email] : [];
    // The words usually begin with the code, but a mail system may say nothing at all.
    const answer = personal?.response || String(data.code);
    return this.toAgency(letterId, letter, 'bounce', `bounce-${data.notice}`, [
      ...(address.length > 0 ? [{ label: 'Adresse refusée', lines: address }] : []),
      { label: 'Réponse du système de messagerie', lines: [answer] },
    ]);
  }

  private toAgency(
    letterId: string,
    letter: Addressed<Deposited>,
    about: AgencyInformation,
    purpose: string,
    facts: readonly Fact[],
  ): Mail {
    const { terms, parties } = letter;
    const wording = wordings[about];
    const headline = wording.headline(terms.partyKind === 'tenant' ? 'Un locataire' : 'Un propriétaire');
    return this.mail(parties.sender.email, this.messageId(letterId, purpose), 'agency', {
      subject: `${wording.subject} – dossier ${terms.dossier} – destinataire ${terms.partyCode}`,
      preview: headline,
      headline,
      advice: wording.advice,
      action: wording.action,
      link: `${this.settings.PLI_AGENCY_URL}/lettres/${letterId}`,
      facts: [
        { label: 'Dossier', lines: [terms.dossier] },
        { label: 'Destinataire', lines: [terms.partyCode, addressee(parties.recipient)] },
        {
          label: 'Document',
          lines: [terms.reference, ...parties.documentNames, `déposé le ${parisTime(letter.depositedAt)}`],
        },
        ...facts,
      ],
    });
  }

  private ceremonyLink(letterId: string, token: string): string {
    return `${this.settings.PLI_CEREMONY_URL}/lre/${letterId}/${token}`;
  }

  private mail(to: string, messageId: string, template: string, context: Parameters<MailTemplates['render']>[1]): Mail {
    const { subject } = context;
    return { messageId, from: this.settings.PLI_MAIL_FROM, to, subject, ...this.templates.render(template, context) };
  }
}

/** « Monsieur et Madame CHARPENTIER Jean Luc » */
export const addressee = ({ civility, name }: Recipient): string => (civility ? `${civility} ${name}` : name);

function answerFacts(letter: Ceremony, about: Exclude<AgencyInformation, 'bounce'>): Fact[] {
  const when = (label: string, at: string): Fact[] => [{ label, lines: [`${at} (heure de Paris)`] }];
  if (about === 'confirmation' && letter.status === 'signed') return when('Signé le', parisTime(letter.signedAt));
  if (about === 'refusal' && letter.status === 'refused') return when('Refusé le', parisTime(letter.refusedAt));
  return when('Date limite', lastSecond(letter.windowEndsAt));
}
