import {
  addressLines,
  consentMeansLabels,
  fullName,
  mayReceive,
  partyTimeline,
  type Consent,
  type ConsentProof,
} from '#libs/directory';
import { dates } from '#libs/web';
import type { PartyRow } from '#projections/third-parties';
import { partyKindLabels } from '../letters/letter-page.js';
import type { OwnParty } from './directory.js';

/** Where the page of a third party is. */
export const partyAddress = (code: string): string => `/tiers/${encodeURIComponent(code)}`;

/** A calendar day as the pages write it; noon in UTC is the same day in Paris. */
const frenchDay = (day: string): string => dates.day(`${day}T12:00:00.000Z`);

/** What the pages say of whether letters may be sent, and in which colour of pli.css. */
function standing(professional: boolean, consent: Consent['status']): { label: string; tag: string } {
  if (consent === 'given') return { label: 'Accord donné', tag: 'signed' };
  if (professional) return { label: 'Professionnel', tag: 'notified' };
  return consent === 'withdrawn'
    ? { label: 'Accord retiré', tag: 'refused' }
    : { label: 'Sans accord', tag: 'expired' };
}

/** A row of the list. */
export function partyLine(row: PartyRow): Record<string, unknown> {
  const { code, kind, professional, details, consent } = row;
  return {
    code,
    href: partyAddress(code),
    name: details ? [details.civility, fullName(details)].filter(Boolean).join(' ') : 'Données effacées',
    kind: partyKindLabels[kind],
    email: details?.email,
    mobile: details?.mobile,
    ...standing(professional, consent),
  };
}

/**
 * What the page of one third party shows.
 *
 * @param people names of those who acted, by their actor's text.
 */
export function partyPage(
  { state, events }: OwnParty,
  people: ReadonlyMap<string, string>,
): { title: string } & Record<string, unknown> {
  const { code, kind, professional, details, consent, archived } = state;
  const known = details === 'erased' ? undefined : details;
  const lines = partyTimeline(events.map(({ event }) => event));
  const name = known ? fullName(known) : 'Données effacées';
  return {
    title: `${name} (${code})`,
    code,
    address: partyAddress(code),
    name,
    details: known,
    postal: known?.address && addressLines(known.address),
    kind: partyKindLabels[kind],
    professional,
    archived,
    standing: standing(professional, consent.status),
    mayReceive: mayReceive(state),
    consent: consentWords(code, consent),
    isGiven: consent.status === 'given',
    earlier: earlierProofs(state).map((proof) => proofLink(code, proof)),
    timeline: events
      .map(({ event, metadata }, index) => ({ at: event.data.at, line: lines[index], by: people.get(metadata.actor) }))
      .toReversed(),
  };
}

function earlierProofs({ consent, proofs }: OwnParty['state']): readonly ConsentProof[] {
  return consent.status === 'given' ? proofs.slice(0, -1) : proofs;
}

const proofLink = (code: string, { name, sha256 }: ConsentProof): object => ({
  name: name ?? 'Justificatif',
  href: `${partyAddress(code)}/preuves/${sha256}`,
});

function consentWords(code: string, consent: Consent): object | undefined {
  if (consent.status === 'none') return undefined;
  const given = consent.status === 'given' ? consent : consent.given;
  return {
    givenOn: frenchDay(given.givenOn),
    how: consentMeansLabels[given.how],
    proof: proofLink(code, given.proof),
    withdrawal:
      consent.status === 'withdrawn'
        ? { on: frenchDay(consent.withdrawnOn), how: consentMeansLabels[consent.how] }
        : undefined,
  };
}

const links = (code: string): object => ({
  self: `/api/third-parties/${encodeURIComponent(code)}`,
  page: partyAddress(code),
});

const NOTHING_PERSONAL = { civility: null, name: null, secondName: null, email: null, mobile: null, address: null };

/** A row of the list as programs read it. */
export function partyRowAnswer(row: PartyRow): object {
  const { code, kind, professional, details, consent, consentDay, archived, changedAt } = row;
  return {
    code,
    kind,
    professional,
    ...NOTHING_PERSONAL,
    ...details,
    mayReceive: professional || consent === 'given',
    consent: { status: consent, on: consentDay },
    archived,
    changedAt,
    links: links(code),
  };
}

/** A third party as programs read it. */
export function partyAnswer({ state, events }: OwnParty): object {
  const { code, kind, professional, details, consent, archived } = state;
  return {
    code,
    kind,
    professional,
    ...NOTHING_PERSONAL,
    ...(details === 'erased' ? {} : details),
    mayReceive: mayReceive(state),
    consent: consentAnswer(code, consent),
    archived,
    links: links(code),
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

function consentAnswer(code: string, consent: Consent): object {
  if (consent.status === 'none') return { status: 'none' };
  const { givenOn, how, proof } = consent.status === 'given' ? consent : consent.given;
  const { name, ...print } = proof;
  const href = `/api/third-parties/${encodeURIComponent(code)}/proofs/${proof.sha256}`;
  const given = { givenOn, how, proof: { ...print, name, href } };
  if (consent.status === 'given') return { status: 'given', ...given };
  return { status: 'withdrawn', ...given, withdrawnOn: consent.withdrawnOn, withdrawnHow: consent.how };
}
