import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ChangePassword,
  CommandAgency,
  ConfirmSecondFactor,
  factorAddress,
  isPassword,
  PasswordWrong,
  ProposeSecondFactor,
  SecondFactorWrong,
  type AgencyOutcome,
} from '#libs/commands';
import type { AgencyUser } from '#libs/directory';
import type { CommandContext } from '#libs/event-store';
import { Attempts, notFound } from '#libs/web';
import type { SignedInUser } from '../access/asker.js';
import { LIMITS } from '../access/limits.js';
import { LogIn } from '../access/log-in.js';
import { Sessions, type Stage } from '../access/sessions.js';
import { Users } from '../access/users.js';

/** A second factor that waits for its first code. */
export interface ProposedFactor {
  /** Base32, for who cannot scan. */
  readonly secret: string;
  /** What the QR code holds. */
  readonly address: string;
}

/** Somebody's own account: password and second factor. */
@Injectable()
export class Account {
  constructor(
    private readonly commands: CommandBus,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly attempts: Attempts,
    private readonly logIn: LogIn,
  ) {}

  async factorStatus(user: SignedInUser): Promise<AgencyUser['secondFactor']['status']> {
    return (await this.own(user)).secondFactor.status;
  }

  /** How many recovery codes are left; 0 without a second factor. */
  async recoveryCodesLeft(user: SignedInUser): Promise<number> {
    const { secondFactor } = await this.own(user);
    return secondFactor.status === 'confirmed' ? secondFactor.recoveryHashes.filter((hash) => hash !== null).length : 0;
  }

  /**
   * Ends every other session of the user.
   *
   * @returns the token of the session that goes on.
   * @throws PasswordWrong, CommandRefused, TooManyAttempts
   */
  async changePassword(user: SignedInUser, passwords: { current: string; next: string }): Promise<string> {
    const { userId, agency } = user;
    const outcome = await this.knowingPassword(user, () =>
      this.commands.execute(new ChangePassword(agency.id, userId, passwords, contextOf(user))),
    );
    return this.begunAnew(user, outcome.position);
  }

  async propose(user: SignedInUser): Promise<void> {
    await this.commands.execute(new ProposeSecondFactor(user.agency.id, user.userId, contextOf(user)));
  }

  /** @throws EdgeFailure 404 where none is proposed. */
  async proposed(user: SignedInUser): Promise<ProposedFactor> {
    const { secondFactor } = await this.own(user);
    if (secondFactor.status !== 'proposed') throw notFound();
    return { secret: secondFactor.secret, address: factorAddress(secondFactor.secret, user.email) };
  }

  /**
   * Puts the proposed factor into force; a log-in that waited for it comes to its end.
   *
   * @returns the recovery codes, to be read this once, and the token of the session that goes on.
   * @throws SecondFactorWrong, CommandRefused, TooManyAttempts
   */
  async confirm(
    user: SignedInUser,
    { code, stage, network }: { code: string; stage: Stage; network: string },
  ): Promise<{ recoveryCodes: readonly string[]; token: string }> {
    const { userId, agency, token } = user;
    await this.attempts.mustBeLeft(LIMITS.secondFactor, userId);
    try {
      const confirm = new ConfirmSecondFactor(agency.id, userId, code, contextOf(user));
      const { recoveryCodes, factorId, step, position } = await this.commands.execute(confirm);
      await this.logIn.useUp(factorId, step);
      await this.users.knowOf(position);
      if (stage === 'open') return { recoveryCodes, token };
      await this.sessions.close(token);
      const known = await this.users.byId(userId);
      if (!known) throw notFound();
      return { recoveryCodes, token: (await this.logIn.enter(known.found, 'totp', network)).token };
    } catch (error) {
      if (error instanceof SecondFactorWrong) await this.attempts.count(LIMITS.secondFactor, userId);
      throw error;
    }
  }

  /** Ends every session of the user. @throws PasswordWrong, TooManyAttempts */
  async removeFactor(user: SignedInUser, password: string): Promise<void> {
    const { userId, agency } = user;
    const { personal } = await this.own(user);
    await this.knowingPassword(user, async () => {
      const hash = personal === 'erased' ? undefined : personal.passwordHash;
      if (hash === undefined || !(await isPassword(password, hash))) throw new PasswordWrong();
    });
    const command = new CommandAgency(agency.id, { type: 'removeSecondFactor', userId }, contextOf(user));
    const { position } = await this.commands.execute(command);
    await this.users.endSessions(userId, position);
  }

  /** Counts wrong passwords of somebody who may only have found a browser open. */
  private async knowingPassword<Result>({ userId }: SignedInUser, carryOut: () => Promise<Result>): Promise<Result> {
    await this.attempts.mustBeLeft(LIMITS.ownPassword, userId);
    try {
      return await carryOut();
    } catch (error) {
      if (error instanceof PasswordWrong) await this.attempts.count(LIMITS.ownPassword, userId);
      throw error;
    }
  }

  private async begunAnew({ userId }: SignedInUser, position: AgencyOutcome['position']): Promise<string> {
    await this.users.endSessions(userId, position);
    const known = await this.users.byId(userId);
    if (!known) throw notFound();
    return this.sessions.open(known.found);
  }

  private async own({ agency, userId }: SignedInUser): Promise<AgencyUser> {
    const found = (await this.users.agency(agency.id)).users.find((user) => user.userId === userId);
    if (!found) throw notFound();
    return found;
  }
}

function contextOf({ actor }: SignedInUser): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor };
}
