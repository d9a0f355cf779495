import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  AgencyById,
  CommandAgency,
  isPassword,
  logInName,
  NOBODYS_PASSWORD,
  RecordAccess,
  stepOfCode,
  UseRecoveryCode,
} from '#libs/commands';
import { Clock } from '#libs/configuration';
import type { AgencyUser } from '#libs/directory';
import { CommandRefused } from '#libs/event-store';
import { Attempts, TooManyAttempts } from '#libs/web';
import { AgencyAccess, type AccessUser } from '#projections/agency-access';
import { Settings } from '../settings.js';
import type { SignedInUser } from './asker.js';
import { LIMITS } from './limits.js';
import { Sessions, type Stage } from './sessions.js';
import { UsedCodes } from './used-codes.js';

/** From where, and with what, somebody asks to be let in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** As `networkOf` has it. */
  readonly network: string;
}

/** A log-in that has come one stage further; `token` is for the browser's cookie. */
export interface Entered {
  readonly token: string;
  readonly stage: Stage;
}

type Factor = 'password' | 'totp' | 'recovery-code';

/** Lets people in: password, then the second factor; counts what is wrong, and writes both down. */
@Injectable()
export class LogIn {
  constructor(
    private readonly access: AgencyAccess,
    private readonly sessions: Sessions,
    private readonly attempts: Attempts,
    private readonly usedCodes: UsedCodes,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns undefined for an unknown address and for a wrong password alike, after the same time.
   * @throws TooManyAttempts
   */
  async withPassword({ email, password, network }: Credentials): Promise<Entered | undefined> {
    const name = logInName(email);
    await this.attempts.mustBeLeft(LIMITS.logInByNetwork, network);
    await this.attempts.mustBeLeft(LIMITS.logInByName, name);
    const found = await this.access.userByEmail(name);
    // The read model says whose address it is; whether he may come in, and by which password, says the agency.
    const user = found && (await this.userOf(found));
    const isRight = await isPassword(password, passwordHashOf(user) ?? NOBODYS_PASSWORD);
    if (!found || user?.status !== 'active' || !isRight) {
      await this.countWrongPassword(name, network, found);
      return undefined;
    }
    await this.attempts.forget(LIMITS.logInByName, name);
    const stage = this.stageOf(user);
    if (stage === 'open') return this.enter(found, 'password', network);
    return { token: await this.sessions.open(found, stage), stage };
  }

  /**
   * The second stage: a code of the authenticator app, or a recovery code.
   *
   * @returns undefined for a wrong code, or one that was used.
   * @throws TooManyAttempts, and the log-in is over.
   */
  async withCode(begun: SignedInUser, code: string, network: string): Promise<Entered | undefined> {
    const found = await this.access.userById(begun.userId);
    const user = found && (await this.userOf(found));
    if (!found || user?.status !== 'active') return undefined;
    await this.mustHaveTries(begun);
    const factor = /^\d{6}$/.test(code)
      ? await this.isCodeOfNow(user, code)
      : await this.isRecoveryCode(found, code);
    if (!factor) {
      await this.record(found, { type: 'LogInFailed', reason: 'code' }, network);
      const { isLast } = await this.attempts.count(LIMITS.secondFactor, found.userId);
      if (isLast) await this.lock(found, LIMITS.secondFactor.pause);
      return undefined;
    }
    await this.attempts.forget(LIMITS.secondFactor, found.userId);
    await this.sessions.close(begun.token);
    return this.enter(found, factor, network);
  }

  /** Somebody whose log-in has come to its end. */
  async enter(user: AccessUser, factor: Factor, network: string): Promise<Entered> {
    const token = await this.sessions.open(user);
    await this.record(user, { type: 'LoggedIn', factor }, network);
    return { token, stage: 'open' };
  }

  async leave({ userId, agency, token }: SignedInUser, network: string): Promise<void> {
    await this.sessions.close(token);
    await this.record({ userId, agencyId: agency.id }, { type: 'LoggedOut' }, network);
  }

  /** A manager lifts a lock-out. */
  async unlock({ agencyId, userId, email }: Pick<AccessUser, 'agencyId' | 'userId' | 'email'>, actor: string): Promise<void> {
    await this.attempts.forget(LIMITS.logInByName, email);
    await this.attempts.forget(LIMITS.secondFactor, userId);
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor };
    await this.commands.execute(new CommandAgency(agencyId, { type: 'unlockLogIn', userId }, context));
  }

