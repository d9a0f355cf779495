import { Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Position } from '#libs/event-store';
import { readInput } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { DraftInput } from './campaign-input.js';
import { campaignAddress } from './campaign-page.js';
import { Recaps } from './recaps.js';
import { Wizard } from './wizard.js';

/** Where campaigns begin, from reminders or from letters that were not sent, and where drafts are given up. */
@Controller('envois')
@UseGuards(SignedIn)
export class DraftsController {
  constructor(
    private readonly wizard: Wizard,
    private readonly recaps: Recaps,
    private readonly sessions: Sessions,
  ) {}

  /** From the reminders: the ticked lines of a list, or all of it that can be sent. */
  @Post()
  async draft(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const { liste: list, ligne, tout } = (request.body ?? {}) as Record<string, unknown>;
    const { list: known } = readInput(DraftInput, { list });
    const ticked = [ligne ?? []].flat().filter((line) => typeof line === 'string');
    const lines = tout === undefined ? ticked : await this.recaps.sendableLines(user, known);
    const { campaignId, position } = await this.wizard.draft(user, known, lines);
    await this.goOn(user, position, response, `${campaignAddress(campaignId)}/parametres`);
  }

  /** The letters that could not be sent, as a new campaign. */
  @Post(':id/reprise')
  async again(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const { campaignId, position } = await this.wizard.again(user, id);
    await this.goOn(user, position, response, `${campaignAddress(campaignId)}/parametres`);
  }

  @Post(':id/abandon')
  async abandon(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const { position } = await this.wizard.command(user, id, { type: 'abandon' });
    await this.goOn(user, position, response, '/envois');
  }

  /** Where a refused form leaves the address bar. */
  @Get([':id/reprise', ':id/abandon'])
  async afterRefusal(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    response.redirect(303, campaignAddress((await this.wizard.find(user, id)).campaignId));
  }

  private async goOn(user: SignedInUser, position: Position | null, response: Response, next: string): Promise<void> {
    if (position) await this.sessions.remember(user.token, position, 'campaignPosition');
    response.redirect(303, next);
  }
}
