import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { stepOfCode, UseRecoveryCode } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { CommandRefused } from '#libs/event-store';
import { UsedCodes } from './used-codes.js';
import type { KnownUser } from './users.js';

/** By what somebody was let in at last. */
export type Factor = 'password' | 'totp' | 'recovery-code';

/** Verifies second factors; a code lets somebody in once. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly usedCodes: UsedCodes,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  /** @returns what the code is; undefined for a wrong one and for one that was used. */
  async verify(known: KnownUser, code: string): Promise<Factor | undefined> {
    return /^\d{6}$/.test(code) ? this.codeOfNow(known, code) : this.recoveryCode(known, code);
  }

  /** A code that was verified elsewhere lets nobody in any more. */
  async useUp(factorId: string, step: number): Promise<boolean> {
    return this.usedCodes.use(factorId, step);
  }

  private async codeOfNow({ user: { secondFactor } }: KnownUser, code: string): Promise<Factor | undefined> {
    if (secondFactor.status !== 'confirmed') return undefined;
    const step = stepOfCode(secondFactor.secret, code, this.clock.now());
    return step !== undefined && (await this.useUp(secondFactor.factorId, step)) ? 'totp' : undefined;
  }

  private async recoveryCode({ found: { agencyId, userId } }: KnownUser, code: string): Promise<Factor | undefined> {
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
}
