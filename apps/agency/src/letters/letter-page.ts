import { describeEvent, statusLabels } from '#libs/letter';
import { proofLabels, proofStatusLabels, type Proof } from '#libs/proof';
import { dates } from '#libs/web';
import type { HistoryRow } from '#projections/agency-history';
import {
  documentsOf,
  type ExistingLetter,
  type ListedDocument,
  type OwnLetter,
  type ProvedLetter,
} from './own-letters.js';
import { situationOf } from './situation.js';

export const partyKindLabels = { tenant: 'Locataire', owner: 'Propriétaire' } as const;

/** What the page of one letter shows. */
export function letterPage({
  letterId,
  state,
  events,
  proofs,
}: ProvedLetter): { title: string } & Record<string, unknown> {
  const { terms, parties } = state;
  return {
    title: terms.reference,
    letterId,
    terms,
    tag: tagOf(state.status),
    label: statusLabels[state.status],
    partyKind: partyKindLabels[terms.partyKind],
    parties: parties === 'erased' ? undefined : parties,
    situation: situationOf(state),
    bounced: state.status === 'notification-failed' ? bounceWords(events) : undefined,
    until: 'windowEndsAt' in state ? dates.lastDay(state.windowEndsAt) : undefined,
    packageNumber: state.status === 'signed' ? state.packageNumber : undefined,
    documents: documentsOf(state).map((document) => documentLine(letterId, document)),
    proofs: proofs.map((proof) => proofLine(letterId, proof)),
    timeline: events.map(({ event }) => ({ at: event.data.at, line: describeEvent(event) })),
  };
}

/** Class of a status in pli.css. */
export const tagOf = (status: string): string => (status.endsWith('failed') ? 'failed' : status);

/** What the mail system answered to the last notice; undefined once personal data are erased. */
function bounceWords(events: OwnLetter['events']): string | undefined {
  const bounce = events.map(({ event }) => event).findLast((event) => event.type === 'NotificationFailed');
  return bounce?.personal?.response;
}

function documentLine(letterId: string, { name, kind, sha256, size, pages }: ListedDocument): Record<string, unknown> {
  return {
    name,
    isAcknowledgement: kind === 'acknowledgement',
    href: `/lettres/${letterId}/documents/${sha256}`,
    pages: `${pages} page${pages > 1 ? 's' : ''}`,
    size: sizeInWords(size),
    sha256,
  };
}

function proofLine(letterId: string, proof: Proof): object {
  return {
    name: proofLabels[proof.kind],
    at: proof.status === 'issued' ? proof.time : proof.sealedAt,
    where: proofStatusLabels[proof.status],
    isDelayed: proof.status === 'delayed',
    href: proof.status === 'issued' ? `/lettres/${letterId}/documents/${proof.document.sha256}` : undefined,
  };
}

/** Sizes as people in France read them, in thousands of bytes. */
export function sizeInWords(bytes: number): string {
  const [amount, unit] = bytes >= 1_000_000 ? [bytes / 1_000_000, 'Mo'] : [Math.max(1, bytes / 1000), 'ko'];
  return `${amount.toLocaleString('fr-FR', { maximumFractionDigits: unit === 'Mo' ? 1 : 0 })}\u00a0${unit}`;
}

/** A row of the history as programs read it, in the words of the letter itself. */
export function rowAnswer(row: HistoryRow): object {
  const { letterId, reference, status, tag, message, number, name, partyKind, code, date, expiration } = row;
  return {
    id: letterId,
    reference,
    status,
    statusLabel: tag,
    message,
    partyKind,
    partyCode: number,
    recipientName: name,
    dossier: code,
    submittedAt: date,
    windowEndsAt: expiration,
    documents: row.commande,
    professional: row.professional,
    archived: row.archived,
    alert: row.alert,
    links: { self: `/api/letters/${letterId}`, page: `/lettres/${letterId}` },
  };
}

/** The same letter as programs read it. */
export function letterAnswer({ letterId, state, events, proofs }: ProvedLetter): object {
  return {
    ...summary(letterId, state),
    documents: documentsOf(state).map((document) => ({
      ...document,
      href: `/api/letters/${letterId}/documents/${document.sha256}`,
    })),
    proofs: proofs.map((proof) => proofAnswer(letterId, proof)),
    events: events.map(({ event, revision, id, recordedAt, metadata }) => ({
      revision: Number(revision),
      id,
      type: event.type,
      at: event.data.at,
      recordedAt: recordedAt.toISOString(),
      data: event.data,
      chain: metadata.chain,
    })),
  };
}

function proofAnswer(letterId: string, proof: Proof): object {
  const { kind, status, sealedAt } = proof;
  const known = { event: proof.proof, kind, label: proofLabels[kind], status, sealedAt };
  if (status !== 'issued') return { ...known, timestampedAt: null, authority: null };
  const { time, authority, document } = proof;
  const href = `/api/letters/${letterId}/documents/${document.sha256}`;
  return { ...known, timestampedAt: time, authority, ...document, href };
}

function summary(letterId: string, state: ExistingLetter): object {
  const { terms, parties } = state;
  const { reference, dossier, partyCode, partyKind, professional, otp, retentionDays, alertDays, legalProfile } = terms;
  return {
    id: letterId,
    reference,
    status: state.status,
    statusLabel: statusLabels[state.status],
    message: situationOf(state).sentence,
    dossier,
    partyCode,
    partyKind,
    professional,
    otp,
    retentionDays,
    alertDays,
    legalProfile,
    submittedAt: terms.at,
    depositedAt: 'depositedAt' in state ? state.depositedAt : null,
    notifiedAt: 'notifiedAt' in state ? state.notifiedAt : null,
    windowEndsAt: 'windowEndsAt' in state ? state.windowEndsAt : null,
    acceptedAt: 'acceptedAt' in state ? state.acceptedAt : null,
    signedAt: state.status === 'signed' ? state.signedAt : null,
    packageNumber: state.status === 'signed' ? state.packageNumber : null,
    refusedAt: state.status === 'refused' ? state.refusedAt : null,
    expiredAt: state.status === 'expired' ? state.expiredAt : null,
    archived: state.archived,
    sender: parties === 'erased' ? null : parties.sender,
    recipient: parties === 'erased' ? null : parties.recipient,
  };
}
