import { addressLines, fullName } from '#libs/directory';
import {
  describeReminderEvent,
  ineligibilities,
  levelLabels,
  listLabels,
  reminderStatusLabels,
  shownData,
  type Eligibility,
  type KnownReminder,
  type LineData,
  type ReminderList,
} from '#libs/reminders';
import { partyAddress } from '../parties/party-page.js';
import { lineAddress } from './reminder-answers.js';
import type { JudgedLine, OwnLine } from './reminder-lists.js';

/** Where a list is; the first one is there without being named. */
export function listAddress(list: ReminderList, filters: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams({ ...(list === 'unpaid' ? {} : { liste: list }), ...filters }).toString();
  return text === '' ? '/relances' : `/relances?${text}`;
}

/** The one thing that a list is about, in a few words. */
const SUBJECT: Readonly<Record<ReminderList, readonly string[]>> = {
  unpaid: ['montantDu', 'periode'],
  insurance: ['justificatif'],
  'owner-insurance': ['bien'],
};

function subjectOf(list: ReminderList, data: LineData | null): string {
  if (!data) return 'Données effacées';
  const shown = new Map(shownData(list, data).map(({ key, value }) => [key, value]));
  return SUBJECT[list].flatMap((key) => shown.get(key) || []).join(' · ');
}

/** What the pages say of whether a line may become a letter, and in which colour of pli.css. */
function standingOf(
  status: KnownReminder['status'],
  verdict: Eligibility,
): { label: string; tag: string; reason: string | undefined } {
  if (verdict.eligible) {
    return {
      label: 'Éligible',
      tag: 'signed',
      reason: verdict.canReceiveCode ? undefined : 'Sans mobile : pas de code par SMS.',
    };
  }
  if (status !== 'open') {
    return { label: reminderStatusLabels[status], tag: status === 'sent' ? 'notified' : '', reason: undefined };
  }
  return { label: 'Non éligible', tag: 'expired', reason: ineligibilities[verdict.reason] };
}

/** A row of a list. */
export function lineRow({ row, party, verdict }: JudgedLine): Record<string, unknown> {
  const { lineId, list, level, partyCode, dossier, data, status, letterId } = row;
  return {
    lineId,
    href: lineAddress(lineId),
    partyCode,
    name: party?.details ? [party.details.civility, fullName(party.details)].filter(Boolean).join(' ') : undefined,
    subject: subjectOf(list, data),
    level: levelLabels[level],
    dossier,
    isOpen: status === 'open',
    isEligible: verdict.eligible,
    letter: letterId === null ? undefined : `/lettres/${letterId}`,
    ...standingOf(status, verdict),
  };
}

/**
 * What the page of one line shows.
 *
 * @param people names of those who acted, by their actor's text.
 */
export function linePage(
  { state, party, verdict, events }: OwnLine,
  people: ReadonlyMap<string, string>,
): { title: string } & Record<string, unknown> {
  const { lineId, list, level, partyCode, dossier, document, status } = state;
  const data = state.data === 'erased' ? null : state.data;
  const details = party && party.details !== 'erased' ? party.details : undefined;
  return {
    title: `Relance ${lineId}`,
    lineId,
    address: lineAddress(lineId),
    back: listAddress(list),
    list: listLabels[list],
    listId: list,
    level: levelLabels[level],
    dossier,
    partyCode,
    party: details && {
      href: partyAddress(partyCode),
      name: [details.civility, fullName(details)].filter(Boolean).join(' '),
      email: details.email,
      address: details.address && addressLines(details.address).join(', '),
    },
    fields: data ? shownData(list, data).filter(({ value }) => value !== '') : [],
    isErased: data === null,
    document: document && { ...document, name: document.name ?? 'Document' },
    letter: data && (document || details) ? `${lineAddress(lineId)}/lettre` : undefined,
    sent: state.status === 'sent' ? `/lettres/${state.letterId}` : undefined,
    isOpen: status === 'open',
    isWithdrawn: status === 'withdrawn',
    isEligible: verdict.eligible,
    standing: standingOf(status, verdict),
    timeline: events
      .map(({ event, metadata }) => ({
        at: event.data.at,
        line: describeReminderEvent(event),
        by: people.get(metadata.actor),
      }))
      .toReversed(),
  };
}
