import { exampleData, shownData, type ReminderList } from '#libs/reminders';
import { agencyMails, letters, recipientMails, smsCode } from './built-in.js';

/** What a field holds, as an example: it says whether the field is a text, a condition or a list, and fills the preview. */
export type FieldExample = string | boolean | readonly string[] | readonly Readonly<Record<string, string>>[];

/** One field that a template may print. */
export interface TemplateField {
  /** What it is, in French, for whoever writes the template. */
  readonly label: string;
  readonly example: FieldExample;
}

/** Field names are what an agency writes between braces, so they are French. */
export type TemplateFields = Readonly<Record<string, TemplateField>>;

/** What is said of each kind of template. */
export interface KindDescription {
  readonly label: string;
  /** When it is sent, and to whom. */
  readonly purpose: string;
  readonly medium: 'mail' | 'sms' | 'letter';
  readonly fields: TemplateFields;
  /** The text that Pli comes with; `name` is that of the manual (IV.2, screen 1), with PLI in place of KRIER. */
  readonly builtIn: BuiltInTemplate;
  /** Fields that the body has to print outside of every condition, with the refusal of a template that does not. */
  readonly mustPrint: Readonly<Record<string, 'LINK_MISSING' | 'DEADLINE_MISSING' | 'CODE_MISSING'>>;
  /** Whether it reaches the recipient before he has accepted, when nobody may tell him who wrote (R. 53-3, I, al. 2 CPCE). */
  readonly hidesSender: boolean;
}

export interface BuiltInTemplate {
  readonly name: string;
  /** Absent for what is no e-mail. */
  readonly subject?: string;
  readonly body: string;
}

const RECIPIENT: TemplateField = {
  label: 'Civilité et nom du destinataire',
  example: 'M. et Mme CHARPENTIER Jean Luc',
};
const DEADLINE: TemplateField = {
  label: 'Date et heure limites de signature, heure de Paris',
  example: '04/04/2018 23:59:59',
};
const NOTICE_FIELDS: TemplateFields = {
  destinataire: RECIPIENT,
  lien: { label: 'Lien personnel du destinataire (obligatoire)', example: 'https://lre.exemple.example/lre/exemple' },
  dateLimite: { ...DEADLINE, label: `${DEADLINE.label} (obligatoire)` },
  code: { label: 'Condition : un code par SMS sera demandé', example: true },
};

/** What every e-mail to the agency may tell (manual V.4). */
const LETTER_FIELDS: TemplateFields = {
  dossier: { label: 'Code du dossier', example: '001' },
  codeTiers: { label: 'Code du tiers', example: '40017' },
  destinataire: RECIPIENT,
  qualite: { label: '« Un locataire » ou « Un propriétaire »', example: 'Un locataire' },
  reference: { label: 'Référence de la lettre', example: 'LRE_9998_001_20180320143707' },
  deposeLe: { label: 'Date et heure de dépôt, heure de Paris', example: '20/03/2018 14:37:07' },
  documents: {
    label: 'Liste des documents : nom, empreinte (SHA-256)',
    example: [
      { nom: 'LRE RELANCE', empreinte: '2f1d9ae4c8b07356e1a2d94c57f08b63d5e7a1904bc286f3e0d917a54c3b8e62' },
      { nom: 'Décompte', empreinte: '9b04e7d1563fa82cc07e419db5268fa3147c0de92b6a8f35d4e15c70a9b3f28d' },
    ],
  },
  lien: {
    label: 'Adresse de la lettre dans l’espace agence',
    example: 'https://agence.exemple.example/lettres/exemple',
  },
  agence: { label: 'Nom de l’agence', example: 'Agence Latour' },
};

const letterToAgency = {
  medium: 'mail',
  mustPrint: {},
  hidesSender: false,
} as const satisfies Partial<KindDescription>;

const notice = {
  medium: 'mail',
  fields: NOTICE_FIELDS,
  mustPrint: { lien: 'LINK_MISSING', dateLimite: 'DEADLINE_MISSING' },
  hidesSender: true,
} as const satisfies Partial<KindDescription>;

/** What every letter may print, and the fields of the lines of its list (`lineFields`), as people read them. */
const printed = (list: ReminderList) =>
  ({
    medium: 'letter',
    mustPrint: {},
    hidesSender: false,
    fields: {
      agence: { label: 'Nom de l’agence', example: 'Agence Latour' },
      destinataire: RECIPIENT,
      adresse: { label: 'Liste des lignes de l’adresse postale', example: ['12 rue des Clercs', '57000 Metz'] },
      codeTiers: { label: 'Code du tiers', example: '40017' },
      dossier: { label: 'Code du dossier', example: '001' },
      date: { label: 'Date de la lettre', example: '20 mars 2018' },
      ...Object.fromEntries(
        shownData(list, exampleData(list)).map(({ key, label, value }) => [key, { label, example: value }]),
      ),
    },
  }) as const satisfies Partial<KindDescription>;

