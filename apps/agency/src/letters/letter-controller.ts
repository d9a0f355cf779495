import { Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { IsEmail } from 'class-validator';
import { CommandRefused } from '#libs/event-store';
import { refusals } from '#libs/letter';
import { answerPdf, InvalidInput, readInput } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { submittedTexts } from '../submitted-texts.js';
import { LetterActions } from './letter-actions.js';
import { LetterView } from './letter-view.js';
import { OwnLetters } from './own-letters.js';

class AddressInput {
  @IsEmail({}, { message: 'Cette adresse e-mail n’est pas valable : vérifiez-la, par exemple nom@exemple.fr.' })
  email: string;
}

/** One letter: its page, its documents, and the correction of an address that its notice could not reach. */
@Controller('lettres/:id')
@UseGuards(SignedIn)
export class LetterController {
  constructor(
    private readonly letters: OwnLetters,
    private readonly actions: LetterActions,
    private readonly view: LetterView,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Query('deja') before: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    response.send(await this.view.page(user, id, { before: before !== undefined }));
  }

  @Get('documents/:sha256')
  async document(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Param('sha256') sha256: string,
    @Query('telecharger') download: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { name, bytes } = await this.letters.document(user, id, sha256);
    answerPdf(response, bytes, name, download === '1' ? 'attachment' : 'inline');
  }

  @Post('adresse')
  async correctAddress(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const { letterId } = await this.letters.find(user, id);
    const email = (submittedTexts(request)['email'] ?? '').trim();
    const fault = await this.faultOfCorrection(user, letterId, email);
    if (fault) response.status(422).send(await this.view.page(user, letterId, { email, fault }));
    else response.redirect(303, `/lettres/${letterId}`);
  }

  /** Where a refused correction leaves the address bar. */
  @Get('adresse')
  async afterCorrection(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Res() response: Response,
  ): Promise<void> {
    const { letterId } = await this.letters.find(user, id);
    response.redirect(303, `/lettres/${letterId}`);
  }

  private async faultOfCorrection(user: SignedInUser, letterId: string, email: string): Promise<string | undefined> {
    try {
      readInput(AddressInput, { email });
      await this.actions.act(user, letterId, { type: 'correctAddress', email });
      return undefined;
    } catch (error) {
      if (error instanceof InvalidInput) return error.faults[0]?.message;
      if (error instanceof CommandRefused && error.code === 'ADDRESS_UNCHANGED')
        return refusals.ADDRESS_UNCHANGED.sentence;
      throw error;
    }
  }
}
