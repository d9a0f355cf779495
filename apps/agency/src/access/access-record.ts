import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { CommandAgency, RecordAccess } from '#libs/commands';
import { Clock } from '#libs/configuration';
import type { Asker } from './asker.js';
import type { Factor } from './second-factors.js';

/** Whose log-in it is. */
interface Whose {
  readonly agencyId: string;
  readonly userId: string;
}

/** Of a failed log-in one knows which account was meant, not who meant it. */
const LOG_IN = 'log-in';

/** Writes down what the audit log tells of log-ins and readings. Addresses are personal. */
@Injectable()
export class AccessRecord {
  constructor(
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  async loggedIn({ agencyId, userId }: Whose, factor: Factor, address: string): Promise<void> {
    const event = { type: 'LoggedIn', data: { userId, factor }, personal: { address } } as const;
    await this.commands.execute(new RecordAccess(agencyId, event, `user:${userId}`));
  }

  async failed({ agencyId, userId }: Whose, reason: 'password' | 'code', address: string): Promise<void> {
    const event = { type: 'LogInFailed', data: { userId, reason }, personal: { address } } as const;
    await this.commands.execute(new RecordAccess(agencyId, event, LOG_IN));
  }

  async loggedOut({ agencyId, userId }: Whose, address: string): Promise<void> {
    const event = { type: 'LoggedOut', data: { userId }, personal: { address } } as const;
    await this.commands.execute(new RecordAccess(agencyId, event, `user:${userId}`));
  }

  /** @param of the stream that the document belongs to. */
  async documentRead({ agency, actor }: Asker, of: string, sha256: string): Promise<void> {
    await this.commands.execute(new RecordAccess(agency.id, { type: 'DocumentRead', data: { of, sha256 } }, actor));
  }

  /** Nobody logs in as this user for a while; the worker tells him. */
  async locked({ agencyId, userId }: Whose, seconds: number): Promise<void> {
    const until = new Date(Date.parse(this.clock.now()) + seconds * 1_000).toISOString();
    const command = { type: 'lockLogIn', userId, lockId: randomUUID(), until } as const;
    await this.commands.execute(new CommandAgency(agencyId, command, contextOf(LOG_IN)));
  }

  async unlocked({ agencyId, userId }: Whose, actor: string): Promise<void> {
    await this.commands.execute(new CommandAgency(agencyId, { type: 'unlockLogIn', userId }, contextOf(actor)));
  }
}

function contextOf(actor: string) {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor };
}
