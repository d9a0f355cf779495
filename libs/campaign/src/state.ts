import type { Instant, NamedDocument } from '#libs/letter';
import type { ReminderList } from '#libs/reminders';
import type {
  CampaignEvent,
  CampaignEventOf,
  CampaignTerms,
  CategoryChoice,
  LetterResult,
  ListedLetter,
  ListedPerson,
  ResultCounts,
} from './events.js';

export interface CampaignSettings extends CampaignTerms {
  /** Null once the campaign's key has been destroyed. */
  readonly agencyEmail: string | null;
}

/** A letter as it was listed; its recipient is null once the campaign's key has been destroyed. */
export interface CampaignLetter extends ListedLetter {
  readonly person: ListedPerson | null;
}

interface Drafted {
  readonly agencyId: string;
  readonly list: ReminderList;
  /** Ids of the lines; a row is the place in it. */
  readonly lines: readonly string[];
  readonly draftedAt: Instant;
  /** Null before the first step of the wizard. */
  readonly settings: CampaignSettings | null;
  readonly category: CategoryChoice | null;
  /** The same for all recipients, in the order of their choosing. */
  readonly files: readonly NamedDocument[];
  /** Rows that the agency does not want to be sent. */
  readonly unticked: ReadonlySet<number>;
  /** By row; of the last listing. */
  readonly letters: ReadonlyMap<number, CampaignLetter>;
}

interface Sending extends Drafted {
  readonly settings: CampaignSettings;
  readonly agencyCode: string;
  /** Null once the campaign's key has been destroyed. */
  readonly senderName: string | null;
  readonly startedAt: Instant;
  /** By row. A letter without a result is still to be sent. */
  readonly results: ReadonlyMap<number, LetterResult>;
}

export type Campaign =
  | { readonly status: 'unknown' }
  | (Drafted & { readonly status: 'draft'; readonly listing: string | null })
  | (Drafted & { readonly status: 'abandoned' })
  | (Sending & { readonly status: 'running' })
  | (Sending & { readonly status: 'finished'; readonly finishedAt: Instant; readonly counts: ResultCounts });

export type CampaignStatus = Exclude<Campaign['status'], 'unknown'>;
export type CampaignIn<Status extends Campaign['status']> = Extract<Campaign, { status: Status }>;

/** Stored events that no decision can have produced in this order: the stream was altered, or belongs to another type. */
export class BrokenCampaignHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(type: string) {
    super(`A campaign cannot have ${type} at this place: verify the stream against its chain before using it.`);
    this.name = 'BrokenCampaignHistory';
  }
}

export const initial: Campaign = { status: 'unknown' };

/** Folds one event into the campaign. Throws `BrokenCampaignHistory` on an event that cannot follow. */
export function evolve(state: Campaign, event: CampaignEvent): Campaign {
  switch (state.status) {
    case 'unknown':
      return begun(event);
    case 'draft':
      return drafted(state, event);
    case 'running':
      return settled(state, event);
    case 'abandoned':
    case 'finished':
      throw new BrokenCampaignHistory(event.type);
  }
}

function begun(event: CampaignEvent): Campaign {
  if (event.type !== 'CampaignDrafted') throw new BrokenCampaignHistory(event.type);
  const { agencyId, list, lines, at } = event.data;
  return {
    status: 'draft',
    agencyId,
    list,
    lines,
    draftedAt: at,
    settings: null,
    category: null,
    files: [],
    unticked: new Set(),
    listing: null,
    letters: new Map(),
  };
}

function drafted(state: CampaignIn<'draft'>, event: CampaignEvent): Campaign {
  switch (event.type) {
    case 'CampaignSettingsChosen':
      return { ...unlisted(state), settings: settingsOf(event) };
    case 'CampaignCategoryChosen':
      return { ...unlisted(state), category: event.data.choice };
    case 'CampaignFileAttached':
      return { ...unlisted(state), files: [...state.files, fileOf(event)] };
    case 'CampaignFileRemoved':
      return { ...unlisted(state), files: state.files.filter(({ sha256 }) => sha256 !== event.data.sha256) };
    case 'CampaignSelectionChanged':
      return { ...state, unticked: selected(state.unticked, event.data) };
    case 'CampaignLettersListed':
      return listed(state, event);
    case 'CampaignStarted':
      return started(state, event);
    case 'CampaignAbandoned': {
      const { listing: _listing, ...given } = state;
      return { ...given, status: 'abandoned' };
    }
    case 'CampaignDrafted':
    case 'CampaignLettersSettled':
    case 'CampaignFinished':
      throw new BrokenCampaignHistory(event.type);
    default:
      return neverHappens(event);
  }
}

/** What was listed before the wizard's choices changed is not sent any more. */
const unlisted = (state: CampaignIn<'draft'>): CampaignIn<'draft'> => ({ ...state, listing: null, letters: new Map() });

function settingsOf({ data, personal }: CampaignEventOf<'CampaignSettingsChosen'>): CampaignSettings {
  const { otp, retentionDays, alertDays, templates } = data;
  return { otp, retentionDays, alertDays, templates, agencyEmail: personal?.agencyEmail ?? null };
}

function fileOf({ data, personal }: CampaignEventOf<'CampaignFileAttached'>): NamedDocument {
  const { sha256, size, pages } = data;
  return { sha256, size, pages, name: personal?.name ?? 'Document.pdf' };
}

/** The rows that are not to be sent after a choice. */
function selected(
  before: ReadonlySet<number>,
  { ticked, unticked }: { readonly ticked: readonly number[]; readonly unticked: readonly number[] },
): ReadonlySet<number> {
  const rows = new Set(before);
  for (const row of ticked) rows.delete(row);
  for (const row of unticked) rows.add(row);
  return rows;
}

function listed(state: CampaignIn<'draft'>, { data, personal }: CampaignEventOf<'CampaignLettersListed'>): Campaign {
  const letters = new Map(data.listing === state.listing ? state.letters : []);
  for (const [index, letter] of data.letters.entries()) {
    letters.set(letter.row, { ...letter, person: personal?.people[index] ?? null });
  }
  return { ...state, listing: data.listing, letters };
}

function started(state: CampaignIn<'draft'>, { type, data, personal }: CampaignEventOf<'CampaignStarted'>): Campaign {
  const { listing: _listing, settings, ...given } = state;
  if (!settings) throw new BrokenCampaignHistory(type);
  const letters = new Map([...state.letters].filter(([row]) => !state.unticked.has(row)));
  if (letters.size !== data.letters) throw new BrokenCampaignHistory(type);
  const { agencyCode, at: startedAt } = data;
  const sender = { agencyCode, senderName: personal?.senderName ?? null };
  return { ...given, status: 'running', settings, letters, ...sender, startedAt, results: new Map() };
}

function settled(state: CampaignIn<'running'>, event: CampaignEvent): Campaign {
  if (event.type === 'CampaignLettersSettled') {
    const results = new Map(state.results);
    for (const result of event.data.results) {
      if (results.has(result.row) || !state.letters.has(result.row)) throw new BrokenCampaignHistory(event.type);
      results.set(result.row, result);
    }
    return { ...state, results };
  }
  if (event.type !== 'CampaignFinished' || state.results.size < state.letters.size) {
    throw new BrokenCampaignHistory(event.type);
  }
  const { at, ...counts } = event.data;
  return { ...state, status: 'finished', finishedAt: at, counts };
}

/** Makes an event type that `drafted` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenCampaignHistory((event as CampaignEvent).type);
}
