import { Controller, Get, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { LivePages } from '#libs/web';
import { Asking, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { History } from './history.js';
import { OwnLetters } from './own-letters.js';

/** What the open pages of the history and of letters listen to: server-sent events. */
@Controller('lettres')
@UseGuards(SignedIn)
export class LiveController {
  constructor(
    private readonly letters: OwnLetters,
    private readonly history: History,
    private readonly live: LivePages,
  ) {}

  @Get('suivi')
  followAll(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): void {
    this.live.follow(request, response, this.history.shown(user));
  }

  @Get(':id/suivi')
  async followOne(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { letterId } = await this.letters.find(user, id);
    this.live.follow(request, response, this.history.shown(user, letterId));
  }
}
