import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { credit, type Credit, type CreditCommand, type CreditEvent } from '#libs/credit';
import { ConcurrencyExhausted, EventStore, type CommandContext, type Executed } from '#libs/event-store';

export type CreditOutcome = Executed<Credit, CreditEvent>;

/** The stream of an agency's credit account. */
const creditStream = (agencyId: string): string => `credit-${agencyId}`;

/** How often a command goes through all of the store's own attempts. */
const ROUNDS = 6;
/** Milliseconds between two rounds, at most. */
const LONGEST_PAUSE = 200;

/**
 * The credit accounts of all agencies. All letters of an agency write to one stream, so that the commands of one process queue for
 * it, instead of all but one failing at each revision; only processes compete.
 */
@Injectable()
export class CreditAccounts {
  private readonly last = new Map<string, Promise<unknown>>();

  constructor(private readonly store: EventStore) {}

  /** @throws CommandRefused, ConcurrencyExhausted, EventStoreUnavailable */
  execute(agencyId: string, command: CreditCommand, context: CommandContext): Promise<CreditOutcome> {
    const turn = (this.last.get(agencyId) ?? Promise.resolve()).then(() => this.insist(agencyId, command, context));
    const over = turn.catch(() => undefined);
    this.last.set(agencyId, over);
    void over.then(() => {
      if (this.last.get(agencyId) === over) this.last.delete(agencyId);
    });
    return turn;
  }

  private async insist(agencyId: string, command: CreditCommand, context: CommandContext): Promise<CreditOutcome> {
    for (let round = 1; ; round += 1) {
      try {
        return await this.store.execute(credit, creditStream(agencyId), command, context);
      } catch (error) {
        if (!(error instanceof ConcurrencyExhausted) || round === ROUNDS) throw error;
        await sleep(Math.random() * LONGEST_PAUSE);
      }
    }
  }
}
