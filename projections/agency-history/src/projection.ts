import type { LetterEvent, LetterStatus } from '#libs/letter';
import { statusLabels } from '#libs/letter';
import type { Write } from '#projections/engine';
import { beginnings, projection, searchTerms, write } from '#projections/engine';

const PREFIX = 'letter-';

type Shown = Exclude<LetterStatus, 'unknown'>;

/** Column "Message" of the history (manual II.2): where the letter stands, and what the agency has to do. */
const messages: Readonly<Record<Shown, string>> = {
  submitted: 'Dépôt en cours',
  'deposit-failed': 'Le dépôt a échoué : créez un nouvel envoi',
  deposited: 'Lettre déposée, avis au destinataire en cours d’envoi',
  'notification-failed': 'Avis refusé par la messagerie : corrigez l’adresse e-mail',
  notified: 'Processus de signature initialisé ou en cours',
  accepted: 'Processus de signature initialisé ou en cours',
  signed: 'Processus de signature terminé',
  refused: 'Lettre refusée par le destinataire',
  expired: 'Délai dépassé, lettre non réclamée',
};

const ALERT = 'Échéance proche, pas encore de signature';

const letterOf = (stream: string): string => stream.slice(PREFIX.length);

const status = (name: Shown): Write['set'] => ({ status: name, tag: statusLabels[name], message: messages[name] });

type At = { readonly stream: string; readonly event: { readonly data: { readonly at: string } } };

const becomes =
  (name: Shown, also: Write['set'] = {}) =>
  ({ stream, event }: At): Write =>
    write(letterOf(stream), { ...status(name), ...also, changedAt: event.data.at });

/** What changes nothing of the row but that the letter's page has a line more. */
const noted = ({ stream, event }: At): Write => write(letterOf(stream), { changedAt: event.data.at });

/** A list in its order: whoever asks for no kind or status asks for each, and the index merges them (see docs/decisions/0017). */
const inOrder = { agencyId: 1, archived: 1, partyKind: 1, status: 1, date: -1, _id: -1 } as const;

/** The history screen of an agency (manual II.2): a row for each letter. */
export const agencyHistoryProjection = projection<LetterEvent>({
  name: 'agency-history',
  version: 3,
  prefixes: [PREFIX],
  indexes: [
    { key: inOrder },
    // `alert` at the end, so that counting needs the index alone.
    { name: 'alerts', key: { ...inOrder, alert: 1 }, partialFilterExpression: { alert: true } },
    { key: { agencyId: 1, archived: 1, searchTerms: 1 } },
    { key: { agencyId: 1, archived: 1, beginnings: 1, date: -1, _id: -1 } },
    { key: { agencyId: 1, position: -1 } },
  ],
  on: {
    Submitted: ({ stream, event: { data, personal } }) => {
      const name = personal && [personal.recipient.civility, personal.recipient.name].filter(Boolean).join(' ');
      const terms = searchTerms(name, data.partyCode, data.dossier, data.reference);
      return write(letterOf(stream), {
        agencyId: data.agencyId,
        reference: data.reference,
        number: data.partyCode,
        partyKind: data.partyKind,
        name: name ?? null,
        code: data.dossier,
        date: data.at,
        expiration: null,
        commande: data.documents.length,
        professional: data.professional,
        archived: false,
        alert: false,
        printState: null,
        trackingNumber: null,
        searchTerms: terms,
        beginnings: beginnings(terms),
        ...status('submitted'),
        changedAt: data.at,
      });
    },
    Deposited: becomes('deposited'),
    DepositFailed: becomes('deposit-failed'),
    Notified: (stored) => {
      const { windowEndsAt } = stored.event.data;
      return becomes('notified', { expiration: windowEndsAt, alert: false })(stored);
    },
    NotificationFailed: becomes('notification-failed'),
    AddressCorrected: becomes('deposited'),
    OtpRequested: noted,
    OtpSent: noted,
    OtpFailed: noted,
    OtpRejected: noted,
    OtpVerified: noted,
    Accepted: becomes('accepted'),
    AlertRaised: ({ stream, event }) =>
      write(letterOf(stream), { alert: true, message: ALERT, changedAt: event.data.at }),
    Signed: becomes('signed', { alert: false }),
    Refused: becomes('refused', { alert: false }),
    Expired: becomes('expired', { alert: false }),
    ContentAccessed: noted,
    Informed: noted,
    InformFailed: noted,
    PrintRequested: ({ stream, event }) =>
      write(letterOf(stream), { printState: 'requested', changedAt: event.data.at }),
    PrintPrepared: ({ stream, event }) => write(letterOf(stream), { printState: 'prepared', changedAt: event.data.at }),
    PrintFailed: ({ stream, event }) => write(letterOf(stream), { printState: 'failed', changedAt: event.data.at }),
    PrintDownloaded: noted,
    PrintDispatched: ({ stream, event: { data } }) =>
      write(letterOf(stream), {
        printState: 'dispatched',
        trackingNumber: data.trackingNumber,
        changedAt: data.at,
      }),
    Archived: ({ stream, event }) => write(letterOf(stream), { archived: true, changedAt: event.data.at }),
    Reactivated: ({ stream, event }) => write(letterOf(stream), { archived: false, changedAt: event.data.at }),
  },
});
