import { Controller, Get, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { LivePages } from '#libs/web';
import { Campaigns } from '#projections/campaigns';
import { Asking, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { Wizard } from './wizard.js';

/** What the open pages of campaigns listen to: server-sent events. */
@Controller('envois')
@UseGuards(SignedIn)
export class CampaignsLiveController {
  constructor(
    private readonly wizard: Wizard,
    private readonly campaigns: Campaigns,
    private readonly live: LivePages,
  ) {}

  @Get('suivi')
  followAll(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): void {
    const { id } = user.agency;
    const mark = () => this.campaigns.mark(id);
    this.live.follow(request, response, { key: `campaigns/${id}`, holder: user.actor, mark });
  }

  @Get(':id/suivi')
  async follow(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { campaignId } = await this.wizard.find(user, id);
    const mark = () => this.campaigns.mark(user.agency.id, campaignId);
    this.live.follow(request, response, { key: `campaign/${campaignId}`, holder: user.actor, mark });
  }
}
