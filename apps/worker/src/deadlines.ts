import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { v5 as uuidv5 } from 'uuid';
import { CommandLetter } from '#libs/commands';
import { Clock } from '#libs/configuration';
import { CommandRefused } from '#libs/event-store';
import type { DueLetter } from '#projections/letter-deadlines';

/** Where letters that are due are found: `LetterDeadlines` of projections/letter-deadlines. */
export abstract class DueLetters {
  abstract due(asOf: string, limit: number): Promise<readonly DueLetter[]>;
}

/** Milliseconds between the end of one round and the beginning of the next, unless told otherwise. */
export abstract class DeadlineInterval {
  abstract readonly milliseconds: number;
}

/** What a round did. */
export interface Round {
  readonly expired: number;
  readonly alerted: number;
  readonly failed: number;
}

/** Letters of one round at most, those that failed in the round before not counted. */
const LETTERS_AT_ONCE = 1_000;

/**
 * Ends the ceremony of letters whose window has closed, and raises the alert of those that near their end. The read model only says
 * which letters to look at; whether one is due is decided by the letter itself.
 */
@Injectable()
export class Deadlines implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Deadlines');
  private readonly stop = new AbortController();
  private failing: ReadonlySet<string> = new Set();
  private current: Promise<Round> | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly letters: DueLetters,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
    private readonly interval: DeadlineInterval,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.keepRunning();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
    await this.current?.catch(() => undefined);
  }

  /** One round. Who asks during a round gets that one, so that rounds never pile up. */
  run(): Promise<Round> {
    this.current ??= this.round().finally(() => (this.current = undefined));
    return this.current;
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      await this.run().catch((error: unknown) => this.logger.warn(`No round of deadlines: ${reasonOf(error)}`));
      await sleep(this.interval.milliseconds, undefined, { signal }).catch(() => undefined);
    }
  }

  private async round(): Promise<Round> {
    const at = this.clock.now();
    const count = { expired: 0, alerted: 0, failed: 0 };
    const failing = new Set<string>();
    // Letters that fail stay due, and would in time leave no room for the others.
    for (const letter of await this.letters.due(at, LETTERS_AT_ONCE + this.failing.size)) {
      if (this.stop.signal.aborted) break;
      try {
        if (await this.command(letter, at)) count[letter.due === 'expiry' ? 'expired' : 'alerted'] += 1;
      } catch (error) {
        count.failed += 1;
        failing.add(letter.letterId);
        this.logger.error(
          `The ${letter.due} of letter ${letter.letterId} failed and is tried again: ${reasonOf(error)}`,
        );
      }
    }
    this.failing = failing;
    return count;
  }

  /** False when the letter says that nothing is due, for instance because it was answered before the read model knew. */
  private async command({ letterId, due }: DueLetter, at: string): Promise<boolean> {
    const commandId = uuidv5(due, letterId);
    const context = { commandId, correlationId: letterId, causationId: commandId, actor: 'worker' };
    const type = due === 'expiry' ? 'expire' : 'raiseAlert';
    try {
      const { events } = await this.commands.execute(new CommandLetter(letterId, { type, at }, context));
      return events.length > 0;
    } catch (error) {
      if (error instanceof CommandRefused) return false;
      throw error;
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
