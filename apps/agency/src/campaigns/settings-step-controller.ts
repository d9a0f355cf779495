import { Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { CampaignIn } from '#libs/campaign';
import { Clock } from '#libs/configuration';
import { CommandRefused } from '#libs/event-store';
import { Pages, type FieldFault } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { Credits } from '../credits/credits.js';
import { sentenceOfRefusal } from '../failures.js';
import { navigation } from '../navigation.js';
import { submittedTexts } from '../submitted-texts.js';
import { campaignAddress, settingsPage, stepPage } from './campaign-page.js';
import { draftOrElsewhere } from './draft-or-elsewhere.js';
import { Recaps } from './recaps.js';
import { FIELD_OF_CAMPAIGN_REFUSAL, settingsOf, settingsTexts, termsOf, type SettingsTexts } from './settings-form.js';
import { Wizard, type OwnCampaign } from './wizard.js';

type Draft = OwnCampaign<CampaignIn<'draft'>>;

/** The first step of the send wizard (manual IV, screen 1). */
@Controller('envois/:id')
@UseGuards(SignedIn)
export class SettingsStepController {
  constructor(
    private readonly wizard: Wizard,
    private readonly recaps: Recaps,
    private readonly credits: Credits,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get('parametres')
  async showSettings(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const draft = await draftOrElsewhere(this.wizard, user, id, response);
    if (!draft) return;
    const form = settingsTexts(await this.wizard.settings(user, draft.state), user.agency.email);
    response.send(await this.settingsPage(user, draft, form, []));
  }

  @Post('parametres')
  async chooseSettings(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const draft = await draftOrElsewhere(this.wizard, user, id, response);
    if (!draft) return;
    const form: SettingsTexts = submittedTexts(request);
    const faults = await this.applySettings(user, draft, form);
    if (faults.length > 0) response.status(422).send(await this.settingsPage(user, draft, form, faults));
    else response.redirect(303, `${campaignAddress(draft.campaignId)}/pieces`);
  }

  private async applySettings(user: SignedInUser, draft: Draft, form: SettingsTexts): Promise<readonly FieldFault[]> {
    const settings = settingsOf(form);
    if (isFaults(settings)) return settings;
    const { professionalsOnly } = await this.recaps.of(user, draft.state, user);
    try {
      await this.wizard.chooseSettings(user, draft.campaignId, { ...termsOf(settings), professionalsOnly });
      return [];
    } catch (error) {
      const field = error instanceof CommandRefused ? FIELD_OF_CAMPAIGN_REFUSAL[error.code] : undefined;
      if (!(error instanceof CommandRefused) || field === undefined) throw error;
      return [{ field, message: sentenceOfRefusal(error.code) ?? error.code }];
    }
  }

  private async settingsPage(
    user: SignedInUser,
    draft: Draft,
    form: SettingsTexts,
    faults: readonly FieldFault[],
  ): Promise<string> {
    const [balance, known, recap] = await Promise.all([
      this.credits.balance(user, user.creditPosition),
      this.wizard.knownTemplates(user),
      this.recaps.of(user, draft.state, user),
    ]);
    return this.pages.render('campaign-settings', {
      ...navigation(user, '/envois'),
      ...stepPage(draft, 1),
      ...settingsPage(form, faults, { known, now: this.clock.now() }),
      narrow: true,
      script: 'until.js',
      balance,
      sender: user.agency.name,
      recipients: recap.sendable,
      lacksSignatures: balance.active && balance.remaining > 0 && recap.sendable > balance.remaining,
    });
  }
}

const isFaults = (value: object): value is readonly FieldFault[] => Array.isArray(value);
