import { Controller, Delete, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { countsOf, type CampaignIn } from '#libs/campaign';
import { LARGEST_PDF_BYTES } from '#libs/documents';
import type { Position } from '#libs/event-store';
import { readInput } from '#libs/web';
import { Campaigns, type CampaignLetterRow, type CampaignRow } from '#projections/campaigns';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, mustBeAllowedToSend, type Asker } from '../access/asker.js';
import { positionOf, positionText } from '../access/position-text.js';
import { mustBePdfs } from '../filing/filing-upload.js';
import { jsonOf } from '../json-bodies.js';
import { readUpload, type UploadLimits } from '../letters/uploads.js';
import { CampaignInput, CampaignLettersInput, CampaignListInput } from './campaign-input.js';
import { Recaps } from './recaps.js';
import { sentenceOfReason, type RecapRow } from './recap.js';
import { Wizard, type OwnCampaign } from './wizard.js';

/** How long an answer waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;

const LIMITS: UploadLimits = {
  documents: 1,
  documentBytes: LARGEST_PDF_BYTES,
  textBytes: 1024,
  tooLarge: 'Ce fichier dépasse 25 Mo : réduisez-le, puis joignez-le de nouveau.',
  tooMany: 'Joignez un seul fichier par demande.',
};

/** Campaigns for programs: README.md of this application is its reference. */
@Controller('api/campaigns')
@UseGuards(ApiKeyHolder)
export class CampaignsApi {
  constructor(
    private readonly wizard: Wizard,
    private readonly recaps: Recaps,
    private readonly campaigns: Campaigns,
  ) {}

  @Post()
  async draft(@Asking() asker: Asker, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(asker);
    const { list, lines, ...chosen } = readInput(CampaignInput, jsonOf(request));
    const { campaignId } = await this.wizard.draft(asker, list, lines);
    try {
      showPosition(response, await this.choose(asker, campaignId, chosen));
    } catch (error) {
      // Nothing is left of a campaign that was refused.
      await this.wizard.command(asker, campaignId, { type: 'abandon' });
      throw error;
    }
    response.status(201).location(resource(campaignId));
    response.json(draftAnswer(await this.wizard.findDraft(asker, campaignId)));
  }

  /** Settings that are absent are those of the agency's last campaign. */
  private async choose(
    asker: Asker,
    campaignId: string,
    { settings, attachment }: Pick<CampaignInput, 'settings' | 'attachment'>,
  ): Promise<Position | null> {
    if (attachment) {
      const { category, whenMissing } = attachment;
      await this.wizard.command(asker, campaignId, { type: 'chooseCategory', choice: { category, whenMissing } });
    }
    const { state } = await this.wizard.findDraft(asker, campaignId);
    const chosen = settings ?? (await this.wizard.settings(asker, state)) ?? DEFAULTS;
    const { otp, retentionDays, alertDays, templates } = chosen;
    const agencyEmail = chosen.agencyEmail ?? asker.agency.email;
    const { professionalsOnly } = await this.recaps.of(asker, state);
    const terms = { otp, retentionDays, alertDays, templates, agencyEmail, professionalsOnly };
    return (await this.wizard.chooseSettings(asker, campaignId, terms)).position;
  }

  @Get()
  async list(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const { after, limit, atLeast } = readInput(CampaignListInput, { ...query });
    const upToDate = await this.shows(atLeast);
    const { rows, next } = await this.campaigns.list(asker.agency.id, { limit, after });
    response.json({ campaigns: rows.map(campaignAnswer), next, upToDate });
  }

  @Get(':id')
  async show(@Asking() asker: Asker, @Param('id') id: string, @Res() response: Response): Promise<void> {
    const { campaignId, state } = await this.wizard.find(asker, id);
    if (state.status === 'draft') {
      response.json(draftAnswer({ campaignId, state }));
      return;
    }
    const { status, list, draftedAt } = state;
    const common = { id: campaignId, status, list, draftedAt, links: linksOf(campaignId) };
    if (state.status === 'abandoned') {
      response.json(common);
      return;
    }
    const finishedAt = state.status === 'finished' ? state.finishedAt : null;
    response.json({
      ...common,
      startedAt: state.startedAt,
      finishedAt,
      letters: state.letters.size,
      ...countsOf(state.results.values()),
    });
  }

