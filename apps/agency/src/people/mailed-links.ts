import { randomUUID } from 'node:crypto';
import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import {
  AcceptInvitation,
  logInName,
  RequestPasswordReset,
  ResetPassword,
  UserOfLink,
  type AgencyOutcome,
  type LinkedUser,
} from '#libs/commands';
import { CommandRefused, type CommandContext } from '#libs/event-store';
import { Attempts, InvalidInput, networkOf, Pages, TooManyAttempts, readInput } from '#libs/web';
import { LIMITS } from '../access/limits.js';
import { faultsOfPasswords } from '../access/new-password.js';
import { Users } from '../access/users.js';
import { sentenceOfRefusal } from '../failures.js';
import { submittedTexts } from '../submitted-texts.js';
import { roleInWords } from './roles.js';
import { JoiningInput } from './team-input.js';

type Purpose = ConstructorParameters<typeof UserOfLink>[0];

/** The pages that mailed links lead to, and the one that asks for such a mail: for people who are not logged in. A GET changes nothing. */
@Controller()
export class MailedLinks {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly users: Users,
    private readonly attempts: Attempts,
    private readonly pages: Pages,
  ) {}

  @Get('invitation/:token')
  async showInvitation(
    @Param('token') token: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const linked = await this.linked(request, response, 'invitation', token);
    if (linked) response.send(this.invitation(linked, {}));
  }

  @Post('invitation/:token')
  async accept(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const linked = await this.linked(request, response, 'invitation', token);
    if (!linked) return;
    const { name = '', password = '', again } = submittedTexts(request);
    const form = { name: name.trim() };
    const faultOf = { ...faultsOfName(form), ...faultsOfPasswords({ password, again }, wordsOf(linked, form.name)) };
    if (Object.keys(faultOf).length > 0) {
      response.status(422).send(this.invitation(linked, { form, faultOf }));
      return;
    }
    const command = new AcceptInvitation(linked, { ...form, password }, contextOf(linked));
    await this.finish(response, () => this.commands.execute(command), '/connexion?fait=invitation');
  }

  @Get('mot-de-passe')
  askReset(@Query('envoye') sent: unknown, @Res() response: Response): void {
    response.send(this.resetRequest({ isSent: sent !== undefined }));
  }

  /** Answers the same whether somebody has this address or not. */
  @Post('mot-de-passe')
  async requestReset(@Req() request: Request, @Res() response: Response): Promise<void> {
    const network = networkOf(request);
    await this.attempts.mustBeLeft(LIMITS.resetByNetwork, network);
    await this.attempts.count(LIMITS.resetByNetwork, network);
    const name = logInName(submittedTexts(request)['email'] ?? '');
    if (name === '') {
      response.status(422).send(this.resetRequest({ fault: 'Indiquez l’adresse e-mail de votre compte.' }));
      return;
    }
    const known = await this.users.byName(name);
    if (known && (await this.isLeft(name))) {
      const { userId, agencyId } = known.found;
      await this.commands.execute(new RequestPasswordReset(agencyId, userId, contextOf({ user: { userId } })));
    }
    response.redirect(303, '/mot-de-passe?envoye=1');
  }

  @Get('mot-de-passe/:token')
  async showReset(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const linked = await this.linked(request, response, 'password-reset', token);
    if (linked) response.send(this.reset({}));
  }

  @Post('mot-de-passe/:token')
  async setPassword(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const linked = await this.linked(request, response, 'password-reset', token);
    if (!linked) return;
    const { password = '', again } = submittedTexts(request);
    const faultOf = faultsOfPasswords({ password, again }, wordsOf(linked));
    if (Object.keys(faultOf).length > 0) {
      response.status(422).send(this.reset({ faultOf }));
      return;
    }
    const command = new ResetPassword(linked, password, contextOf(linked));
    const change = async (): Promise<AgencyOutcome> => {
      const outcome = await this.commands.execute(command);
      await this.users.endSessions(linked.user.userId, outcome.position);
      return outcome;
    };
    await this.finish(response, change, '/connexion?fait=mot-de-passe');
  }

  /** Whom the link leads to; otherwise the page of links that lead nowhere has been sent. @throws TooManyAttempts */
  private async linked(
    request: Request,
    response: Response,
    purpose: Purpose,
    token: string,
  ): Promise<LinkedUser | undefined> {
    const network = networkOf(request);
    await this.attempts.mustBeLeft(LIMITS.links, network);
    const linked = await this.queries.execute(new UserOfLink(purpose, token));
    if (linked && !linked.isExpired) return linked;
    if (!linked) await this.attempts.count(LIMITS.links, network);
    this.refuse(response, purpose, linked ? 'LINK_EXPIRED' : 'LINK_USED');
    return undefined;
  }

  private async finish(response: Response, change: () => Promise<AgencyOutcome>, next: string): Promise<void> {
    try {
      const { position } = await change();
      await this.users.knowOf(position);
      response.redirect(303, next);
    } catch (error) {
      // Somebody used the link a moment ago.
      if (!(error instanceof CommandRefused) || !error.code.startsWith('LINK_')) throw error;
      this.refuse(response, 'invitation', error.code);
    }
  }

  private refuse(response: Response, purpose: Purpose, code: string): void {
    const data = { isReset: purpose === 'password-reset', sentence: sentenceOfRefusal(code) };
    response.status(410).send(this.pages.render('dead-link', { title: 'Lien non valable', narrow: true, ...data }));
  }

  private async isLeft(name: string): Promise<boolean> {
    try {
      await this.attempts.mustBeLeft(LIMITS.resetByName, name);
    } catch (error) {
      if (error instanceof TooManyAttempts) return false;
      throw error;
    }
    await this.attempts.count(LIMITS.resetByName, name);
    return true;
  }

  private invitation({ agency, user }: LinkedUser, shown: Record<string, unknown>): string {
    return this.pages.render('invitation', {
      title: 'Rejoindre une agence',
      narrow: true,
      agency: agency.details === 'erased' ? '' : agency.details.name,
      email: user.personal === 'erased' ? '' : user.personal.email,
      role: roleInWords(user.role),
      ...shown,
    });
  }

  private resetRequest(shown: Record<string, unknown>): string {
    return this.pages.render('reset-request', { title: 'Mot de passe oublié', narrow: true, ...shown });
  }

  private reset(shown: Record<string, unknown>): string {
    return this.pages.render('reset', { title: 'Nouveau mot de passe', narrow: true, ...shown });
  }
}

function faultsOfName(form: { readonly name: string }): Readonly<Record<string, string>> {
  try {
    readInput(JoiningInput, form);
    return {};
  } catch (error) {
    if (error instanceof InvalidInput)
      return Object.fromEntries(error.faults.map(({ field, message }) => [field, message]));
    throw error;
  }
}

/** What somebody would try first for this user's password. */
function wordsOf({ agency, user }: LinkedUser, name = ''): readonly string[] {
  const known = user.personal === 'erased' ? [] : [user.personal.email, user.personal.name ?? ''];
  return [...known, name, agency.details === 'erased' ? '' : agency.details.name].filter((word) => word !== '');
}

/** Who holds a link acts as the user it is for. */
function contextOf({ user }: { readonly user: { readonly userId: string } }): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: `user:${user.userId}` };
}
