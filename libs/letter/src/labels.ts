import type { EventOf, Information, InformedParty, LetterEvent, LetterEventType } from './events.js';
import type { LetterStatus } from './state.js';

/** What an agency reads as a letter's status. */
export const statusLabels: Readonly<Record<Exclude<LetterStatus, 'unknown'>, string>> = {
  submitted: 'En cours de dépôt',
  'deposit-failed': 'Échec du dépôt',
  deposited: 'Déposé',
  'notification-failed': 'Échec de notification',
  notified: 'Notifié',
  accepted: 'Accepté',
  signed: 'Signé',
  refused: 'Refusé',
  expired: 'Expiré',
};

const days = new Intl.DateTimeFormat('fr-FR', {
  timeZone: 'Europe/Paris',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
});

/** The last day on which the recipient may answer, as people in France write it (`04/04/2018`): it ends at 24:00. */
export function lastDayLabel(windowEndsAt: string): string {
  return days.format(Date.parse(windowEndsAt) - 1);
}

const parties: Readonly<Record<InformedParty, string>> = { agency: 'agence', recipient: 'destinataire' };

const subjects: Readonly<Record<Information, string>> = {
  'deposit-proof': 'la preuve de dépôt',
  bounce: 'l’échec de notification',
  alert: 'l’échéance proche',
  'notice-reminder': 'le rappel avant l’échéance',
  refusal: 'le refus',
  expiry: 'le délai dépassé',
  confirmation: 'la signature',
  'signed-documents': 'les documents signés',
};

function counted(count: number, singular: string): string {
  return `${count} ${singular}${count > 1 ? 's' : ''}`;
}

function withReason(line: string, reason: string | undefined): string {
  return reason ? `${line} : ${reason}` : line;
}

const lines: { readonly [Type in LetterEventType]: (event: EventOf<Type>) => string } = {
  Submitted: ({ data, personal }) =>
    withReason(`Envoi demandé, ${counted(data.documents.length, 'document')}`, personal?.recipient.name),
  Deposited: () => 'Lettre déposée, accusé de réception établi',
  DepositFailed: ({ data }) => `Échec du dépôt (${data.reason})`,
  Notified: ({ data }) =>
    `Avis n° ${data.notice} envoyé au destinataire, réponse possible jusqu’au ${lastDayLabel(data.windowEndsAt)} inclus`,
  NotificationFailed: ({ data, personal }) =>
    withReason(`Avis n° ${data.notice} refusé par la messagerie (code ${data.code})`, personal?.response),
  AddressCorrected: ({ personal }) => withReason('Adresse e-mail corrigée', personal?.email),
  OtpRequested: ({ data }) => `Code par SMS n° ${data.challenge} demandé par le destinataire`,
  OtpSent: ({ data }) => `Code par SMS n° ${data.challenge} envoyé`,
  OtpFailed: ({ data }) => `Code par SMS n° ${data.challenge} non remis (${data.reason})`,
  OtpRejected: ({ data }) => `Code erroné, ${counted(data.remaining, 'essai')} restant${data.remaining > 1 ? 's' : ''}`,
  OtpVerified: () => 'Identité du destinataire vérifiée par SMS',
  Accepted: () => 'Lettre acceptée par le destinataire',
  Refused: () => 'Lettre refusée par le destinataire',
  Signed: ({ data, personal }) => withReason(`Lettre signée, n° de package ${data.packageNumber}`, personal?.signatory),
  ContentAccessed: ({ data }) =>
    data.mode === 'opened' ? 'Document ouvert par le destinataire' : 'Document téléchargé par le destinataire',
  AlertRaised: ({ data }) => `Échéance proche : pas encore de signature, fin le ${lastDayLabel(data.windowEndsAt)}`,
  Expired: ({ data }) =>
    `Délai dépassé (réponse possible jusqu’au ${lastDayLabel(data.windowEndsAt)} inclus) : lettre non réclamée`,
  Informed: ({ data }) => `E-mail envoyé (${parties[data.party]}) : ${subjects[data.about]}`,
  InformFailed: ({ data }) =>
    `E-mail refusé par la messagerie, code ${data.code} (${parties[data.party]}) : ${subjects[data.about]}`,
  PrintRequested: ({ data }) =>
    `Impression sur papier demandée par ${data.by === 'sender' ? 'l’expéditeur' : 'le destinataire'}`,
  PrintPrepared: ({ data }) => `Impression prête, ${counted(Math.ceil(data.print.pages / 2), 'feuille')}`,
  PrintFailed: ({ data }) => `Impression impossible (${data.reason})`,
  PrintDownloaded: () => 'Impression téléchargée par l’agence',
  PrintDispatched: ({ data }) => `Pli papier expédié, suivi ${data.trackingNumber}`,
  Archived: () => 'Lettre archivée',
  Reactivated: () => 'Lettre réactivée',
};

/** One French line for the history of a letter. Personal details are left out once the letter's key is destroyed. */
export function describeEvent(event: LetterEvent): string {
  const line = lines[event.type] as (event: LetterEvent) => string;
  return line(event);
}
