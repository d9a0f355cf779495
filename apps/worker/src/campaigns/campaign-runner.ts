import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { CampaignLetter, LetterResult } from '#libs/campaign';
import { Campaigns } from '#projections/campaigns';
import { CampaignDesk } from './campaign-desk.js';
import { CampaignLeases } from './campaign-leases.js';
import { CampaignLetters, type RunningCampaign } from './campaign-letters.js';

/** Milliseconds between two looks for campaigns that nobody sends, unless told otherwise. */
export abstract class CampaignInterval {
  abstract readonly milliseconds: number;
}

/** Campaigns that one worker sends at the same time. */
const CAMPAIGNS_AT_ONCE = 3;
/** Letters of a campaign that are under way at the same time, at most: printed letters go to the browser together. */
const LETTERS_AT_ONCE = 100;
/** Bytes that the letters under way may hold of their largest file, once read and once encrypted. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Unfinished campaigns that are looked at in one round. */
const LOOKED_AT = 100;
/** Milliseconds before letters that failed for a reason that may pass are tried again; doubled up to the last. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/**
 * Brings campaigns that were started to their end, whatever dies on the way. The read model only says where to look; what is still to be
 * sent is told by the campaign itself.
 */
@Injectable()
export class CampaignRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Campaigns');
  private readonly stop = new AbortController();
  private readonly underWay = new Map<string, Promise<void>>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly campaigns: Campaigns,
    private readonly leases: CampaignLeases,
    private readonly letters: CampaignLetters,
    private readonly desk: CampaignDesk,
    private readonly interval: CampaignInterval,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.keepLooking();
  }

  /** Letters that are under way are finished; the others are sent by whoever looks next. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
    await Promise.all(this.underWay.values());
  }

  /** Begins to send a campaign, unless somebody does already; a worker that is busy leaves it to the next look. */
  take(campaignId: string): void {
    const isFull = this.underWay.size >= CAMPAIGNS_AT_ONCE;
    if (this.stop.signal.aborted || isFull || this.underWay.has(campaignId)) return;
    const run = this.sendLeased(campaignId)
      .catch((error: unknown) => this.logger.error(`Campaign ${campaignId} is taken up again: ${reasonOf(error)}`))
      .finally(() => this.underWay.delete(campaignId));
    this.underWay.set(campaignId, run);
  }

  private async keepLooking(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      try {
        for (const { campaignId } of await this.campaigns.unfinished(LOOKED_AT)) this.take(campaignId);
      } catch (error) {
        this.logger.warn(`No look for campaigns: ${reasonOf(error)}`);
      }
      await sleep(this.interval.milliseconds, undefined, { signal }).catch(() => undefined);
    }
  }

  private async sendLeased(campaignId: string): Promise<void> {
    const lease = await this.leases.take(campaignId);
    if (!lease) return;
    try {
      await this.send(campaignId, AbortSignal.any([lease.signal, this.stop.signal]));
    } finally {
      await lease.release();
    }
  }

  /** Sends what is left of a campaign, round by round until nothing is. */
  private async send(campaignId: string, signal: AbortSignal): Promise<void> {
    const tries = new Map<number, number>();
    for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const campaign = await this.desk.open(campaignId);
      if (campaign.status !== 'running') return;
      const sent = await this.round(this.letters.ready(campaignId, campaign), tries, signal);
      if (sent > 0) pause = FIRST_PAUSE;
      if (tries.size > 0) await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Tries each letter that has no result once, several at the same time.
   *
   * @param tries counts, by row, how often a letter was tried in vain.
   * @returns how many letters came to a result.
   */
  private async round(running: RunningCampaign, tries: Map<number, number>, signal: AbortSignal): Promise<number> {
    const { campaignId, campaign } = running;
    const results = new ResultBook((told) => this.desk.tell(campaignId, told));
    const waiting = [...campaign.letters.values()].filter(({ row }) => !campaign.results.has(row)).values();
    const sendInTurn = async (): Promise<void> => {
      for (const letter of waiting) {
        if (signal.aborted) return;
        const result = await this.sendOne(running, letter, tries);
        if (result) results.add(result);
      }
    };
    await Promise.all(Array.from({ length: lettersAtOnce(campaign.files) }, sendInTurn));
    return results.close();
  }

  private async sendOne(
    running: RunningCampaign,
    letter: CampaignLetter,
    tries: Map<number, number>,
  ): Promise<LetterResult | undefined> {
    const { row } = letter;
    const before = tries.get(row) ?? 0;
    try {
      const result = await this.letters.send(running, letter, before);
      tries.delete(row);
      return result;
    } catch (error) {
      tries.set(row, before + 1);
      this.logger.warn(`Letter ${String(row)} of campaign ${running.campaignId} is tried again: ${reasonOf(error)}`);
      return undefined;
    }
  }
}

/** Fewer letters at the same time where they carry large files. */
function lettersAtOnce(files: readonly { readonly size: number }[]): number {
  const largest = Math.max(1, ...files.map(({ size }) => size));
  return Math.max(1, Math.min(LETTERS_AT_ONCE, Math.floor(MOST_BYTES / (2 * largest))));
}

/** Tells results as they come: those that come while some are being told go together with the next ones. */
class ResultBook {
  private readonly waiting: LetterResult[] = [];
  private telling: Promise<unknown> | undefined;
  private failure: unknown;
  private told = 0;

  constructor(private readonly tell: (results: readonly LetterResult[]) => Promise<void>) {}

  add(result: LetterResult): void {
    this.waiting.push(result);
    this.telling ??= this.empty()
      .catch((error: unknown) => (this.failure = error))
      .finally(() => (this.telling = undefined));
  }

  /** @returns how many were told. @throws why some could not be; they are found out again from the letters. */
  async close(): Promise<number> {
    await this.telling;
    if (this.waiting.length > 0) throw this.failure;
    return this.told;
  }

  private async empty(): Promise<void> {
    while (this.waiting.length > 0) {
      const results = [...this.waiting];
      await this.tell(results);
      this.waiting.splice(0, results.length);
      this.told += results.length;
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
