import { Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { PostalAddress } from '#libs/directory';
import { CommandRefused } from '#libs/event-store';
import { refusals } from '#libs/letter';
import { InvalidInput, readInput, type FieldFault } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { AddressInput } from '../parties/party-input.js';
import { PaperRequests } from '../printing/paper.js';
import { submittedTexts } from '../submitted-texts.js';
import { LetterActions } from './letter-actions.js';
import { LetterView } from './letter-view.js';
import { OwnLetters } from './own-letters.js';

/** What is done to a letter from its page: it is put away, taken out again, sent on paper. */
@Controller('lettres/:id')
@UseGuards(SignedIn)
export class LetterActionsController {
  constructor(
    private readonly letters: OwnLetters,
    private readonly actions: LetterActions,
    private readonly paper: PaperRequests,
    private readonly view: LetterView,
  ) {}

  @Post('archivage')
  archive(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    return this.tidy(user, id, 'archive', response);
  }

  @Post('activation')
  reactivate(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    return this.tidy(user, id, 'reactivate', response);
  }

  @Post('papier')
  async askForPaper(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const { letterId } = await this.letters.find(user, id);
    const form = addressTexts(submittedTexts(request));
    const faults = await this.faultsOfPaper(user, letterId, form);
    if (faults.length === 0) response.redirect(303, `/lettres/${letterId}`);
    else response.status(422).send(await this.view.page(user, letterId, { paper: { form, faults } }));
  }

  /** Where a failure leaves the address bar. */
  @Get(['archivage', 'activation', 'papier'])
  async afterAction(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    const { letterId } = await this.letters.find(user, id);
    response.redirect(303, `/lettres/${letterId}`);
  }

  private async tidy(
    user: SignedInUser,
    id: string,
    type: 'archive' | 'reactivate',
    response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    await this.actions.act(user, id, { type });
    response.redirect(303, `/lettres/${id.toLowerCase()}`);
  }

  private async faultsOfPaper(user: SignedInUser, letterId: string, form: object): Promise<readonly FieldFault[]> {
    try {
      await this.paper.request(user, letterId, readInput(AddressInput, form) as PostalAddress);
      return [];
    } catch (error) {
      if (error instanceof InvalidInput) return error.faults;
      if (error instanceof CommandRefused && error.code === 'PRINT_PENDING')
        return [{ field: 'street', message: refusals.PRINT_PENDING.sentence }];
      throw error;
    }
  }
}

const ADDRESS_FIELDS = ['street', 'complement', 'postcode', 'city', 'country'] as const;

/** What the form holds of an address; an empty field says nothing. */
function addressTexts(
  texts: Partial<Record<string, string>>,
): Partial<Record<(typeof ADDRESS_FIELDS)[number], string>> {
  return Object.fromEntries(
    ADDRESS_FIELDS.flatMap((field) => {
      const text = (texts[field] ?? '').trim();
      return text === '' ? [] : [[field, text]];
    }),
  );
}
