import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId } from 'uuid';
import { CommandCredit, LetterById } from '#libs/commands';
import { Clock } from '#libs/configuration';
import type { Letter } from '#libs/letter';
import { CreditBalance, type OpenReservation } from '#projections/credit-balance';

/** When reservations are looked through. */
export abstract class ReservationTimes {
  /** Milliseconds between the end of one round and the beginning of the next. */
  abstract readonly interval: number;
  /** Milliseconds for which a reservation is left alone: far longer than a letter takes from its reservation to its submission. */
  abstract readonly grace: number;
}

/** Reservations of one round at most. */
const AT_ONCE = 1_000;

/** What becomes of a reservation, told by its letter; undefined while the deposit is still to come. */
function fateOf({ status }: Letter, letterId: string, at: string): CommandCredit['command'] | undefined {
  switch (status) {
    case 'unknown':
      return { type: 'release', letterId, reason: 'not-submitted', at };
    case 'deposit-failed':
      return { type: 'release', letterId, reason: 'deposit-failed', at };
    case 'submitted':
      return undefined;
    default:
      return { type: 'consume', letterId, at };
  }
}

/**
 * Settles the reservations that nobody else has settled: whoever reserved a signature may have died before the letter was there, and a
 * reaction to its deposit may have been given up. The read model only says where to look; the letter says what is to be done.
 */
@Injectable()
export class Reservations implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Reservations');
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly balance: CreditBalance,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
    private readonly times: ReservationTimes,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.keepRunning();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** One round. @returns how many reservations were settled. */
  async settle(): Promise<number> {
    const at = this.clock.now();
    const upTo = new Date(Date.parse(at) - this.times.grace).toISOString();
    let settled = 0;
    for (const reservation of await this.balance.openReservations(upTo, AT_ONCE)) {
      if (this.stop.signal.aborted) break;
      try {
        if (await this.settleOne(reservation, at)) settled += 1;
      } catch (error) {
        this.logger.error(
          `The signature reserved for letter ${reservation.letterId} is not settled yet: ${reasonOf(error)}`,
        );
      }
    }
    return settled;
  }

  private async settleOne({ agencyId, letterId }: OpenReservation, at: string): Promise<boolean> {
    const { state } = await this.queries.execute(new LetterById(letterId));
    const command = fateOf(state, letterId, at);
    if (!command) return false;
    // A new id each time: a letter may reserve, and be given up, more than once.
    const commandId = newCommandId();
    const context = { commandId, correlationId: letterId, causationId: commandId, actor: 'worker' };
    const { events } = await this.commands.execute(new CommandCredit(agencyId, command, context));
    return events.length > 0;
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      await this.settle().catch((error: unknown) => this.logger.warn(`No round of reservations: ${reasonOf(error)}`));
      await sleep(this.times.interval, undefined, { signal }).catch(() => undefined);
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
