import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId, v7 as newId, validate as isUuid } from 'uuid';
import { AttachFile, CampaignById, CommandCampaign, FileOfCampaign, type CampaignOutcome } from '#libs/commands';
import { LETTERS_PER_LISTING, type Campaign, type CampaignIn } from '#libs/campaign';
import { CommandRefused, type CommandContext, type Position } from '#libs/event-store';
import type { NamedDocument } from '#libs/letter';
import type { ReminderList } from '#libs/reminders';
import { notFound } from '#libs/web';
import { Campaigns, type KeptSettings } from '#projections/campaigns';
import { AgencyTemplates, type KindOfTemplates } from '#projections/templates';
import type { Asker } from '../access/asker.js';
import { lettersOf } from './recap.js';
import { Recaps } from './recaps.js';

export type KnownCampaign = Exclude<Campaign, { status: 'unknown' }>;

export interface OwnCampaign<State extends KnownCampaign = KnownCampaign> {
  readonly campaignId: string;
  readonly state: State;
}

type Draft = CampaignIn<'draft'>;

/** What an agency does with its campaigns, for pages and API alike; what belongs to another agency does not exist for the asker. */
@Injectable()
export class Wizard {
  constructor(
    private readonly campaigns: Campaigns,
    private readonly recaps: Recaps,
    private readonly templates: AgencyTemplates,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** Always as new as the last command. @throws EdgeFailure 404. */
  async find({ agency }: Asker, id: string): Promise<OwnCampaign> {
    if (!isUuid(id)) throw notFound();
    const campaignId = id.toLowerCase();
    const state = await this.queries.execute(new CampaignById(campaignId));
    if (state.status === 'unknown' || state.agencyId !== agency.id) throw notFound();
    return { campaignId, state };
  }

  /** @throws EdgeFailure 404; CommandRefused CAMPAIGN_STARTED, CAMPAIGN_ABANDONED. */
  async findDraft(asker: Asker, id: string): Promise<OwnCampaign<Draft>> {
    const { campaignId, state } = await this.find(asker, id);
    if (state.status === 'draft') return { campaignId, state };
    throw new CommandRefused(state.status === 'abandoned' ? 'CAMPAIGN_ABANDONED' : 'CAMPAIGN_STARTED');
  }

  /**
   * A campaign over the lines of a list.
   *
   * @throws CommandRefused NO_LINE, TOO_MANY_LINES
   */
  async draft(asker: Asker, list: ReminderList, lines: readonly string[]): Promise<OwnCampaign & Appended> {
    const campaignId = newId();
    const command = { type: 'draft', agencyId: asker.agency.id, list, lines } as const;
    const { state, position } = await this.carryOut(asker, campaignId, command);
    return { campaignId, state: state as KnownCampaign, position };
  }

  /** @throws EdgeFailure 404, CommandRefused. */
  async command(asker: Asker, id: string, command: CommandCampaign['command']): Promise<CampaignOutcome> {
    const { campaignId } = await this.find(asker, id);
    return this.carryOut(asker, campaignId, command);
  }

  /** @throws EdgeFailure 404, PdfRefused, CommandRefused. */
  async attach(asker: Asker, id: string, file: { name: string; bytes: Buffer }): Promise<CampaignOutcome> {
    const { campaignId } = await this.find(asker, id);
    return this.commands.execute(new AttachFile(campaignId, file, contextOf(asker, campaignId)));
  }

  /** A file that goes to all recipients. @throws EdgeFailure 404, DocumentMissing, DocumentAltered. */
  async file(asker: Asker, id: string, sha256: string): Promise<NamedDocument & { readonly bytes: Buffer }> {
    const { campaignId, state } = await this.find(asker, id);
    const file = state.files.find((attached) => attached.sha256 === sha256);
    if (!file) throw notFound();
    return { ...file, bytes: await this.queries.execute(new FileOfCampaign(campaignId, sha256)) };
  }

  /** The settings of a draft: its own, or those of the agency's last campaign; undefined for an agency's first one. */
  async settings({ agency }: Asker, { settings }: KnownCampaign): Promise<KeptSettings | undefined> {
    return settings ?? this.campaigns.lastSettings(agency.id);
  }

  /**
   * Settings for a draft.
   *
   * @throws EdgeFailure 404; CommandRefused, UNKNOWN_TEMPLATE for the name of a template that is not there
   */
  async chooseSettings(asker: Asker, id: string, settings: ChosenSettings): Promise<CampaignOutcome> {
    const known = await this.knownTemplates(asker);
    const isKnown = ([kind, name]: [string, string]): boolean =>
      known.some((each) => each.kind === kind && each.templates.some((template) => template.name === name));
    if (!Object.entries(settings.templates).every(isKnown)) throw new CommandRefused('UNKNOWN_TEMPLATE');
    return this.command(asker, id, { type: 'chooseSettings', ...settings });
  }

  /** The templates among which the settings choose. */
  knownTemplates({ agency }: Asker): Promise<readonly KindOfTemplates[]> {
    return this.templates.list(agency.id);
  }

  /**
   * Sends a campaign: what goes out is frozen as it is now, then the worker has it.
   *
   * @param contents of the recapitulation that the user has seen; refused where it is another one by now.
   * @throws EdgeFailure 404, CommandRefused
   */
  async start(asker: Asker, id: string, contents?: string): Promise<Position | null> {
    const { campaignId, state } = await this.find(asker, id);
    const { name: senderName, code: agencyCode } = asker.agency;
    if (state.status !== 'draft') {
      const repeated = { type: 'start', listing: '', agencyCode, senderName } as const;
      return (await this.carryOut(asker, campaignId, repeated)).position;
    }
    const recap = await this.recaps.of(asker, state);
    if (contents !== undefined && contents !== recap.contents) throw new CommandRefused('LISTING_OUTDATED');
    const { listing } = recap;
    const letters = lettersOf(recap);
    for (let from = 0; from < letters.length; from += LETTERS_PER_LISTING) {
      const part = letters.slice(from, from + LETTERS_PER_LISTING);
      await this.carryOut(asker, campaignId, { type: 'list', listing, letters: part });
    }
    return (await this.carryOut(asker, campaignId, { type: 'start', listing, agencyCode, senderName })).position;
  }

  /**
   * A new draft over the lines of a finished campaign that were not sent, with its settings and attachments.
   *
   * @throws EdgeFailure 404; CommandRefused NO_LINE where all were sent.
   */
  async again(asker: Asker, id: string): Promise<OwnCampaign & Appended> {
    const before = await this.find(asker, id);
    const { state } = before;
    const results = 'results' in state ? [...state.results.values()] : [];
    const unsent = results.filter((result) => result.outcome !== 'submitted' && result.reason !== SENT_ELSEWHERE);
    const lines = unsent.flatMap(({ row }) => state.lines[row] ?? []);
    const drafted = await this.draft(asker, state.list, lines);
    const { campaignId } = drafted;
    if (state.category) await this.carryOut(asker, campaignId, { type: 'chooseCategory', choice: state.category });
    for (const { sha256 } of state.files) {
      const { name, bytes } = await this.file(asker, before.campaignId, sha256);
      await this.attach(asker, campaignId, { name, bytes });
    }
    return drafted;
  }

  private carryOut(asker: Asker, campaignId: string, command: CommandCampaign['command']): Promise<CampaignOutcome> {
    return this.commands.execute(new CommandCampaign(campaignId, command, contextOf(asker, campaignId)));
  }
}

type ChosenSettings = Omit<Extract<CommandCampaign['command'], { type: 'chooseSettings' }>, 'type'>;

interface Appended {
  readonly position: Position | null;
}

/** The line went out with another campaign: it is not sent again. */
const SENT_ELSEWHERE = 'REMINDER_SENT';

/** What a campaign knows it has done it knows from its own events: each request is a command of its own. */
function contextOf({ actor }: Asker, campaignId: string): CommandContext {
  const commandId = newCommandId();
  return { commandId, correlationId: campaignId, causationId: commandId, actor };
}
