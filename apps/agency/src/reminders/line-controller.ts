import { Controller, Get, Param, Post, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import type { ReminderOutcome } from '#libs/commands';
import { answerPdf, Pages } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { People } from '../access/people.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { navigation } from '../navigation.js';
import { LetterPress } from './letter-press.js';
import { lineAddress } from './reminder-answers.js';
import { ReminderLists } from './reminder-lists.js';
import { linePage } from './reminder-page.js';

/** One reminder line: what it says, what became of it, and its letter as it would be sent. */
@Controller('relances/lignes/:line')
@UseGuards(SignedIn)
export class LineController {
  constructor(
    private readonly lists: ReminderLists,
    private readonly press: LetterPress,
    private readonly people: People,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
  ) {}

  @Get()
  async show(@Asking() user: SignedInUser, @Param('line') lineId: string, @Res() response: Response): Promise<void> {
    const line = await this.lists.find(user, lineId);
    const shown = linePage(line, await this.people.of(line.events));
    response.send(this.pages.render('reminder', { ...navigation(user, '/relances'), ...shown }));
  }

  /** The letter as it would go out today. */
  @Get('lettre')
  async letter(@Asking() user: SignedInUser, @Param('line') lineId: string, @Res() response: Response): Promise<void> {
    const { state } = await this.lists.find(user, lineId);
    const { name, bytes } = await this.press.letterOf(user, state.lineId);
    answerPdf(response, bytes, name, 'inline');
  }

  @Post('retrait')
  async withdraw(
    @Asking() user: SignedInUser,
    @Param('line') lineId: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    await this.goOn(user, await this.lists.withdraw(user, lineId), lineId, response);
  }

  @Post('retablissement')
  async reinstate(
    @Asking() user: SignedInUser,
    @Param('line') lineId: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    await this.goOn(user, await this.lists.reinstate(user, lineId), lineId, response);
  }

  /** Where a refused form leaves the address bar. */
  @Get(['retrait', 'retablissement'])
  async afterRefusal(
    @Asking() user: SignedInUser,
    @Param('line') lineId: string,
    @Res() response: Response,
  ): Promise<void> {
    response.redirect(303, lineAddress((await this.lists.find(user, lineId)).state.lineId));
  }

  private async goOn(
    user: SignedInUser,
    { position }: ReminderOutcome,
    lineId: string,
    response: Response,
  ): Promise<void> {
    if (position) await this.sessions.remember(user.token, position, 'reminderPosition');
    response.redirect(303, lineAddress(lineId));
  }
}
