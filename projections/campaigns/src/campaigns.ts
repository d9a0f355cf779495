import type { Collection, Db } from 'mongodb';
import type { CampaignStatus, CampaignTerms, LetterOutcome, LetterResult, ResultCounts } from '#libs/campaign';
import type { Position } from '#libs/event-store';
import type { Instant } from '#libs/letter';
import type { ReminderList } from '#libs/reminders';
import { ReadModel } from '#projections/engine';
import { campaignsProjection } from './projection.js';

/** Settings as they were chosen last; the e-mail address is null once the campaign's key has been destroyed. */
export interface KeptSettings extends CampaignTerms {
  readonly agencyEmail: string | null;
}

/** A campaign as a list shows it. */
export interface CampaignRow {
  readonly campaignId: string;
  readonly list: ReminderList;
  readonly status: CampaignStatus;
  /** Ticked lines that it was drafted from. */
  readonly lines: number;
  readonly draftedAt: Instant;
  /** Null before it was started. */
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  /** Letters that were started, those included that could not be sent; null before. */
  readonly letters: number | null;
  readonly counts: ResultCounts;
}

export interface CampaignPage {
  /** Latest first. */
  readonly rows: readonly CampaignRow[];
  /** `after` of the next page; null on the last one. */
  readonly next: string | null;
}

/** One letter of a campaign. What it says of a person is null once the campaign's key has been destroyed. */
export interface CampaignLetterRow {
  /** The place of its line in the campaign, from 0. */
  readonly row: number;
  readonly lineId: string;
  readonly partyCode: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly filedName: string | null;
  readonly result: LetterResult | null;
}

export interface LetterPage {
  /** In the order of the lines. */
  readonly rows: readonly CampaignLetterRow[];
  /** `from` of the next page; null on the last one. */
  readonly next: number | null;
}

export interface LettersQuery {
  /** Only letters that came to this; `pending` ones have no result yet. */
  readonly outcome?: LetterOutcome | 'pending' | undefined;
  /** The first row shown; 0 when absent. */
  readonly from?: number | undefined;
  /** Letters on a page. */
  readonly limit: number;
}

/** A campaign that is to be brought to its end. */
export interface UnfinishedCampaign {
  readonly campaignId: string;
  readonly agencyId: string;
}

interface StoredCampaign extends Omit<CampaignRow, 'counts'> {
  readonly _id: string;
  readonly kind: 'campaign';
  readonly agencyId: string;
  readonly listing?: string;
  readonly settings?: KeptSettings;
  readonly settingsAt?: Instant;
  readonly counts?: ResultCounts;
}

interface StoredLetter extends Omit<CampaignLetterRow, 'result'> {
  readonly _id: string;
  readonly kind: 'letter';
  readonly campaignId: string;
  readonly listing: string;
  readonly unticked?: boolean;
  readonly outcome: LetterOutcome | 'pending';
  readonly reason?: string;
  readonly letterId?: string;
  readonly reference?: string;
}

const NONE: ResultCounts = { submitted: 0, failed: 0, skipped: 0 };

/** Answers what an agency has sent in one go. Every question but the worker's names the agency: another one's do not exist for it. */
export class Campaigns {
  readonly #model: ReadModel<StoredCampaign | StoredLetter>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, campaignsProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** See `ReadModel.mark`: of all campaigns of an agency, or of one with its letters. */
  mark(agencyId: string, campaignId?: string): Promise<string> {
    return this.#model.mark(campaignId === undefined ? { kind: 'campaign', agencyId } : { campaignId });
  }

