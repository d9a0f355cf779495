import type { WorkerConfiguration } from '#libs/configuration';
import type { AgencyEventOf } from '#libs/directory';
import { layOutMail } from '#libs/documents';
import type { Mail } from '#libs/messaging';
import { domainOf } from './letter-mails.js';
import { parisTime } from './paris-time.js';

type Settings = Pick<WorkerConfiguration, 'PLI_MAIL_FROM' | 'PLI_AGENCY_URL' | 'PLI_QUALIFICATION'>;

/** Whom an e-mail is for, and from which agency it is. */
export interface Addressee {
  readonly email: string;
  /** '' once personal data are erased. */
  readonly agency: string;
}

const PERSONAL = 'Ce lien vous est personnel : ne le transmettez à personne.';

/** Writes the e-mails to the users of an agency. The same event gives the same message, with the same Message-ID. */
export class UserMails {
  private readonly domain: string;

  /** @throws ConfigurationError when PLI_MAIL_FROM is no address. */
  constructor(private readonly settings: Settings) {
    this.domain = domainOf(settings.PLI_MAIL_FROM);
  }

  invitation(to: Addressee, { expiresAt, linkId }: AgencyEventOf<'UserInvited'>['data'], token: string): Mail {
    const link = `${this.settings.PLI_AGENCY_URL}/invitation/${token}`;
    const subject = 'Votre invitation';
    const body = `Bonjour,

L’agence ${to.agency} vous invite à la rejoindre pour préparer et suivre ses lettres recommandées électroniques.

[Créer mon compte](${link})

> L’invitation est valable jusqu’au ${parisTime(expiresAt)} (heure de Paris).

${PERSONAL}`;
    return this.mail(to, `invitation.${linkId}`, { subject, body, link });
  }

  passwordReset(
    to: Addressee,
    { expiresAt, linkId }: AgencyEventOf<'PasswordResetRequested'>['data'],
    token: string,
  ): Mail {
    const link = `${this.settings.PLI_AGENCY_URL}/mot-de-passe/${token}`;
    const subject = 'Votre nouveau mot de passe';
    const body = `Bonjour,

Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour votre compte.

[Choisir un nouveau mot de passe](${link})

> Le lien est valable une fois, jusqu’au ${parisTime(expiresAt)} (heure de Paris).

Si vous n’avez rien demandé, ignorez ce message : votre mot de passe ne change pas. ${PERSONAL}`;
    return this.mail(to, `password-reset.${linkId}`, { subject, body, link });
  }

  lockOut(to: Addressee, { lockId, until, at }: AgencyEventOf<'LogInLocked'>['data']): Mail {
    const link = `${this.settings.PLI_AGENCY_URL}/mot-de-passe`;
    const subject = 'Connexion à votre compte bloquée';
    const body = `Bonjour,

Trop de mots de passe ou de codes erronés ont été saisis pour votre compte, le dernier le ${parisTime(at)} (heure de Paris). La connexion est bloquée.

> Vous pourrez vous connecter de nouveau à partir du ${parisTime(until)} (heure de Paris) ; un gestionnaire de votre agence peut lever le blocage avant.

Si ce n’était pas vous, choisissez alors un nouveau mot de passe et prévenez un gestionnaire de votre agence.

[Choisir un nouveau mot de passe](${link})`;
    return this.mail(to, `lock-out.${lockId}`, { subject, body, link });
  }

  private mail({ email: to }: Addressee, id: string, words: { subject: string; body: string; link: string }): Mail {
    const { PLI_MAIL_FROM: from, PLI_QUALIFICATION: qualification } = this.settings;
    return { messageId: `${id}@${this.domain}`, from, to, subject: words.subject, ...layOutMail(words, qualification) };
  }
}
