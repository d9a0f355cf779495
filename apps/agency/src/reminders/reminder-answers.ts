import { ineligibilities, type Eligibility, type LineData, type SuppliedDocument } from '#libs/reminders';
import type { JudgedLine, OwnLine } from './reminder-lists.js';

/** Where the page of a line is. */
export const lineAddress = (lineId: string): string => `/relances/lignes/${encodeURIComponent(lineId)}`;

/** Where programs find a line. */
export const lineResource = (lineId: string): string => `/api/reminders/${encodeURIComponent(lineId)}`;

/** A line of a list as programs read it. */
export function rowAnswer({ row, verdict }: JudgedLine): object {
  const { agencyId: _agencyId, data, document, ...told } = row;
  return { ...told, data, ...furtherAnswer(row.lineId, document, verdict) };
}

/** One line as programs read it. */
export function lineAnswer({ state, verdict, events }: OwnLine): object {
  const { lineId, list, level, partyCode, dossier, status, document } = state;
  const data: LineData | null = state.data === 'erased' ? null : state.data;
  const { campaignId, letterId } = state.status === 'sent' ? state : { campaignId: null, letterId: null };
  const times = { receivedAt: events[0]?.event.data.at, changedAt: events.at(-1)?.event.data.at };
  const told = { lineId, list, level, partyCode, dossier, status, campaignId, letterId, ...times, data };
  return { ...told, ...furtherAnswer(lineId, document, verdict) };
}

function furtherAnswer(lineId: string, document: SuppliedDocument | null, verdict: Eligibility): object {
  const isEligible = verdict.eligible;
  return {
    document: document && { ...document, href: `${lineResource(lineId)}/document` },
    eligible: isEligible,
    canReceiveCode: isEligible ? verdict.canReceiveCode : null,
    reason: isEligible ? null : { code: verdict.reason, sentence: ineligibilities[verdict.reason] },
    links: { self: lineResource(lineId), page: lineAddress(lineId) },
  };
}
