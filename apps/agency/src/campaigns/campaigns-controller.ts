import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { Pages, readInput } from '#libs/web';
import { Campaigns, type CampaignRow } from '#projections/campaigns';
import { Asking, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { Credits } from '../credits/credits.js';
import { navigation } from '../navigation.js';
import { CampaignListInput } from './campaign-input.js';
import { campaignAddress, campaignRow, letterRow, rowOfCampaign } from './campaign-page.js';
import { Wizard } from './wizard.js';

/** How long a page waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;
const CAMPAIGNS_ON_PAGE = 20;
const LETTERS_ON_PAGE = 50;

/** What was sent in one go: the list, and each campaign with its progress and its result, which stay. */
@Controller('envois')
@UseGuards(SignedIn)
export class CampaignsController {
  constructor(
    private readonly wizard: Wizard,
    private readonly campaigns: Campaigns,
    private readonly credits: Credits,
    private readonly pages: Pages,
  ) {}

  @Get()
  async list(
    @Asking() user: SignedInUser,
    @Query('apres') after: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const isLate = !(await this.shows(user));
    const mark = await this.campaigns.mark(user.agency.id);
    const input = readInput(CampaignListInput, typeof after === 'string' ? { after } : {});
    const { rows, next } = await this.campaigns.list(user.agency.id, { limit: CAMPAIGNS_ON_PAGE, after: input.after });
    response.send(
      this.pages.render('campaigns', {
        title: 'Envois',
        ...navigation(user, '/envois'),
        live: `/envois/suivi?depuis=${mark}`,
        balance: await this.credits.balance(user, user.creditPosition),
        rows: rows.map(campaignRow),
        isLate,
        isFirst: input.after === undefined,
        older: next === null ? undefined : `/envois?apres=${next}`,
      }),
    );
  }

  @Get(':id')
  async show(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Query() address: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const isShown = await this.shows(user);
    const mark = await this.campaigns.mark(user.agency.id, id);
    const found = await this.campaigns.find(user.agency.id, id);
    const row = found?.startedAt ? found : await this.begun(user, id, response);
    if (row) response.send(await this.page(user, row, { address, mark, isLate: !isShown || row !== found }));
  }

  /** A draft goes on where it was left; of a campaign that was just started the list may not know yet. */
  private async begun(user: SignedInUser, id: string, response: Response): Promise<CampaignRow | undefined> {
    const { campaignId, state } = await this.wizard.find(user, id);
    if (state.status === 'running' || state.status === 'finished') return rowOfCampaign(campaignId, state);
    response.redirect(303, state.status === 'draft' ? `${campaignAddress(campaignId)}/parametres` : '/envois');
    return undefined;
  }

  private async page(user: SignedInUser, row: CampaignRow, { address, mark, isLate }: Asked): Promise<string> {
    const outcome = OUTCOMES.get(String(address['resultat']));
    const from = Number(/^\d{1,5}$/.exec(String(address['de']))?.[0] ?? 0);
    const query = { outcome, from, limit: LETTERS_ON_PAGE };
    const { rows, next } = await this.campaigns.letters(user.agency.id, row.campaignId, query);
    const base = campaignAddress(row.campaignId);
    return this.pages.render('campaign', {
      title: 'Envoi de recommandés',
      ...navigation(user, '/envois'),
      live: row.status === 'running' || isLate ? `${base}/suivi?depuis=${mark}` : undefined,
      campaign: campaignRow(row),
      address: base,
      rows: rows.map(letterRow),
      isLate,
      filters: filtersOf(base, outcome),
      isFirst: from === 0,
      first: addressOf(base, outcome, 0),
      further: next === null ? undefined : addressOf(base, outcome, next),
    });
  }

  private async shows({ campaignPosition }: SignedInUser): Promise<boolean> {
    return campaignPosition ? this.campaigns.atLeast(campaignPosition, LONGEST_WAIT_MS) : true;
  }
}

/** What the page of a campaign was asked for, and how new it is. */
interface Asked {
  readonly address: Record<string, unknown>;
  readonly mark: string;
  readonly isLate: boolean;
}

/** The filter of a campaign's page, by its names in the address. */
const OUTCOMES = new Map([
  ['transmises', 'submitted'],
  ['echecs', 'failed'],
  ['ecartees', 'skipped'],
  ['attente', 'pending'],
] as const) as ReadonlyMap<string, 'submitted' | 'failed' | 'skipped' | 'pending'>;

const OUTCOME_NAMES = [
  { name: '', label: 'Toutes' },
  { name: 'transmises', label: 'Transmises' },
  { name: 'echecs', label: 'Échecs' },
  { name: 'ecartees', label: 'Écartées' },
  { name: 'attente', label: 'En attente' },
] as const;

type Outcome = ReturnType<typeof OUTCOMES.get>;

function filtersOf(base: string, chosen: Outcome) {
  return OUTCOME_NAMES.map(({ name, label }) => ({
    label,
    href: name === '' ? base : `${base}?resultat=${name}`,
    current: OUTCOMES.get(name) === chosen,
  }));
}

function addressOf(base: string, chosen: Outcome, from: number): string {
  const name = OUTCOME_NAMES.find((each) => OUTCOMES.get(each.name) === chosen)?.name ?? '';
  const query = new URLSearchParams({ ...(name ? { resultat: name } : {}), ...(from > 0 ? { de: String(from) } : {}) });
  return query.size === 0 ? base : `${base}?${query.toString()}`;
}
