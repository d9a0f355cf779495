import { Injectable } from '@nestjs/common';
import { isPassword, logInName, NOBODYS_PASSWORD } from '#libs/commands';
import { Attempts, TooManyAttempts } from '#libs/web';
import type { AccessUser } from '#projections/agency-access';
import { AccessRecord } from './access-record.js';
import type { SignedInUser } from './asker.js';
import { LIMITS } from './limits.js';
import { SecondFactors, type Factor } from './second-factors.js';
import { Sessions, type Stage } from './sessions.js';
import { Users, type KnownUser } from './users.js';

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

/** Lets people in: password, then the second factor; counts what is wrong, and writes both down. */
@Injectable()
export class LogIn {
  constructor(
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly attempts: Attempts,
    private readonly record: AccessRecord,
    private readonly secondFactors: SecondFactors,
  ) {}

  /**
   * @returns undefined for an unknown address and for a wrong password alike, after the same time.
   * @throws TooManyAttempts
   */
  async withPassword({ email, password, network }: Credentials): Promise<Entered | undefined> {
    const name = logInName(email);
    await this.attempts.mustBeLeft(LIMITS.logInByNetwork, network);
    await this.attempts.mustBeLeft(LIMITS.logInByName, name);
    const known = await this.users.byName(name);
    const isRight = await isPassword(password, passwordHashOf(known) ?? NOBODYS_PASSWORD);
    if (!known || !isRight) {
      await this.countWrongPassword(name, network, known?.found);
      return undefined;
    }
    await this.attempts.forget(LIMITS.logInByName, name);
    const stage = this.users.stageAfterPassword(known.user);
    if (stage === 'open') return this.enter(known.found, 'password', network);
    return { token: await this.sessions.open(known.found, stage), stage };
  }

  /**
   * The second stage: a code of the authenticator app, or a recovery code.
   *
   * @returns undefined for a wrong code, or one that was used.
   * @throws TooManyAttempts, and the log-in is over.
   */
  async withCode({ userId, token }: SignedInUser, code: string, network: string): Promise<Entered | undefined> {
    const known = await this.users.byId(userId);
    if (!known) return undefined;
    await this.mustHaveTries(userId, token);
    const factor = await this.secondFactors.verify(known, code);
    if (!factor) {
      await this.record.failed(known.found, 'code', network);
      const { isLast } = await this.attempts.count(LIMITS.secondFactor, userId);
      if (isLast) await this.record.locked(known.found, LIMITS.secondFactor.pause);
      return undefined;
    }
    await this.attempts.forget(LIMITS.secondFactor, userId);
    await this.sessions.close(token);
    return this.enter(known.found, factor, network);
  }

  /** Somebody whose log-in has come to its end. */
  async enter(user: AccessUser, factor: Factor, network: string): Promise<Entered> {
    const token = await this.sessions.open(user);
    await this.record.loggedIn(user, factor, network);
    return { token, stage: 'open' };
  }

  async leave({ userId, agency, token }: SignedInUser, network: string): Promise<void> {
    await this.sessions.close(token);
    await this.record.loggedOut({ userId, agencyId: agency.id }, network);
  }

  /** The code by which a second factor was confirmed lets nobody in any more. */
  async useUp(factorId: string, step: number): Promise<void> {
    await this.secondFactors.useUp(factorId, step);
  }

  /** Somebody in charge lifts a lock-out. @param email as `logInName` has it. */
  async unlock(user: Pick<AccessUser, 'agencyId' | 'userId' | 'email'>, actor: string): Promise<void> {
    await this.attempts.forget(LIMITS.logInByName, user.email);
    await this.attempts.forget(LIMITS.secondFactor, user.userId);
    await this.record.unlocked(user, actor);
  }

  private async countWrongPassword(name: string, network: string, user: AccessUser | undefined): Promise<void> {
    const [byName] = await Promise.all([
      this.attempts.count(LIMITS.logInByName, name),
      this.attempts.count(LIMITS.logInByNetwork, network),
    ]);
    if (!user) return;
    await this.record.failed(user, 'password', network);
    if (byName.isLast) await this.record.locked(user, LIMITS.logInByName.pause);
  }

  private async mustHaveTries(userId: string, token: string): Promise<void> {
    try {
      await this.attempts.mustBeLeft(LIMITS.secondFactor, userId);
    } catch (error) {
      if (error instanceof TooManyAttempts) await this.sessions.close(token);
      throw error;
    }
  }
}

const passwordHashOf = (known: KnownUser | undefined): string | undefined =>
  known === undefined || known.user.personal === 'erased' ? undefined : known.user.personal.passwordHash;
