import { Controller, Get, HttpCode, Post, Redirect, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isPassword, logInName, NOBODYS_PASSWORD } from '#libs/commands';
import { Pages } from '#libs/web';
import { AgencyAccess } from '#projections/agency-access';
import { Settings } from '../settings.js';
import { submittedTexts } from '../submitted-texts.js';
import { Sessions } from './sessions.js';
import { cookieOptions, SESSION_COOKIE, sessionToken } from './signed-in.js';

const HOME = '/lettres';
/** One sentence for an unknown address and for a wrong password, so that the page does not tell who has an account. */
const NOT_KNOWN = 'Adresse e-mail ou mot de passe incorrect : vérifiez-les, puis recommencez.';

/** Log-in and log-out: the only pages for those who have not logged in. */
@Controller()
export class LogInController {
  constructor(
    private readonly sessions: Sessions,
    private readonly access: AgencyAccess,
    private readonly pages: Pages,
    private readonly settings: Settings,
  ) {}

  @Get('connexion')
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const wanted = localAddress(request.query['vers']);
    const token = sessionToken(request);
    if (token !== undefined && (await this.sessions.find(token))) response.redirect(303, wanted);
    else response.send(this.form({ wanted }));
  }

  @Post('connexion')
  async logIn(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { email, password, vers } = submittedTexts(request);
    const wanted = localAddress(vers);
    const user = await this.access.userByEmail(logInName(email ?? ''));
    const isRight = await isPassword(password ?? '', user?.passwordHash ?? NOBODYS_PASSWORD);
    if (!user || !isRight) {
      response.status(401).send(this.form({ wanted, email, refused: NOT_KNOWN }));
      return;
    }
    response.cookie(SESSION_COOKIE, await this.sessions.open(user), cookieOptions(this.settings.secure));
    response.redirect(303, wanted);
  }

  @Post('deconnexion')
  @HttpCode(303)
  async logOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    const token = sessionToken(request);
    if (token !== undefined) await this.sessions.close(token);
    response.clearCookie(SESSION_COOKIE, cookieOptions(this.settings.secure));
    response.redirect(303, '/connexion');
  }

  /** Where a log-out that failed leaves the address bar. */
  @Get('deconnexion')
  @Redirect(HOME, 303)
  afterLogOut(): void {}

  private form(data: { wanted: string; email?: string | undefined; refused?: string }): string {
    return this.pages.render('log-in', { title: 'Connexion', narrow: true, ...data });
  }
}

/** An address of this site as it was asked for, or the home page: never another site's. */
function localAddress(text: unknown): string {
  if (typeof text !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text)) return HOME;
  return text.startsWith('/connexion') || text.includes('\\') ? HOME : text;
}
