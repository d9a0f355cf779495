import { Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { LogInTaken } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { CommandRefused } from '#libs/event-store';
import { dates, InvalidInput, Pages, readInput, type FieldFault } from '#libs/web';
import { Asking, mustBeAllowedToManage, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { sentenceOfRefusal } from '../failures.js';
import { navigation } from '../navigation.js';
import { submittedTexts } from '../submitted-texts.js';
import { isRole, roleInWords, roleLabels, ROLES } from './roles.js';
import { ApiKeyInput, InvitationInput } from './team-input.js';
import { Team, type TeamMember } from './team.js';

const PAGE = '/equipe';

/** What the page shows beside the team: a form that failed, a refusal, a key that has just been made, or what was done. */
interface Shown {
  readonly form?: Readonly<Record<string, string | undefined>>;
  readonly faults?: readonly FieldFault[];
  readonly refused?: string;
  readonly apiKey?: string;
  readonly done?: string | undefined;
}

/** The team of an agency: invitations, roles, access, second factors; and the keys of its programs. For managers. */
@Controller('equipe')
@UseGuards(SignedIn)
export class TeamController {
  constructor(
    private readonly team: Team,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(@Asking() user: SignedInUser, @Query('fait') done: unknown, @Res() response: Response): Promise<void> {
    mustBeAllowedToManage(user);
    response.send(await this.page(user, { done: typeof done === 'string' ? DONE[done] : undefined }));
  }

  @Post('invitations')
  async invite(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToManage(user);
    const { email = '', role = '' } = submittedTexts(request);
    const form = { email: email.trim(), role };
    await this.attempt(user, response, form, 'invitation', async () => {
      await this.team.invite(user, readInput(InvitationInput, form));
    });
  }

  @Post('cles-api')
  async issueKey(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToManage(user);
    const form = { label: (submittedTexts(request)['label'] ?? '').trim() };
    try {
      const { label } = readInput(ApiKeyInput, form);
      response.send(await this.page(user, { apiKey: await this.team.issueKey(user, label) }));
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      response.status(422).send(await this.page(user, { form, faults: error.faults }));
    }
  }

  @Post('cles-api/:keyId/revocation')
  async revokeKey(
    @Asking() user: SignedInUser,
    @Param('keyId') keyId: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToManage(user);
    await this.team.revokeKey(user, keyId);
    response.redirect(303, `${PAGE}?fait=cle-revoquee`);
  }

  @Post(':userId/role')
  async changeRole(
    @Asking() user: SignedInUser,
    @Param('userId') userId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToManage(user);
    await this.team.member(user, userId);
    const { role } = submittedTexts(request);
    await this.attempt(user, response, {}, 'role', async () => {
      if (!isRole(role)) throw new InvalidInput([{ field: 'role', message: 'Choisissez un rôle de la liste.' }]);
      await this.team.changeRole(user, userId, role);
    });
  }

  @Post(':userId/desactivation')
  async deactivate(
    @Asking() user: SignedInUser,
    @Param('userId') userId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(user, userId, response, 'desactivation', () => this.team.change(user, userId, 'deactivateUser'));
  }

  @Post(':userId/reactivation')
  async reactivate(
    @Asking() user: SignedInUser,
    @Param('userId') userId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(user, userId, response, 'reactivation', () => this.team.change(user, userId, 'reactivateUser'));
  }

  @Post(':userId/second-facteur')
  async removeSecondFactor(
    @Asking() user: SignedInUser,
    @Param('userId') userId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(user, userId, response, 'second-facteur', () =>
      this.team.change(user, userId, 'removeSecondFactor'),
    );
  }

  @Post(':userId/deblocage')
  async unlock(
    @Asking() user: SignedInUser,
    @Param('userId') userId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(user, userId, response, 'deblocage', () => this.team.unlock(user, userId));
  }

  @Post(':userId/invitation')
  async inviteAgain(
    @Asking() user: SignedInUser,
    @Param('userId') userId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(user, userId, response, 'invitation', () => this.team.inviteAgain(user, userId));
  }

  /** Where a form that failed leaves the address bar. */
  @Get(['invitations', 'cles-api', 'cles-api/*path', ':userId/*path'])
  afterForm(@Res() response: Response): void {
    response.redirect(303, PAGE);
  }

  private async change(
    user: SignedInUser,
    userId: string,
    response: Response,
    done: string,
    carryOut: () => Promise<unknown>,
  ): Promise<void> {
    mustBeAllowedToManage(user);
    await this.team.member(user, userId);
    await this.attempt(user, response, {}, done, carryOut);
  }

  /** Carries out what a form asks; a refusal comes back on the page, with the form as it was. */
  private async attempt(
    user: SignedInUser,
    response: Response,
    form: Shown['form'],
    done: string,
    carryOut: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await carryOut();
      response.redirect(303, `${PAGE}?fait=${encodeURIComponent(done)}`);
    } catch (error) {
      const shown = shownOf(error);
      if (!shown) throw error;
      response.status(shown.status).send(await this.page(user, { form: form ?? {}, ...shown }));
    }
  }

  private async page(user: SignedInUser, { form = {}, faults = [], ...shown }: Shown): Promise<string> {
    const [members, keys] = await Promise.all([this.team.members(user), this.team.apiKeys(user)]);
    const now = this.clock.now();
    return this.pages.render('team', {
      title: 'Équipe',
      ...navigation(user, PAGE),
      members: members.map((member) => memberRow(member, user, now)),
      keys: keys.filter(({ status }) => status === 'active'),
      roles: ROLES.map((role) => ({
        value: role,
        label: roleInWords(role),
        selected: role === (form['role'] ?? 'clerk'),
      })),
      form,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      ...shown,
    });
  }
}

function shownOf(error: unknown): (Shown & { readonly status: number }) | undefined {
  if (error instanceof InvalidInput) return { status: 422, faults: error.faults };
  if (error instanceof LogInTaken) return { status: 409, faults: [{ field: 'email', message: error.message }] };
  if (!(error instanceof CommandRefused)) return undefined;
  const sentence = sentenceOfRefusal(error.code);
  if (sentence === undefined) return undefined;
  return error.code === 'USER_HAS_JOINED' || error.code === 'USER_EMAIL_TAKEN'
    ? { status: 409, faults: [{ field: 'email', message: sentence }] }
    : { status: 409, refused: sentence };
}

const DONE: Readonly<Record<string, string>> = {
  invitation: 'L’invitation part par e-mail : le lien est valable sept jours.',
  role: 'Le rôle est changé ; la personne doit se reconnecter.',
  desactivation: 'Le compte est désactivé et ses sessions sont fermées.',
  reactivation: 'Le compte est réactivé.',
  'second-facteur': 'La double authentification est retirée : la personne la reconfigure à sa prochaine connexion.',
  deblocage: 'Le compte est débloqué.',
  'cle-revoquee': 'La clé d’API est révoquée : les logiciels qui l’emploient n’ont plus accès.',
};

const STATUSES = { invited: 'Invité', active: 'Actif', deactivated: 'Désactivé' } as const;
const TAGS = { invited: 'deposited', active: 'signed', deactivated: 'expired' } as const;

function memberRow(member: TeamMember, { userId }: SignedInUser, now: string): Record<string, unknown> {
  const { status, role, name, email, invitedUntil, lockedUntil } = member;
  const isLocked = lockedUntil !== null && lockedUntil > now;
  const isLate = status === 'invited' && invitedUntil !== null && invitedUntil <= now;
  return {
    ...member,
    href: `/equipe/${member.userId}`,
    name: name ?? (email === null ? 'Données effacées' : 'Pas encore inscrit'),
    label: isLate ? 'Invitation échue' : isLocked ? 'Bloqué' : STATUSES[status],
    tag: isLate || isLocked ? 'failed' : TAGS[status],
    until: isLocked ? dates.dayAndTime(lockedUntil) : undefined,
    roleLabel: roleLabels[role],
    roles: ROLES.map((value) => ({ value, label: roleLabels[value], selected: value === role })),
    isSelf: member.userId === userId,
    isLocked,
    mayDeactivate: status !== 'deactivated',
    mayReactivate: status === 'deactivated' && name !== null,
    mayInvite: status !== 'active' && name === null && email !== null,
  };
}