  private stageOf({ role, secondFactor }: AgencyUser): Stage {
    if (secondFactor.status === 'confirmed') return 'code';
    return role === 'manager' && this.settings.secondFactorRequired ? 'enrolment' : 'open';
  }

  private async userOf({ agencyId, userId }: AccessUser): Promise<AgencyUser | undefined> {
    const { state } = await this.queries.execute(new AgencyById(agencyId));
    return state.status === 'registered' ? state.users.find((user) => user.userId === userId) : undefined;
  }

  private async countWrongPassword(name: string, network: string, user: AccessUser | undefined): Promise<void> {
    const [byName] = await Promise.all([
      this.attempts.count(LIMITS.logInByName, name),
      this.attempts.count(LIMITS.logInByNetwork, network),
    ]);
    if (!user) return;
    await this.record(user, { type: 'LogInFailed', reason: 'password' }, network);
    if (byName.isLast) await this.lock(user, LIMITS.logInByName.pause);
  }

  private async mustHaveTries({ userId, token }: SignedInUser): Promise<void> {
    try {
      await this.attempts.mustBeLeft(LIMITS.secondFactor, userId);
    } catch (error) {
      if (error instanceof TooManyAttempts) await this.sessions.close(token);
      throw error;
    }
  }

  private async isCodeOfNow({ secondFactor }: AgencyUser, code: string): Promise<Factor | undefined> {
    if (secondFactor.status !== 'confirmed') return undefined;
    const step = stepOfCode(secondFactor.secret, code, this.clock.now());
    return step !== undefined && (await this.usedCodes.use(secondFactor.factorId, step)) ? 'totp' : undefined;
  }

  private async isRecoveryCode({ agencyId, userId }: AccessUser, code: string): Promise<Factor | undefined> {
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor: `user:${userId}` };
    try {
      await this.commands.execute(new UseRecoveryCode(agencyId, userId, code, context));
      return 'recovery-code';
    } catch (error) {
      if (error instanceof CommandRefused && error.code === 'RECOVERY_CODE_WRONG') return undefined;
      throw error;
    }
  }

  /** The worker tells the owner of the account. */
  private async lock({ agencyId, userId }: AccessUser, seconds: number): Promise<void> {
    const until = new Date(Date.parse(this.clock.now()) + seconds * 1_000).toISOString();
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor: 'log-in' };
    const command = { type: 'lockLogIn', userId, lockId: randomUUID(), until } as const;
    await this.commands.execute(new CommandAgency(agencyId, command, context));
  }

  private async record(
    { agencyId, userId }: Pick<AccessUser, 'agencyId' | 'userId'>,
    what:
      | { readonly type: 'LoggedIn'; readonly factor: Factor }
      | { readonly type: 'LogInFailed'; readonly reason: 'password' | 'code' }
      | { readonly type: 'LoggedOut' },
    network: string,
  ): Promise<void> {
    const { type, ...how } = what;
    // Of a failed log-in one knows which account was meant, not who meant it.
    const actor = type === 'LogInFailed' ? 'log-in' : `user:${userId}`;
    const event = { type, data: { userId, ...how }, personal: { address: network } } as ConstructorParameters<
      typeof RecordAccess
    >[1];
    await this.commands.execute(new RecordAccess(agencyId, event, actor));
  }
}

const passwordHashOf = (user: AgencyUser | undefined): string | undefined =>
  user === undefined || user.personal === 'erased' ? undefined : user.personal.passwordHash;
