import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { Pages, readInput } from '#libs/web';
import { Campaigns } from '#projections/campaigns';
import { Asking, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { Credits } from '../credits/credits.js';
import { navigation } from '../navigation.js';
import { CampaignListInput } from './campaign-input.js';
import { campaignAddress, campaignRow, letterRow } from './campaign-page.js';
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
    const { agency } = user;
    await this.shows(user);
    const mark = await this.campaigns.mark(agency.id, id);
    const row = await this.campaigns.find(agency.id, id);
    if (!row || row.status === 'draft' || row.status === 'abandoned') {
      await this.showUnsent(user, id, response);
      return;
    }
    const outcome = OUTCOMES.get(String(address['resultat']));
    const from = Number(/^\d{1,5}$/.exec(String(address['de']))?.[0] ?? 0);
    const { rows, next } = await this.campaigns.letters(agency.id, row.campaignId, {
      outcome,
      from,
      limit: LETTERS_ON_PAGE,
    });
    const base = campaignAddress(row.campaignId);
    response.send(
      this.pages.render('campaign', {
        title: 'Envoi de recommandés',
        ...navigation(user, '/envois'),
        live: row.status === 'running' ? `${base}/suivi?depuis=${mark}` : undefined,
        campaign: campaignRow(row),
        address: base,
        rows: rows.map(letterRow),
        filters: filtersOf(base, outcome),
        isFirst: from === 0,
        first: addressOf(base, outcome, 0),
        further: next === null ? undefined : addressOf(base, outcome, next),
      }),
    );
  }

  /** A draft goes on where it was left; one that was just started is not in the list yet. */
  private async showUnsent(user: SignedInUser, id: string, response: Response): Promise<void> {
    const { campaignId, state } = await this.wizard.find(user, id);
    if (state.status === 'draft') response.redirect(303, `${campaignAddress(campaignId)}/parametres`);
    else if (state.status === 'abandoned') response.redirect(303, '/envois');
    else {
      response.send(
        this.pages.render('campaign-begun', {
          title: 'Envoi de recommandés',
          ...navigation(user, '/envois'),
          live: `${campaignAddress(campaignId)}/suivi?depuis=0`,
          letters: state.letters.size,
        }),
      );
    }
  }

  private async shows({ campaignPosition }: SignedInUser): Promise<boolean> {
    return campaignPosition ? this.campaigns.atLeast(campaignPosition, LONGEST_WAIT_MS) : true;
  }
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
