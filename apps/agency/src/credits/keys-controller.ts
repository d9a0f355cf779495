import { Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Clock } from '#libs/configuration';
import { refusals, type CreditEventType, type CreditRefusalCode, type ReleaseReason } from '#libs/credit';
import { CommandRefused } from '#libs/event-store';
import { dates, Pages } from '#libs/web';
import type { Movement } from '#projections/credit-balance';
import { Asking, mustBeAllowedToManage, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { navigation } from '../navigation.js';
import { submittedTexts } from '../submitted-texts.js';
import { Credits, inFrench } from './credits.js';
import { plotOf } from './plot.js';

const MOVEMENTS = 50;

const MOTIVES: Readonly<Record<CreditEventType, string>> = {
  Activated: 'Clé d’activation',
  Recharged: 'Clé de recharge',
  Reserved: 'Réservation pour un envoi',
  Consumed: 'Lettre déposée, signature utilisée',
  Released: 'Signature rendue',
};
const REASONS: Readonly<Record<ReleaseReason, string>> = {
  'deposit-failed': 'Signature rendue : le dépôt a échoué',
  'not-submitted': 'Signature rendue : l’envoi n’a pas abouti',
};

/** The agency's signatures: balance, course, movements, and the form for a key (manual II.2). */
@Controller('cles')
@UseGuards(SignedIn)
export class KeysController {
  constructor(
    private readonly credits: Credits,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query('avant') before: unknown,
    @Query('cle') serial: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const number = typeof before === 'string' && /^\d{1,12}$/.test(before) ? Number(before) : undefined;
    const key = typeof serial === 'string' ? serial : undefined;
    response.send(await this.page(user, { before: number, serial: key }));
  }

  @Post()
  async enter(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToManage(user);
    const typed = submittedTexts(request)['cle'] ?? '';
    try {
      const { key, position } = await this.credits.enter(user, typed);
      if (position) await this.sessions.remember(user.token, position, 'creditPosition');
      response.redirect(303, `/cles?cle=${key.serial}`);
    } catch (error) {
      if (!(error instanceof CommandRefused) || !(error.code in refusals)) throw error;
      const { status, sentence } = refusals[error.code as CreditRefusalCode];
      response.status(status).send(await this.page(user, { typed, fault: sentence }));
    }
  }

  private async page(
    user: SignedInUser,
    {
      before,
      serial,
      typed,
      fault,
    }: { before?: number | undefined; serial?: string | undefined; typed?: string; fault?: string },
  ): Promise<string> {
    const listed = await this.credits.movements(user, MOVEMENTS, before, user.creditPosition);
    const [balance, course, entered] = await Promise.all([
      this.credits.balance(user, undefined),
      this.credits.course(user),
      serial === undefined ? undefined : this.credits.ofKey(user, serial),
    ]);
    return this.pages.render('keys', {
      title: 'Signatures',
      ...navigation(user, '/cles'),
      balance,
      figures: { reserved: inFrench(balance.reserved), consumed: inFrench(balance.consumed) },
      company: user.agency.name,
      typed,
      fault,
      entered: entered && added(entered.quantity),
      isLate: !listed.upToDate,
      plot: plotOf(course, this.clock.now()),
      movements: listed.movements.map(movementRow),
      isFirst: before === undefined,
      older: listed.next === null ? undefined : `/cles?avant=${listed.next}`,
    });
  }
}

const added = (count: number): string =>
  count === 1 ? '1 signature est ajoutée' : `${inFrench(count)} signatures sont ajoutées`;

function movementRow({ type, at, quantity, balance, letter, reason, serial }: Movement): Record<string, unknown> {
  const sign = quantity > 0 ? '+' : '−';
  return {
    at,
    date: dates.dayAndSecond(at),
    motive: reason === null ? MOTIVES[type] : REASONS[reason],
    letter: letter?.reference && { href: `/lettres/${letter.id}`, reference: letter.reference },
    serial,
    quantity: quantity === 0 ? '0' : `${sign}${inFrench(Math.abs(quantity))}`,
    balance: inFrench(balance),
  };
}
