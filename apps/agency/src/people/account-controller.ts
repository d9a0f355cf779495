import { Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { renderSVG } from 'uqr';
import { PasswordWrong, SecondFactorWrong } from '#libs/commands';
import { CommandRefused } from '#libs/event-store';
import { networkOf, Pages, TooManyAttempts } from '#libs/web';
import { Asking, type AskerLocals, type SignedInUser } from '../access/asker.js';
import { localAddress } from '../access/log-in-controller.js';
import { faultsOfPasswords } from '../access/new-password.js';
import { cookieOptions, SESSION_COOKIE, SignedIn, SignedInOrEnrolling } from '../access/signed-in.js';
import { sentenceOfRefusal } from '../failures.js';
import { navigation } from '../navigation.js';
import { Settings } from '../settings.js';
import { submittedTexts } from '../submitted-texts.js';
import { Account } from './account.js';
import { roleInWords } from './roles.js';

const FACTOR_PAGE = '/compte/second-facteur';

/** Somebody's own account: his password. */
@Controller('compte')
@UseGuards(SignedIn)
export class AccountController {
  constructor(
    private readonly account: Account,
    private readonly pages: Pages,
    private readonly settings: Settings,
  ) {}

  @Get()
  async show(@Asking() user: SignedInUser, @Query('fait') done: unknown, @Res() response: Response): Promise<void> {
    response.send(await this.page(user, { isChanged: done === 'mot-de-passe' }));
  }

  @Post('mot-de-passe')
  async changePassword(
    @Asking() user: SignedInUser,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { current = '', password = '', again } = submittedTexts(request);
    const faultOf = faultsOfPasswords({ password, again }, [user.name, user.email, user.agency.name]);
    if (Object.keys(faultOf).length > 0) {
      response.status(422).send(await this.page(user, { faultOf }));
      return;
    }
    try {
      const token = await this.account.changePassword(user, { current, next: password });
      response.cookie(SESSION_COOKIE, token, cookieOptions(this.settings.secure));
      response.redirect(303, '/compte?fait=mot-de-passe');
    } catch (error) {
      const fault = faultOfPasswordCheck(response, error);
      if (fault === undefined) throw error;
      response.send(await this.page(user, { faultOf: { current: fault } }));
    }
  }

  /** Where a form that failed leaves the address bar. */
  @Get('mot-de-passe')
  afterForm(@Res() response: Response): void {
    response.redirect(303, '/compte');
  }

  private async page(user: SignedInUser, shown: Record<string, unknown>): Promise<string> {
    return this.pages.render('account', {
      title: 'Mon compte',
      ...navigation(user, '/compte'),
      name: user.name,
      email: user.email,
      agency: user.agency.name,
      role: roleInWords(user.role),
      isProtected: (await this.account.factorStatus(user)) === 'confirmed',
      ...shown,
    });
  }
}

/** The second factor: set up, shown as a QR code, confirmed, removed. Also for who cannot get in before he has one. */
@Controller('compte/second-facteur')
@UseGuards(SignedInOrEnrolling)
export class SecondFactorController {
  constructor(
    private readonly account: Account,
    private readonly pages: Pages,
    private readonly settings: Settings,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query('vers') wanted: unknown,
    @Res() response: Response<unknown, AskerLocals>,
  ): Promise<void> {
    response.send(await this.page(user, response.locals, { wanted: localAddress(wanted) }));
  }

  @Post()
  async begin(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.account.propose(user);
    response.redirect(303, `${FACTOR_PAGE}?vers=${encodeURIComponent(localAddress(submittedTexts(request)['vers']))}`);
  }

  /** The QR code as an image of its own: the policy of the pages allows no style inside them. */
  @Get('qr.svg')
  async qrCode(@Asking() user: SignedInUser, @Res() response: Response): Promise<void> {
    const { address } = await this.account.proposed(user);
    response.type('image/svg+xml').send(renderSVG(address, { border: 2, ecc: 'M' }));
  }

  @Post('confirmation')
  async confirm(
    @Asking() user: SignedInUser,
    @Req() request: Request,
    @Res() response: Response<unknown, AskerLocals>,
  ): Promise<void> {
    const { code = '', vers } = submittedTexts(request);
    const wanted = localAddress(vers);
    const { stage = 'open' } = response.locals;
    try {
      const typed = code.replaceAll(/\s/g, '');
      const confirmed = await this.account.confirm(user, { code: typed, stage, network: networkOf(request) });
      response.cookie(SESSION_COOKIE, confirmed.token, cookieOptions(this.settings.secure));
      const { recoveryCodes } = confirmed;
      response.send(
        this.pages.render('recovery-codes', { title: 'Codes de secours', narrow: true, recoveryCodes, wanted }),
      );
    } catch (error) {
      const fault = faultOfCode(response, error);
      if (fault === undefined) throw error;
      response.send(await this.page(user, response.locals, { wanted, fault }));
    }
  }

  @Post('desactivation')
  async remove(
    @Asking() user: SignedInUser,
    @Req() request: Request,
    @Res() response: Response<unknown, AskerLocals>,
  ): Promise<void> {
    try {
      await this.account.removeFactor(user, submittedTexts(request)['password'] ?? '');
      response.clearCookie(SESSION_COOKIE, cookieOptions(this.settings.secure));
      response.redirect(303, '/connexion?fait=second-facteur');
    } catch (error) {
      const fault = faultOfPasswordCheck(response, error);
      if (fault === undefined) throw error;
      response.send(await this.page(user, response.locals, { wanted: '/compte', fault }));
    }
  }

  /** Where a form that failed leaves the address bar. */
  @Get(['confirmation', 'desactivation'])
  afterForm(@Res() response: Response): void {
    response.redirect(303, FACTOR_PAGE);
  }

  private async page(
    user: SignedInUser,
    { stage }: AskerLocals,
    shown: { readonly wanted: string; readonly fault?: string },
  ): Promise<string> {
    const status = await this.account.factorStatus(user);
    return this.pages.render('second-factor', {
      title: 'Double authentification',
      narrow: true,
      ...(stage === 'open' ? navigation(user, '/compte') : {}),
      isObliged: stage !== 'open',
      isNone: status === 'none',
      isConfirmed: status === 'confirmed',
      recoveryCodesLeft: await this.account.recoveryCodesLeft(user),
      ...(status === 'proposed' ? { secret: inGroups((await this.account.proposed(user)).secret) } : {}),
      ...shown,
    });
  }
}

/** A secret is typed more easily in groups of four. */
const inGroups = (secret: string): string => secret.replaceAll(/.{4}(?=.)/g, '$& ');

/** What a page says of a password that was asked for again; sets the status of the answer. Undefined for any other error. */
function faultOfPasswordCheck(response: Response, error: unknown): string | undefined {
  if (error instanceof TooManyAttempts) return tooMany(response, error);
  if (error instanceof PasswordWrong) {
    response.status(422);
    return error.message;
  }
  return refusalIn(response, error);
}

function faultOfCode(response: Response, error: unknown): string | undefined {
  if (error instanceof TooManyAttempts) return tooMany(response, error);
  if (error instanceof SecondFactorWrong) {
    response.status(422);
    return error.message;
  }
  return refusalIn(response, error);
}

function tooMany(response: Response, { seconds, message }: TooManyAttempts): string {
  response.status(429).setHeader('Retry-After', String(seconds));
  return message;
}

function refusalIn(response: Response, error: unknown): string | undefined {
  const sentence = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
  if (sentence !== undefined) response.status(409);
  return sentence;
}
