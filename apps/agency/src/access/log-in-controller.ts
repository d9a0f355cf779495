import { Controller, Get, HttpCode, Post, Redirect, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { networkOf, Pages, TooManyAttempts } from '#libs/web';
import { Settings } from '../settings.js';
import { submittedTexts } from '../submitted-texts.js';
import { LogIn, type Entered } from './log-in.js';
import { cookieOptions, SESSION_COOKIE, Visitors } from './signed-in.js';

const HOME = '/lettres';
/** One sentence for an unknown address and for a wrong password, so that the page does not tell who has an account. */
const NOT_KNOWN = 'Adresse e-mail ou mot de passe incorrect : vérifiez-les, puis recommencez.';
const CODE_WRONG = 'Ce code n’est pas valable ou a déjà servi : saisissez le prochain, ou un code de secours.';
const CODE_PAGE = '/connexion/code';
const ENROLMENT_PAGE = '/compte/second-facteur';

/** Log-in with its second step, and log-out: the pages for those who have not logged in. */
@Controller()
export class LogInController {
  constructor(
    private readonly logIns: LogIn,
    private readonly visitors: Visitors,
    private readonly pages: Pages,
    private readonly settings: Settings,
  ) {}

  @Get('connexion')
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const wanted = localAddress(request.query['vers']);
    const visitor = await this.visitors.find(request);
    if (visitor?.stage === 'open') response.redirect(303, wanted);
    else response.send(this.form({ wanted, done: doneOf(request.query['fait']) }));
  }

  @Post('connexion')
  async logIn(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { email = '', password = '', vers } = submittedTexts(request);
    const wanted = localAddress(vers);
    const refuse = (status: number, refused: string): void => {
      response.status(status).send(this.form({ wanted, email, refused }));
    };
    try {
      const entered = await this.logIns.withPassword({ email, password, network: networkOf(request) });
      if (entered) this.goOn(response, entered, wanted);
      else refuse(401, NOT_KNOWN);
    } catch (error) {
      if (!(error instanceof TooManyAttempts)) throw error;
      response.setHeader('Retry-After', String(error.seconds));
      refuse(429, error.message);
    }
  }

  @Get('connexion/code')
  async askCode(@Req() request: Request, @Res() response: Response): Promise<void> {
    const wanted = localAddress(request.query['vers']);
    const visitor = await this.visitors.find(request);
    if (visitor?.stage === 'code') response.send(this.codeForm({ wanted }));
    else response.redirect(303, visitor?.stage === 'open' ? wanted : '/connexion');
  }

  @Post('connexion/code')
  async verifyCode(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { code = '', vers } = submittedTexts(request);
    const wanted = localAddress(vers);
    const visitor = await this.visitors.find(request);
    if (visitor?.stage !== 'code') {
      response.redirect(303, '/connexion');
      return;
    }
    const typed = code.replaceAll(/\s/g, '');
    try {
      const entered = await this.logIns.withCode(visitor.user, typed, networkOf(request));
      if (entered) this.goOn(response, entered, wanted);
      else response.status(401).send(this.codeForm({ wanted, refused: CODE_WRONG }));
    } catch (error) {
      if (!(error instanceof TooManyAttempts)) throw error;
      response.clearCookie(SESSION_COOKIE, cookieOptions(this.settings.secure));
      response.setHeader('Retry-After', String(error.seconds));
      response.status(429).send(this.form({ wanted, refused: error.message }));
    }
  }

  @Post('deconnexion')
  @HttpCode(303)
  async logOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    const visitor = await this.visitors.find(request);
    if (visitor) await this.logIns.leave(visitor.user, networkOf(request));
    response.clearCookie(SESSION_COOKIE, cookieOptions(this.settings.secure));
    response.redirect(303, '/connexion');
  }

  /** Where a log-out that failed leaves the address bar. */
  @Get('deconnexion')
  @Redirect(HOME, 303)
  afterLogOut(): void {}

  private goOn(response: Response, { token, stage }: Entered, wanted: string): void {
    response.cookie(SESSION_COOKIE, token, cookieOptions(this.settings.secure));
    const next = { open: wanted, code: CODE_PAGE, enrolment: ENROLMENT_PAGE }[stage];
    response.redirect(303, stage === 'open' ? next : `${next}?vers=${encodeURIComponent(wanted)}`);
  }

  private form(data: { wanted: string; email?: string; refused?: string; done?: string | undefined }): string {
    return this.pages.render('log-in', { title: 'Connexion', narrow: true, ...data });
  }

  private codeForm(data: { wanted: string; refused?: string }): string {
    return this.pages.render('log-in-code', { title: 'Code de connexion', narrow: true, ...data });
  }
}

/** What has just been done where somebody comes from, by the name that the address bears. */
const DONE: Readonly<Record<string, string>> = {
  invitation: 'Votre compte est créé : connectez-vous avec votre adresse e-mail et votre mot de passe.',
  'mot-de-passe': 'Votre mot de passe est changé : connectez-vous avec le nouveau.',
  'second-facteur': 'La double authentification est désactivée : reconnectez-vous.',
};

const doneOf = (name: unknown): string | undefined => (typeof name === 'string' ? DONE[name] : undefined);

/** An address of this site as it was asked for, or the home page: never another site's. */
export function localAddress(text: unknown): string {
  if (typeof text !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text)) return HOME;
  return text.startsWith('/connexion') || text.includes('\\') ? HOME : text;
}
