import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { credit, type Credit, type CreditCommand, type CreditEvent } from '#libs/credit';
import { ConcurrencyExhausted, EventStore, type CommandContext, type Executed, type Order } from '#libs/event-store';

export type CreditOutcome = Executed<Credit, CreditEvent>;

/** The stream of an agency's credit account. */
const creditStream = (agencyId: string): string => `credit-${agencyId}`;

/** How often a command goes through all of the store's own attempts. */
const ROUNDS = 6;
/** Milliseconds between two rounds, at most. */
const LONGEST_PAUSE = 200;

/** Commands that are carried out together at most. */
const MOST_TOGETHER = 100;

/** A command that waits, and who waits for it. */
interface Waiting extends Order<CreditCommand> {
  readonly done: PromiseWithResolvers<CreditOutcome>;
}

/**
 * The credit accounts of all agencies. All letters of an agency write to one stream, so that the commands of one process queue for it,
 * instead of all but one failing at each revision; those that came while the ones before them were under way are appended
 * together. Only processes compete.
 */
@Injectable()
export class CreditAccounts {
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(private readonly store: EventStore) {}

  /** @throws CommandRefused, ConcurrencyExhausted, EventStoreUnavailable */
  execute(agencyId: string, command: CreditCommand, context: CommandContext): Promise<CreditOutcome> {
    const order = { command, context, done: Promise.withResolvers<CreditOutcome>() };
    const line = this.waiting.get(agencyId);
    if (line) line.push(order);
    else {
      this.waiting.set(agencyId, [order]);
      void this.serve(agencyId);
    }
    return order.done.promise;
  }

  private async serve(agencyId: string): Promise<void> {
    for (let line = this.waiting.get(agencyId); line && line.length > 0; line = this.waiting.get(agencyId)) {
      const orders = line.splice(0, MOST_TOGETHER);
      const outcomes = await this.insist(agencyId, orders).catch((reason: unknown) =>
        orders.map((): PromiseRejectedResult => ({ status: 'rejected', reason })),
      );
      for (const [index, { done }] of orders.entries()) {
        const outcome = outcomes[index];
        if (outcome?.status === 'fulfilled') done.resolve(outcome.value);
        else done.reject(outcome?.reason);
      }
    }
    this.waiting.delete(agencyId);
  }

  private async insist(
    agencyId: string,
    orders: readonly Order<CreditCommand>[],
  ): Promise<PromiseSettledResult<CreditOutcome>[]> {
    for (let round = 1; ; round += 1) {
      try {
        return await this.store.executeTogether(credit, creditStream(agencyId), orders);
      } catch (error) {
        if (!(error instanceof ConcurrencyExhausted) || round === ROUNDS) throw error;
        await sleep(Math.random() * LONGEST_PAUSE);
      }
    }
  }
}
