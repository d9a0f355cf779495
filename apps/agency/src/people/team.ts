import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { validate as isUuid } from 'uuid';
import { CommandAgency, InviteUser, IssueApiKey, type AgencyOutcome } from '#libs/commands';
import type { AgencyUser, RegisteredAgency, UserRole } from '#libs/directory';
import type { CommandContext } from '#libs/event-store';
import { Attempts, notFound } from '#libs/web';
import type { Asker } from '../access/asker.js';
import { LIMITS } from '../access/limits.js';
import { LogIn } from '../access/log-in.js';
import { Users } from '../access/users.js';

/** A user as others may know him: never a hash or a secret. */
export interface TeamMember {
  readonly userId: string;
  readonly role: UserRole;
  readonly status: AgencyUser['status'];
  /** Null once personal data are erased; the name also until he has joined. */
  readonly email: string | null;
  readonly name: string | null;
  readonly invitedUntil: string | null;
  readonly secondFactor: boolean;
  readonly lockedUntil: string | null;
}

/** What a change of a user is called by those who ask for it. */
export type Change = 'deactivateUser' | 'reactivateUser' | 'removeSecondFactor';

/** The users and API keys of an agency, for pages and API alike; every question and command is about the asker's own agency. */
@Injectable()
export class Team {
  constructor(
    private readonly commands: CommandBus,
    private readonly users: Users,
    private readonly logIn: LogIn,
    private readonly attempts: Attempts,
  ) {}

  /** As new as the last command. */
  async members({ agency }: Asker): Promise<readonly TeamMember[]> {
    return (await this.users.agency(agency.id)).users.map(memberOf);
  }

  /** @throws EdgeFailure 404. */
  async member({ agency }: Asker, userId: string): Promise<TeamMember> {
    return memberOf(userIn(await this.users.agency(agency.id), userId));
  }

  async apiKeys({ agency }: Asker): Promise<RegisteredAgency['apiKeys']> {
    return (await this.users.agency(agency.id)).apiKeys;
  }

  /**
   * Invites somebody; the worker mails the link.
   *
   * @throws LogInTaken, CommandRefused, TooManyAttempts
   */
  async invite(asker: Asker, user: { readonly email: string; readonly role: UserRole }): Promise<TeamMember> {
    await this.attempts.mustBeLeft(LIMITS.invitations, asker.agency.id);
    await this.attempts.count(LIMITS.invitations, asker.agency.id);
    const invited = await this.commands.execute(new InviteUser(asker.agency.id, user, contextOf(asker)));
    return this.member(asker, invited.userId);
  }

  /** Mails a new link to somebody who has not joined; the older one leads nowhere then. */
  async inviteAgain(asker: Asker, userId: string): Promise<TeamMember> {
    const { email, role } = await this.member(asker, userId);
    return email === null ? this.member(asker, userId) : this.invite(asker, { email, role });
  }

  async changeRole(asker: Asker, userId: string, role: UserRole): Promise<TeamMember> {
    await this.member(asker, userId);
    return this.endingSessions(
      asker,
      userId,
      new CommandAgency(asker.agency.id, { type: 'changeRole', userId, role }, contextOf(asker)),
    );
  }

  async change(asker: Asker, userId: string, type: Change): Promise<TeamMember> {
    await this.member(asker, userId);
    return this.endingSessions(asker, userId, new CommandAgency(asker.agency.id, { type, userId }, contextOf(asker)));
  }

  async unlock(asker: Asker, userId: string): Promise<TeamMember> {
    const { email } = await this.member(asker, userId);
    if (email !== null) await this.logIn.unlock({ agencyId: asker.agency.id, userId, email }, asker.actor);
    return this.member(asker, userId);
  }

  /** @returns the key in clear: the only time that anybody reads it. */
  async issueKey(asker: Asker, label: string): Promise<string> {
    const { apiKey, position } = await this.commands.execute(new IssueApiKey(asker.agency.id, label, contextOf(asker)));
    await this.users.knowOf(position);
    return apiKey;
  }

  /** @throws EdgeFailure 404. */
  async revokeKey(asker: Asker, keyId: string): Promise<void> {
    const keys = await this.apiKeys(asker);
    if (!keys.some((key) => key.keyId === keyId)) throw notFound();
    const command = new CommandAgency(asker.agency.id, { type: 'revokeApiKey', keyId }, contextOf(asker));
    await this.users.knowOf((await this.commands.execute(command)).position);
  }

  private async endingSessions(asker: Asker, userId: string, command: CommandAgency): Promise<TeamMember> {
    const { events, position }: AgencyOutcome = await this.commands.execute(command);
    if (events.length > 0) await this.users.endSessions(userId, position);
    return this.member(asker, userId);
  }
}

function contextOf({ actor }: Asker): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor };
}

function userIn({ users }: RegisteredAgency, userId: string): AgencyUser {
  const found = isUuid(userId) ? users.find((user) => user.userId === userId) : undefined;
  if (!found) throw notFound();
  return found;
}

function memberOf({ userId, role, status, personal, invitation, secondFactor, lock }: AgencyUser): TeamMember {
  return {
    userId,
    role,
    status,
    email: personal === 'erased' ? null : personal.email,
    name: personal === 'erased' ? null : (personal.name ?? null),
    invitedUntil: invitation?.expiresAt ?? null,
    secondFactor: secondFactor.status === 'confirmed',
    lockedUntil: lock?.until ?? null,
  };
}