  /** Of a draft what would be sent, of a campaign that was started what became of it. */
  @Get(':id/letters')
  async letters(
    @Asking() asker: Asker,
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const { outcome, from, limit, atLeast } = readInput(CampaignLettersInput, { ...query });
    const { campaignId, state } = await this.wizard.find(asker, id);
    if (state.status === 'draft') {
      const { rows } = await this.recaps.of(asker, state);
      const next = from + limit < rows.length ? from + limit : null;
      response.json({ letters: rows.slice(from, from + limit).map(recapAnswer), next, upToDate: true });
      return;
    }
    const upToDate = await this.shows(atLeast);
    const { rows, next } = await this.campaigns.letters(asker.agency.id, campaignId, { outcome, from, limit });
    response.json({ letters: rows.map(letterAnswer), next, upToDate });
  }

  @Post(':id/files')
  async attach(
    @Asking() asker: Asker,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(asker);
    const { campaignId } = await this.wizard.findDraft(asker, id);
    const { documents } = await readUpload(request, response, { documentPart: 'file', limits: LIMITS });
    await mustBePdfs(documents);
    for (const file of documents) showPosition(response, (await this.wizard.attach(asker, campaignId, file)).position);
    response.json(draftAnswer(await this.wizard.findDraft(asker, campaignId)));
  }

  @Delete(':id/files/:sha256')
  async detach(
    @Asking() asker: Asker,
    @Param('id') id: string,
    @Param('sha256') sha256: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(asker);
    showPosition(response, (await this.wizard.command(asker, id, { type: 'removeFile', sha256 })).position);
    response.status(204).end();
  }

  /** Asked for again, it answers the same: a campaign is started once. */
  @Post(':id/start')
  async start(@Asking() asker: Asker, @Param('id') id: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(asker);
    showPosition(response, await this.wizard.start(asker, id));
    response.status(202);
    await this.show(asker, id, response);
  }

  @Post(':id/abandon')
  async abandon(@Asking() asker: Asker, @Param('id') id: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(asker);
    showPosition(response, (await this.wizard.command(asker, id, { type: 'abandon' })).position);
    response.status(204).end();
  }

  private async shows(atLeast: string | undefined): Promise<boolean> {
    const position = atLeast === undefined ? undefined : positionOf(atLeast);
    return position ? this.campaigns.atLeast(position, LONGEST_WAIT_MS) : true;
  }
}

const DEFAULTS = { otp: false, retentionDays: 15, alertDays: 5, templates: {}, agencyEmail: null };

const resource = (campaignId: string): string => `/api/campaigns/${campaignId}`;
const linksOf = (campaignId: string) => ({ self: resource(campaignId), page: `/envois/${campaignId}` });

function showPosition(response: Response, position: Position | null): void {
  if (position) response.setHeader('Pli-Position', positionText(position));
}

function draftAnswer({ campaignId, state }: OwnCampaign<CampaignIn<'draft'>>): object {
  const { status, list, lines, draftedAt, settings, category, files } = state;
  const links = linksOf(campaignId);
  return { id: campaignId, status, list, draftedAt, lines: lines.length, settings, attachment: category, files, links };
}

function campaignAnswer({ campaignId, counts, ...row }: CampaignRow): object {
  return { id: campaignId, ...row, ...counts, links: linksOf(campaignId) };
}

function recapAnswer({ letter, ticked, letterName, documents }: RecapRow): object {
  const { row, lineId, partyCode, person, obstacle } = letter;
  const reason = obstacle ?? null;
  return {
    ...{ row, lineId, partyCode, name: person.name, email: person.email, selected: ticked, letterName, documents },
    ...{ reason, reasonLabel: reason && sentenceOfReason(reason) },
  };
}

function letterAnswer({ result, filedName: _filedName, ...row }: CampaignLetterRow): object {
  const reason = result && result.outcome !== 'submitted' ? result.reason : null;
  const told = { outcome: result?.outcome ?? 'pending', reason, reasonLabel: reason && sentenceOfReason(reason) };
  const letter = result?.outcome === 'submitted' ? letterLinks(result.letterId, result.reference) : null;
  return { ...row, ...told, letter };
}

const letterLinks = (id: string, reference: string) => ({
  id,
  reference,
  links: { self: `/api/letters/${id}`, page: `/lettres/${id}` },
});