  /** @param after `next` of the page before. */
  async list(agencyId: string, { limit, after }: { limit: number; after?: string | undefined }): Promise<CampaignPage> {
    const older = after === undefined ? {} : { campaignId: { $lt: after } };
    // One more than shown tells whether there is a next page; ids of campaigns are in the order of their making.
    const found = await (
      await this.#campaigns()
    )
      .find({ kind: 'campaign', agencyId, status: { $ne: 'abandoned' }, ...older })
      .sort({ campaignId: -1 })
      .limit(limit + 1)
      .toArray();
    const shown = found.slice(0, limit);
    const rows = await Promise.all(shown.map((stored) => this.#rowOf(stored)));
    return { rows, next: found.length > limit ? (shown.at(-1)?.campaignId ?? null) : null };
  }

  /** One of the agency's campaigns; undefined where it has none of that id. */
  async find(agencyId: string, campaignId: string): Promise<CampaignRow | undefined> {
    const found = await this.#stored(agencyId, campaignId);
    return found && this.#rowOf(found);
  }

  /** The letters that a campaign was started with. */
  async letters(agencyId: string, campaignId: string, query: LettersQuery): Promise<LetterPage> {
    const stored = await this.#stored(agencyId, campaignId);
    if (!stored || stored.startedAt === null) return { rows: [], next: null };
    const { outcome, from = 0, limit } = query;
    const found = await (
      await this.#letters()
    )
      .find({ ...lettersOf(stored), ...(outcome && { outcome }), row: { $gte: from } })
      .sort({ row: 1 })
      .limit(limit + 1)
      .toArray();
    return { rows: found.slice(0, limit).map(letterOf), next: found[limit]?.row ?? null };
  }

  /** The settings that the agency has chosen last, for its next campaign. */
  async lastSettings(agencyId: string): Promise<KeptSettings | undefined> {
    const [latest] = await (
      await this.#campaigns()
    )
      .find({ agencyId, settingsAt: { $exists: true } })
      .sort({ settingsAt: -1 })
      .limit(1)
      .toArray();
    return latest?.settings;
  }

  /** Campaigns that were started and have letters without a result, of all agencies, oldest first. */
  async unfinished(limit: number): Promise<readonly UnfinishedCampaign[]> {
    const found = await (
      await this.#campaigns()
    )
      .find({ status: 'running' })
      .sort({ startedAt: 1 })
      .limit(limit)
      .toArray();
    return found.map(({ campaignId, agencyId }) => ({ campaignId, agencyId }));
  }

  async #stored(agencyId: string, campaignId: string): Promise<StoredCampaign | undefined> {
    return (await (await this.#campaigns()).findOne({ kind: 'campaign', agencyId, campaignId })) ?? undefined;
  }

  /** A projection cannot count; while a campaign runs its results are counted when they are asked for. */
  async #rowOf(stored: StoredCampaign): Promise<CampaignRow> {
    const { campaignId, list, status, lines, draftedAt, startedAt, finishedAt, letters } = stored;
    const counts = stored.counts ?? (status === 'running' ? await this.#count(stored) : NONE);
    return { campaignId, list, status, lines, draftedAt, startedAt, finishedAt, letters, counts };
  }

  async #count(stored: StoredCampaign): Promise<ResultCounts> {
    const groups = await (
      await this.#letters()
    )
      .aggregate<{ _id: LetterOutcome | 'pending'; count: number }>([
        { $match: lettersOf(stored) },
        { $group: { _id: '$outcome', count: { $sum: 1 } } },
      ])
      .toArray();
    const { pending: _pending, ...counts } = Object.fromEntries(groups.map(({ _id, count }) => [_id, count]));
    return { ...NONE, ...counts };
  }

  async #campaigns(): Promise<Collection<StoredCampaign>> {
    return (await this.#model.collection()) as unknown as Collection<StoredCampaign>;
  }

  async #letters(): Promise<Collection<StoredLetter>> {
    return (await this.#model.collection()) as unknown as Collection<StoredLetter>;
  }
}

/** A row that was listed before the last change, or unticked since, is not among the letters that were started. */
const lettersOf = ({ campaignId, listing }: StoredCampaign) => ({
  kind: 'letter' as const,
  campaignId,
  listing: listing ?? '',
  unticked: { $ne: true },
});

function letterOf({ row, lineId, partyCode, name, email, filedName, ...told }: StoredLetter): CampaignLetterRow {
  return { row, lineId, partyCode, name, email, filedName, result: resultOf(row, told) };
}

function resultOf(
  row: number,
  { outcome, reason = '', letterId = '', reference = '' }: Partial<StoredLetter>,
): LetterResult | null {
  if (outcome === undefined || outcome === 'pending') return null;
  return outcome === 'submitted' ? { row, outcome, letterId, reference } : { row, outcome, reason };
}
