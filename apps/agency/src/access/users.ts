import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AgencyById } from '#libs/commands';
import type { AgencyUser, RegisteredAgency } from '#libs/directory';
import type { Position } from '#libs/event-store';
import { notFound } from '#libs/web';
import { AgencyAccess, type AccessUser } from '#projections/agency-access';
import { Settings } from '../settings.js';
import { Sessions, type Stage } from './sessions.js';

/** Milliseconds to wait for sessions and keys to know of a change. */
const LONGEST_WAIT_MS = 3_000;

/** A user as the read model finds him, and as his agency has him, which is always as new as the last command. */
export interface KnownUser {
  readonly found: AccessUser;
  readonly user: AgencyUser;
}

/** Who the users are. The read model tells whose an address is; what he may, by which password, tells the agency. */
@Injectable()
export class Users {
  constructor(
    private readonly access: AgencyAccess,
    private readonly queries: QueryBus,
    private readonly sessions: Sessions,
    private readonly settings: Settings,
  ) {}

  /** Somebody who may log in. @param name as `logInName` has it. */
  async byName(name: string): Promise<KnownUser | undefined> {
    return this.known(await this.access.userByEmail(name));
  }

  async byId(userId: string): Promise<KnownUser | undefined> {
    return this.known(await this.access.userById(userId));
  }

  /** @throws EdgeFailure 404. */
  async agency(agencyId: string): Promise<RegisteredAgency> {
    const { state } = await this.queries.execute(new AgencyById(agencyId));
    if (state.status !== 'registered') throw notFound();
    return state;
  }

  /** What is still to come after the right password. */
  stageAfterPassword({ role, secondFactor }: AgencyUser): Stage {
    if (secondFactor.status === 'confirmed') return 'code';
    return role === 'manager' && this.settings.secondFactorRequired ? 'enrolment' : 'open';
  }

  /** Waits for everybody's sessions and keys to know of a command. */
  async knowOf(position: Position | null): Promise<void> {
    if (position) await this.access.atLeast(position, LONGEST_WAIT_MS);
  }

  /** Ends the sessions of a user after a command that calls for it. */
  async endSessions(userId: string, position: Position | null): Promise<void> {
    await this.sessions.closeAllOf(userId);
    await this.knowOf(position);
  }

  private async known(found: AccessUser | undefined): Promise<KnownUser | undefined> {
    if (!found) return undefined;
    const { users } = await this.agency(found.agencyId);
    const user = users.find(({ userId }) => userId === found.userId);
    return user?.status === 'active' ? { found, user } : undefined;
  }
}
