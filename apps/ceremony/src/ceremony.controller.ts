import { Body, Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CommandLetter, EnterCode, packageNumber, RequestCode } from '#libs/commands';
import { Clock, WebConfiguration } from '#libs/configuration';
import { CommandRefused } from '#libs/event-store';
import type { CommandOf, Instant } from '#libs/letter';
import { readInput } from '#libs/web';
import { addressOf, Answers, visitorOf } from './answers.js';
import { attemptOf, CodeForm, SignatureForm } from './forms.js';
import { LinkFailureFilter } from './link-failure.js';
import { recipientContext } from './recipient-context.js';
import { SESSION_COOKIE } from './browser-sessions.js';
import { confirmationView, endView, fullName, leavingView, refusalView, rereadingView } from './views.js';
import { Visits, type Visit } from './visits.js';

/** A letter's pages. A GET never has an effect, for mail scanners and previews follow links. */
@Controller('lre/:letterId')
@UseFilters(LinkFailureFilter)
export class CeremonyController {
  constructor(
    private readonly answers: Answers,
    private readonly visits: Visits,
    private readonly clock: Clock,
    private readonly configuration: WebConfiguration,
  ) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.page(request, response);
  }

  @Get('retour')
  leave(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.besides(request, response, 'acknowledgement', leavingView);
  }

  @Get('refus')
  askRefusal(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.besides(request, response, 'acknowledgement', refusalView);
  }

  @Get('relecture')
  readAgain(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.besides(request, response, 'signature', rereadingView);
  }

  @Get('fin')
  end(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.besides(request, response, 'documents', endView);
  }

  @Get('confirmation')
  confirm(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.besides(request, response, 'documents', confirmationView);
  }

  @Post('code')
  requestCode(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answers.carryOut(
      request,
      response,
      ({ letterId, session }) => new RequestCode(letterId, session, recipientContext(letterId)),
    );
  }

  @Post('code/verification')
  enterCode(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    return this.answers.carryOut(request, response, ({ letterId, session }) => {
      const form = readInput(CodeForm, body);
      return new EnterCode(letterId, session, form.code, attemptOf(form), recipientContext(letterId));
    });
  }

  @Post('accord')
  accept(@Req() request: Request, @Res() response: Response): Promise<void> {
    const at = this.clock.now();
    return this.answers.carryOut(
      request,
      response,
      ({ letterId, session }) =>
        new CommandLetter(letterId, { type: 'accept', session, at }, recipientContext(letterId)),
    );
  }

  @Post('refus')
  refuse(@Req() request: Request, @Res() response: Response): Promise<void> {
    const at = this.clock.now();
    return this.answers.carryOut(
      request,
      response,
      ({ letterId, session }) =>
        new CommandLetter(letterId, { type: 'refuse', session, at }, recipientContext(letterId)),
    );
  }

  @Post('signature')
  sign(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const at = this.clock.now();
    return this.answers.carryOut(request, response, (visit) => {
      const command = signing(visit, readInput(SignatureForm, body), at);
      return new CommandLetter(visit.letterId, command, recipientContext(visit.letterId));
    });
  }

  /** Where a refused form leaves the address bar: asked for again as a page, it leads to the one that fits. */
  @Get(['code', 'code/verification', 'accord', 'signature'])
  async afterForm(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { letterId } = await this.visits.of(visitorOf(request));
    response.redirect(303, addressOf(letterId));
  }

  /** The link of the e-mail. The token leaves the address bar at once; the session cookie takes its place. */
  @Get(':token')
  async enter(@Req() request: Request, @Res() response: Response, @Param('token') token: string): Promise<void> {
    const visitor = visitorOf(request);
    const cookie = await this.visits.enter(visitor, token);
    const path = addressOf(visitor.letterId);
    const secure = this.configuration.PLI_CEREMONY_URL.startsWith('https:');
    if (cookie) response.cookie(SESSION_COOKIE, cookie, { path, secure, httpOnly: true, sameSite: 'lax' });
    response.redirect(303, path);
  }
}

/** What is signed is the acknowledgement, by the recipient whom the letter names. */
function signing({ state, session }: Visit, form: SignatureForm, at: Instant): CommandOf<'sign'> {
  if (!('acknowledgement' in state) || state.parties === 'erased') throw new CommandRefused('NOT_NOTIFIED');
  const { terms, acknowledgement, parties } = state;
  const consent = form.consentement;
  const signatory = fullName(parties.recipient);
  return {
    type: 'sign',
    session,
    packageNumber: packageNumber(terms.reference, acknowledgement.sha256),
    consent,
    signatory,
    at,
  };
}
