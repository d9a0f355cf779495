import { Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { CampaignIn } from '#libs/campaign';
import { CommandRefused, type Position } from '#libs/event-store';
import { Pages } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { Credits } from '../credits/credits.js';
import { sentenceOfRefusal } from '../failures.js';
import { navigation } from '../navigation.js';
import { campaignAddress, recapPage, stepPage } from './campaign-page.js';
import { draftOrElsewhere } from './draft-or-elsewhere.js';
import { Recaps } from './recaps.js';
import { Wizard, type OwnCampaign } from './wizard.js';

type Draft = OwnCampaign<CampaignIn<'draft'>>;

/** The third step of the send wizard (manual IV, screen 3). */
@Controller('envois/:id')
@UseGuards(SignedIn)
export class RecapStepController {
  constructor(
    private readonly wizard: Wizard,
    private readonly recaps: Recaps,
    private readonly credits: Credits,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
  ) {}

  @Get('recapitulatif')
  async showRecap(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Query('page') page: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const draft = await draftOrElsewhere(this.wizard, user, id, response);
    if (!draft) return;
    if (draft.state.settings === null) response.redirect(303, `${campaignAddress(draft.campaignId)}/parametres`);
    else response.send(await this.recapPage(user, draft, Number(page)));
  }

  /** Keeps the ticks of the page that was shown, then turns to another one or sends. */
  @Post('recapitulatif')
  async choose(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const draft = await draftOrElsewhere(this.wizard, user, id, response);
    if (!draft) return;
    const chosen = choiceOf(request.body, draft.state.lines.length);
    await this.wizard.command(user, draft.campaignId, { type: 'select', ...chosen.selection });
    const address = campaignAddress(draft.campaignId);
    if (!chosen.sends) {
      response.redirect(303, `${address}/recapitulatif?page=${String(chosen.page)}`);
      return;
    }
    const fault = await this.send(user, draft.campaignId, chosen.contents);
    if (fault === undefined) response.redirect(303, address);
    else {
      const changed = await this.wizard.findDraft(user, draft.campaignId);
      response.status(409).send(await this.recapPage(user, changed, chosen.page, fault));
    }
  }

  /** @returns why the campaign was not started; undefined once it is, be it by a click before this one. */
  private async send(user: SignedInUser, campaignId: string, contents: string): Promise<string | undefined> {
    try {
      await this.remember(user, await this.wizard.start(user, campaignId, contents));
      return undefined;
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      const { state } = await this.wizard.find(user, campaignId);
      return state.status === 'draft' ? (sentenceOfRefusal(error.code) ?? error.code) : undefined;
    }
  }

  private async recapPage(user: SignedInUser, draft: Draft, page: number, fault?: string): Promise<string> {
    const [balance, recap] = await Promise.all([
      this.credits.balance(user, user.creditPosition),
      this.recaps.of(user, draft.state, user),
    ]);
    const shown = recapPage(draft, recap, Number.isInteger(page) ? page : 1);
    return this.pages.render('campaign-recap', {
      ...navigation(user, '/envois'),
      ...stepPage(draft, 3),
      ...shown,
      script: 'double-click.js',
      balance,
      fault,
      lacking: balance.active && balance.remaining > 0 ? Math.max(0, shown.sendable - balance.remaining) : 0,
      canSend: shown.sendable > 0 && balance.active && balance.remaining > 0,
    });
  }

  private async remember(user: SignedInUser, position: Position | null): Promise<void> {
    if (position) await this.sessions.remember(user.token, position, 'campaignPosition');
  }
}

/** What the form of the third step says: rows that it showed, those of them that are ticked, and what is to be done. */
function choiceOf(body: unknown, lines: number) {
  const { rang, coche, action, aller, page, contenu } = (body ?? {}) as Record<string, unknown>;
  const shown = rowsOf(rang);
  const ticked = rowsOf(coche);
  const all = Array.from({ length: lines }, (_, row) => row);
  const selections: Record<string, { ticked: readonly number[]; unticked: readonly number[] }> = {
    'tout-cocher': { ticked: all, unticked: [] },
    'tout-decocher': { ticked: [], unticked: all },
  };
  const selection = selections[String(action)] ?? { ticked, unticked: shown.filter((row) => !ticked.includes(row)) };
  const wanted = Number(aller ?? page);
  return {
    selection,
    sends: action === 'envoyer',
    page: Number.isInteger(wanted) && wanted > 0 ? wanted : 1,
    contents: String(contenu),
  };
}

const rowsOf = (value: unknown): number[] =>
  [value ?? []].flat().flatMap((text) => (typeof text === 'string' && /^\d{1,5}$/.test(text) ? [Number(text)] : []));
