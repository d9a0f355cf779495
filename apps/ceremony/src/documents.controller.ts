import { Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import { CommandLetter, DocumentOfLetter } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { isRefusal, letter, type AccessMode, type CommandOf } from '#libs/letter';
import { answerPdf, notFound, type Disposition } from '#libs/web';
import { addressOf, Answers } from './answers.js';
import { LinkFailureFilter } from './link-failure.js';
import { recipientContext } from './recipient-context.js';
import type { Screen } from './screen.js';
import type { Visit } from './visits.js';

/** How a document of a letter is asked for: the acknowledgement is number 1, the others follow in the letter's order. */
interface Wanted {
  readonly number: number;
  readonly mode: AccessMode;
}

const DISPOSITIONS = { opened: 'inline', downloaded: 'attachment' } as const satisfies Record<AccessMode, Disposition>;

/**
 * The documents. Opening one is a POST, which records `ContentAccessed` and leads to the GET of the same address; that GET only
 * sends what has been recorded, so it has no effect and may be repeated. The acknowledgement is open before the signature.
 */
@Controller('lre/:letterId/documents/:number')
@UseFilters(LinkFailureFilter)
export class DocumentsController {
  constructor(
    private readonly answers: Answers,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  @Post()
  open(@Req() request: Request, @Res() response: Response, @Param('number') number: string): Promise<void> {
    return this.record(request, response, { number: Number(number), mode: 'opened' });
  }

  @Post('telechargement')
  download(@Req() request: Request, @Res() response: Response, @Param('number') number: string): Promise<void> {
    return this.record(request, response, { number: Number(number), mode: 'downloaded' });
  }

  @Get()
  inline(@Req() request: Request, @Res() response: Response, @Param('number') number: string): Promise<void> {
    return this.send(request, response, { number: Number(number), mode: 'opened' });
  }

  @Get('telechargement')
  attachment(@Req() request: Request, @Res() response: Response, @Param('number') number: string): Promise<void> {
    return this.send(request, response, { number: Number(number), mode: 'downloaded' });
  }

  private record(request: Request, response: Response, wanted: Wanted): Promise<void> {
    const { mode, number } = wanted;
    return this.answers.carryOut(
      request,
      response,
      (visit) => new CommandLetter(visit.letterId, this.access(visit, wanted), recipientContext(visit.letterId)),
      (letterId) => `${addressOf(letterId)}/documents/${number}${mode === 'downloaded' ? '/telechargement' : ''}`,
    );
  }

  private async send(request: Request, response: Response, wanted: Wanted): Promise<void> {
    const { visit, screen } = await this.answers.screen(request);
    const name = this.nameIfOpen(visit, screen, wanted);
    if (name === undefined) {
      response.redirect(303, addressOf(visit.letterId));
      return;
    }
    const bytes = await this.queries.execute(new DocumentOfLetter(visit.letterId, digestOf(visit, wanted.number)));
    answerPdf(response, bytes, name, DISPOSITIONS[wanted.mode]);
  }

  /** The document's name when its bytes may go out: the sender may hide behind any name but the acknowledgement's. */
  private nameIfOpen(visit: Visit, screen: Screen, wanted: Wanted): string | undefined {
    if (screen.name !== 'acknowledgement' && screen.name !== 'signature' && screen.name !== 'documents')
      return undefined;
    if (wanted.number === 1) return `Accusé de réception ${screen.letter.terms.reference}`;
    if (screen.name !== 'documents') return undefined;
    const recorded = letter.decide(visit.state, this.access(visit, wanted));
    const isRecorded = !isRefusal(recorded) && recorded.length === 0;
    return isRecorded ? screen.letter.parties.documentNames[wanted.number - 2] : undefined;
  }

  private access(visit: Visit, { number, mode }: Wanted): CommandOf<'accessContent'> {
    return {
      type: 'accessContent',
      session: visit.session,
      sha256: digestOf(visit, number),
      mode,
      at: this.clock.now(),
    };
  }
}

/** @throws EdgeFailure when the letter has no document of this number. */
function digestOf({ state }: Visit, number: number): string {
  const acknowledgement = 'acknowledgement' in state ? state.acknowledgement : undefined;
  const sha256 = [acknowledgement, ...state.terms.documents][number - 1]?.sha256;
  if (sha256 === undefined) throw notFound();
  return sha256;
}
