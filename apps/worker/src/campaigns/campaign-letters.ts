import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId, v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { CommandReminder, LetterById, SubmitLetter } from '#libs/commands';
import type { CampaignIn, CampaignLetter, LetterResult, ListedPerson } from '#libs/campaign';
import { CommandRefused, type CommandContext } from '#libs/event-store';
import type { Letter } from '#libs/letter';
import type { KnownReminder, Reminder, ReminderRefusalCode } from '#libs/reminders';
import { finalReasonOf, LineChanged } from './campaign-failures.js';
import { CampaignPapers, type CommonPapers } from './campaign-papers.js';

/** A campaign as the worker sends it. */
export interface RunningCampaign {
  readonly campaignId: string;
  readonly campaign: CampaignIn<'running'>;
  readonly common: CommonPapers;
}

/** Somebody else has seen to the line: it is no failure that this letter is not sent. */
const SETTLED_ELSEWHERE: readonly string[] = ['REMINDER_SENT', 'REMINDER_WITHDRAWN'] satisfies ReminderRefusalCode[];

/**
 * The id of a letter, which follows from the campaign and the row, so that a letter that is sent again after a crash, or by two workers,
 * is the same one. It is a UUIDv7 (RFC 9562 §5.7) of the moment at which the campaign was started.
 */
function letterIdOf(campaignId: string, startedAt: string, row: number): string {
  const random = createHash('sha256')
    .update(`${campaignId}/${String(row)}`)
    .digest()
    .subarray(0, 16);
  return uuidv7({ msecs: Date.parse(startedAt), seq: row, random });
}

/** Sends single letters of a campaign: claims the line, brings the letter's documents together, submits it. */
@Injectable()
export class CampaignLetters {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly papers: CampaignPapers,
  ) {}

  /** Reads what all letters of a campaign share, once. */
  ready(campaignId: string, campaign: CampaignIn<'running'>): RunningCampaign {
    const common = this.papers.common(campaignId, campaign);
    // Each letter fails by itself for want of it.
    common.catch(() => undefined);
    return { campaignId, campaign, common };
  }

  /**
   * What became of a letter. Whatever a process that died here has done of it before is found again and not done twice: the letter
   * by its id, the claim on the line by the letter's id.
   *
   * @param tries how often it was tried in vain before, for reasons that may pass.
   * @throws whatever may pass, to be tried again.
   */
  async send(running: RunningCampaign, letter: CampaignLetter, tries: number): Promise<LetterResult> {
    const { campaignId, campaign } = running;
    const { row, lineId } = letter;
    const letterId = letterIdOf(campaignId, campaign.startedAt, row);
    try {
      const { person } = letter;
      const line = person === null ? 'ERASED' : await this.claim(running, letter, letterId);
      if (person === null || typeof line === 'string' || !line.isNew) {
        const before = await this.submitted(row, letterId);
        if (before) return before;
      }
      if (person === null) return { row, outcome: 'failed', reason: 'ERASED' };
      if (typeof line === 'string') return { row, outcome: 'skipped', reason: line };
      const { state } = await this.submit(running, { ...letter, person }, letterId, asListed(letter, line.state));
      return resultOf(row, letterId, state) ?? { row, outcome: 'failed', reason: 'UNKNOWN_LETTER' };
    } catch (error) {
      const reason = finalReasonOf(error, tries);
      if (reason === undefined) throw error;
      // Another worker may have got further with the same letter.
      const done = await this.submitted(row, letterId);
      if (done) return done;
      await this.release(campaign.agencyId, lineId, campaignId, letterId);
      return { row, outcome: 'failed', reason };
    }
  }

  private async submitted(row: number, letterId: string): Promise<LetterResult | undefined> {
    const { state } = await this.queries.execute(new LetterById(letterId));
    return resultOf(row, letterId, state);
  }

  /**
   * Marks the line as sent by this letter before the letter is there, so that two campaigns cannot send one line twice.
   *
   * @returns the line, new to this letter unless it was claimed before; or the code that says why there is nothing to send.
   */
  private async claim(
    { campaignId, campaign: { agencyId } }: RunningCampaign,
    { lineId }: CampaignLetter,
    letterId: string,
  ): Promise<{ readonly state: Reminder; readonly isNew: boolean } | string> {
    try {
      const claim = { type: 'markSent', campaignId, letterId } as const;
      // The line itself knows a repetition by the letter's id; a line that was released may be claimed again.
      const claimed = new CommandReminder(agencyId, lineId, claim, contextOf(campaignId));
      const { state, events } = await this.commands.execute(claimed);
      return { state, isNew: events.length > 0 };
    } catch (error) {
      if (error instanceof CommandRefused && SETTLED_ELSEWHERE.includes(error.code)) return error.code;
      throw error;
    }
  }

  private async submit(
    running: RunningCampaign,
    letter: CampaignLetter & { readonly person: ListedPerson },
    letterId: string,
    line: KnownReminder,
  ) {
    const { campaignId, campaign } = running;
    const { agencyId, agencyCode, senderName, settings } = campaign;
    const { otp, retentionDays, alertDays, templates } = settings;
    const { partyCode, partyKind, dossier, professional, person } = letter;
    const { filedName: _filedName, ...recipient } = person;
    const documents = await this.papers.of(campaign, letter, line, running.common);
    const agency = { id: agencyId, code: agencyCode, name: senderName ?? '', email: settings.agencyEmail ?? '' };
    const terms = { dossier, partyCode, partyKind, professional, otp, retentionDays, alertDays, templates };
    const submission = new SubmitLetter(
      { letterId, agency, ...terms, recipient, documents },
      contextOf(campaignId, uuidv5('submit', letterId)),
    );
    return this.commands.execute(submission);
  }

  private async release(agencyId: string, lineId: string, campaignId: string, letterId: string): Promise<void> {
    try {
      const release = { type: 'releaseReminder', letterId } as const;
      await this.commands.execute(new CommandReminder(agencyId, lineId, release, contextOf(campaignId)));
    } catch (error) {
      // It was never claimed by this letter.
      if (!(error instanceof CommandRefused)) throw error;
    }
  }
}

/** @throws LineChanged */
function asListed({ lineId, partyCode, dossier }: CampaignLetter, line: Reminder): KnownReminder {
  const isAsListed =
    line.status !== 'unknown' &&
    line.partyCode === partyCode &&
    line.dossier === dossier &&
    line.level === 'registered';
  if (!isAsListed) throw new LineChanged(lineId);
  return line;
}

function contextOf(campaignId: string, commandId = newCommandId()): CommandContext {
  return { commandId, correlationId: campaignId, causationId: campaignId, actor: 'worker' };
}

function resultOf(row: number, letterId: string, letter: Letter): LetterResult | undefined {
  if (letter.status === 'unknown') return undefined;
  return { row, outcome: 'submitted', letterId, reference: letter.terms.reference };
}
