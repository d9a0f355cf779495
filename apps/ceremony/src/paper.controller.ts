import { Body, Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { v7 as newJobId } from 'uuid';
import { CommandLetter } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { recipientMayHavePaper } from '#libs/letter';
import { InvalidInput, notFound, readInput } from '#libs/web';
import { addressOf, Answers } from './answers.js';
import { LinkFailureFilter } from './link-failure.js';
import { envelopeAddress, PaperForm, paperView } from './paper.js';
import { recipientContext } from './recipient-context.js';
import { fullName } from './views.js';
import type { Visit } from './visits.js';

const SCREENS = ['acknowledgement', 'signature', 'documents'] as const;

/** A recipient who is not a professional may have the letter on paper, too (L. 100 CPCE, manual I). */
@Controller('lre/:letterId/papier')
@UseFilters(LinkFailureFilter)
export class PaperController {
  constructor(
    private readonly answers: Answers,
    private readonly clock: Clock,
  ) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.besides(request, response, SCREENS, (screen) => {
      if (!recipientMayHavePaper(screen.letter)) throw notFound();
      return paperView(screen);
    });
  }

  @Post()
  async ask(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    try {
      await this.answers.carryOut(
        request,
        response,
        (visit) => new CommandLetter(visit.letterId, this.command(visit, body), recipientContext(visit.letterId)),
        (letterId) => `${addressOf(letterId)}/papier`,
        false,
      );
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      const faults = Object.fromEntries(error.faults.map(({ field, message }) => [field, message]));
      response.status(422);
      await this.answers.besides(request, response, SCREENS, (screen) => paperView(screen, body as object, faults));
    }
  }

  private command({ state, session }: Visit, body: unknown) {
    if (state.parties === 'erased' || !recipientMayHavePaper(state)) throw notFound();
    const address = envelopeAddress(fullName(state.parties.recipient), readInput(PaperForm, body));
    return { type: 'requestPrint', by: 'recipient', session, job: newJobId(), address, at: this.clock.now() } as const;
  }
}