/** Every kind of template: the six e-mails of the manual's screen, what Pli tells beside them, and the letters of the three lists. */
export const templateKinds = {
  'mail-signature': {
    ...notice,
    label: 'E-mail de signature',
    purpose: 'Au destinataire, quand la lettre l’attend',
    builtIn: { name: 'PLI_LRE_SIGN', ...recipientMails.signature },
  },
  'mail-notice-reminder': {
    ...notice,
    label: 'Rappel de signature',
    purpose: 'Au destinataire qui n’a pas encore répondu, à l’approche de l’échéance',
    builtIn: { name: 'PLI_LRE_RAPPEL', ...recipientMails.reminder },
  },
  'mail-signed-documents': {
    medium: 'mail',
    label: 'Documents signés',
    purpose: 'Au destinataire, après sa signature',
    fields: {
      destinataire: RECIPIENT,
      lien: {
        label: 'Lien vers les documents signés (obligatoire)',
        example: 'https://lre.exemple.example/lre/exemple',
      },
      reference: { label: 'Référence de la lettre', example: 'LRE_9998_001_20180320143707' },
      package: { label: 'Numéro de package de la signature', example: '7AD0F7866F46' },
      signeLe: { label: 'Date et heure de signature, heure de Paris', example: '20/03/2018 15:24:00' },
      agence: { label: 'Nom de l’agence', example: 'Agence Latour' },
    },
    mustPrint: { lien: 'LINK_MISSING' },
    hidesSender: false,
    builtIn: { name: 'PLI_LRE_FIN', ...recipientMails.signedDocuments },
  },
  'mail-deposit-proof': {
    ...letterToAgency,
    label: 'Preuve de dépôt',
    purpose: 'À l’agence, au dépôt de la lettre',
    fields: LETTER_FIELDS,
    builtIn: { name: 'PLI_LRE_PREUVE', ...agencyMails.depositProof },
  },
  'mail-confirmation': {
    ...letterToAgency,
    label: 'Confirmation de signature',
    purpose: 'À l’agence, quand le destinataire a signé',
    fields: {
      ...LETTER_FIELDS,
      signeLe: { label: 'Date et heure de signature, heure de Paris', example: '20/03/2018 15:24:00' },
      package: { label: 'Numéro de package de la signature', example: '7AD0F7866F46' },
    },
    builtIn: { name: 'PLI_LRE_CONFIRM', ...agencyMails.confirmation },
  },
  'mail-refusal': {
    ...letterToAgency,
    label: 'Refus de signature',
    purpose: 'À l’agence, quand le destinataire a refusé',
    fields: {
      ...LETTER_FIELDS,
      refuseLe: { label: 'Date et heure du refus, heure de Paris', example: '21/03/2018 09:12:30' },
    },
    builtIn: { name: 'PLI_LRE_REFUS', ...agencyMails.refusal },
  },
  'mail-expiry': {
    ...letterToAgency,
    label: 'Délai dépassé',
    purpose: 'À l’agence, quand personne n’a répondu dans le délai',
    fields: { ...LETTER_FIELDS, dateLimite: DEADLINE },
    builtIn: { name: 'PLI_LRE_DELAIS', ...agencyMails.expiry },
  },
  'mail-alert': {
    ...letterToAgency,
    label: 'Échéance proche',
    purpose: 'À l’agence, quand une lettre non signée arrive à échéance',
    fields: { ...LETTER_FIELDS, dateLimite: DEADLINE },
    builtIn: { name: 'PLI_LRE_ALERTE', ...agencyMails.alert },
  },
  'mail-bounce': {
    ...letterToAgency,
    label: 'Avis non remis',
    purpose: 'À l’agence, quand la messagerie du destinataire refuse l’avis',
    fields: {
      ...LETTER_FIELDS,
      adresse: { label: 'Adresse e-mail refusée, vide une fois corrigée', example: 'jl.charpentier@exemple.example' },
      reponse: { label: 'Réponse du système de messagerie', example: '550 5.1.1 User unknown' },
    },
    builtIn: { name: 'PLI_LRE_NON_REMIS', ...agencyMails.bounce },
  },
  'sms-code': {
    medium: 'sms',
    label: 'Code par SMS',
    purpose: 'Au destinataire, quand il demande son code',
    fields: { code: { label: 'Code à six chiffres (obligatoire)', example: '482913' } },
    mustPrint: { code: 'CODE_MISSING' },
    hidesSender: true,
    builtIn: { name: 'PLI_SMS_CODE', ...smsCode },
  },
  'letter-unpaid': {
    ...printed('unpaid'),
    label: 'Lettre de relance des impayés',
    purpose: 'Jointe à la lettre recommandée des lignes « Impayés »',
    builtIn: { name: 'PLI_RELANCE_IMPAYE', ...letters.unpaid },
  },
  'letter-insurance': {
    ...printed('insurance'),
    label: 'Lettre de relance des justificatifs',
    purpose: 'Jointe à la lettre recommandée des lignes « Justificatifs assurance et entretien »',
    builtIn: { name: 'PLI_RELANCE_ASSURANCE', ...letters.insurance },
  },
  'letter-owner-insurance': {
    ...printed('owner-insurance'),
    label: 'Lettre de relance PNO',
    purpose: 'Jointe à la lettre recommandée des lignes « PNO »',
    builtIn: { name: 'PLI_RELANCE_PNO', ...letters.ownerInsurance },
  },
} as const satisfies Record<string, KindDescription>;

export type TemplateKind = keyof typeof templateKinds;

/** What is said of a kind, whichever it is. */
export const describeKind = (kind: TemplateKind): KindDescription => templateKinds[kind];

/** Tells the name of a kind from any other text. */
export const isTemplateKind = (text: string): text is TemplateKind => Object.hasOwn(templateKinds, text);

/** The data of a kind as an example: what its templates are checked against, and previewed with. */
export const exampleOf = (kind: TemplateKind): Readonly<Record<string, FieldExample>> =>
  Object.fromEntries(Object.entries(describeKind(kind).fields).map(([name, { example }]) => [name, example]));
