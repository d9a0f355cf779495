import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import {
  LETTER_NAME,
  letterReasons,
  type CampaignIn,
  type FiledPrint,
  type LetterToList,
  type ListedPerson,
} from '#libs/campaign';
import { fullName } from '#libs/directory';
import type { NamedDocument } from '#libs/letter';
import { eligibility, ineligibilities, kindOfList } from '#libs/reminders';
import type { FiledDocumentRow } from '#projections/filed-documents';
import type { ReminderRow } from '#projections/reminders';
import type { PartyRow } from '#projections/third-parties';
import { sentenceOfRefusal } from '../failures.js';

/** What the letters of a draft are made from, as the read models have it now. */
export interface Sources {
  /** By id. */
  readonly lines: ReadonlyMap<string, ReminderRow>;
  /** By code. */
  readonly parties: ReadonlyMap<string, PartyRow>;
  /** The latest document of the chosen category, by the code of its third party. */
  readonly filed: ReadonlyMap<string, FiledDocumentRow>;
}

/** One letter as the recapitulation shows it (manual IV, screen 3). */
export interface RecapRow {
  readonly letter: LetterToList;
  readonly ticked: boolean;
  /** Name of the letter's own PDF. */
  readonly letterName: string;
  /** A category is joined, and nothing of it is filed for this recipient. */
  readonly lacksFiled: boolean;
  /** Documents that will go out, the acknowledgement not counted: the column « Commande ». */
  readonly documents: number;
}

export interface Recap {
  readonly rows: readonly RecapRow[];
  /** Rows that would be sent: ticked and without an obstacle. */
  readonly sendable: number;
  /** All that would be sent are professionals. */
  readonly professionalsOnly: boolean;
  /** Fingerprint of all that is shown but the ticks: another one means that somebody has to look again. */
  readonly contents: string;
  /** Fingerprint of what would be sent. */
  readonly listing: string;
}

/** What a campaign would send now. */
export function recapOf(draft: CampaignIn<'draft'>, sources: Sources): Recap {
  const rows = draft.lines.map((lineId, row) => recapRow(draft, sources, lineId, row));
  const sent = rows.filter(({ ticked }) => ticked);
  const sendable = sent.filter(({ letter }) => letter.obstacle === undefined);
  const { settings, category, files } = draft;
  const common = { settings, category, files };
  return {
    rows,
    sendable: sendable.length,
    professionalsOnly: sendable.every(({ letter }) => letter.professional),
    contents: fingerprint({ ...common, letters: rows.map(({ letter }) => letter) }),
    listing: fingerprint({ ...common, letters: sent.map(({ letter }) => letter) }),
  };
}

/** The rows that are handed to `list`. */
export const lettersOf = ({ rows }: Recap): readonly LetterToList[] =>
  rows.filter(({ ticked }) => ticked).map(({ letter }) => letter);

/** The same however its fields are ordered (RFC 8785); what is undefined does not count. */
function fingerprint(value: unknown): string {
  const text = canonicalize(JSON.parse(JSON.stringify(value))) ?? '';
  return createHash('sha256').update(text).digest('hex');
}

function recapRow(draft: CampaignIn<'draft'>, sources: Sources, lineId: string, row: number): RecapRow {
  const line = sources.lines.get(lineId);
  const party = line && sources.parties.get(line.partyCode);
  const filed = line && draft.category ? sources.filed.get(line.partyCode) : undefined;
  const obstacle = obstacleOf(draft, line, party, filed);
  const letter: LetterToList = {
    row,
    lineId,
    partyCode: line?.partyCode ?? '',
    partyKind: kindOfList[draft.list],
    dossier: line?.dossier ?? '',
    professional: party?.professional ?? false,
    ...(filed && { filed: printOf(filed) }),
    ...(obstacle && { obstacle }),
    person: personOf(party, filed),
  };
  return {
    letter,
    ticked: !draft.unticked.has(row),
    letterName: line?.document?.name ?? LETTER_NAME,
    lacksFiled: draft.category !== null && line !== undefined && filed === undefined,
    documents: 1 + (filed ? 1 : 0) + draft.files.length,
  };
}

function obstacleOf(
  { settings, category }: CampaignIn<'draft'>,
  line: ReminderRow | undefined,
  party: PartyRow | undefined,
  filed: FiledDocumentRow | undefined,
): string | undefined {
  if (!line) return 'LINE_UNKNOWN';
  const judged = eligibility(line, party);
  if (!judged.eligible) return judged.reason;
  if (settings?.otp && !judged.canReceiveCode) return 'OTP_WITHOUT_MOBILE';
  return category?.whenMissing === 'leave-out' && !filed ? 'FILED_MISSING' : undefined;
}

const printOf = ({ documentId, sha256, size, pages }: FiledDocumentRow): FiledPrint => ({
  documentId,
  sha256,
  size,
  pages,
});

function personOf(party: PartyRow | undefined, filed: FiledDocumentRow | undefined): ListedPerson {
  const filedName = filed?.name;
  const named = filedName ? { filedName } : {};
  if (!party?.details) return { name: '', email: '', ...named };
  const { civility, email, mobile } = party.details;
  return {
    ...(civility ? { civility } : {}),
    name: fullName(party.details),
    email,
    ...(mobile ? { mobile } : {}),
    ...named,
  };
}

const REASONS: Readonly<Record<string, string>> = { ...ineligibilities, ...letterReasons };

/** Why a letter cannot be sent, or was not, as people read it. */
export const sentenceOfReason = (code: string): string =>
  REASONS[code] ?? sentenceOfRefusal(code) ?? letterReasons.UNEXPECTED;

/** The documents that go out with every letter, as a page lists them. */
export type CommonFile = Pick<NamedDocument, 'name' | 'sha256' | 'size'>;
