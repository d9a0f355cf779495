import { Injectable } from '@nestjs/common';
import { REACTION_GROUPS, type ReactionGroup } from '#libs/commands';
import { EventStore, EventStoreTransport, type EventStoreTransportOptions } from '#libs/event-store';

interface Group extends Pick<EventStoreTransportOptions, 'prefixes' | 'concurrency' | 'dedicated'> {
  readonly group: ReactionGroup;
}

/**
 * The streams of a group are fixed when it is first made, hence two for letters and for what else an agency has. Most of the time reactions
 * wait: for the mail system, or for a print, which is the cheaper the more there are.
 */
const GROUPS: readonly Group[] = [
  { group: 'agency-reactions', prefixes: ['templates-', 'agency-', 'campaign-'], concurrency: 64 },
  { group: 'codes', prefixes: ['letter-'], concurrency: 16, dedicated: true },
];

const DEPOSITS: Group = { group: 'deposits', prefixes: ['letter-'], concurrency: 64, dedicated: true };

/** What follows from a deposit lets the others of a campaign go first: it costs more, and the letters are what the agency waits for. */
const AFTER_DEPOSITS: readonly Group[] = [
  { group: 'reactions', prefixes: ['letter-'], concurrency: 64 },
  { group: 'proofs', prefixes: ['letter-'], concurrency: 2, dedicated: true },
];

/** The pauses between retries grow to 15 s: with these an outage of the mail system may last an hour before events are parked. */
const MAX_RETRIES = 240;

/** When a failed reaction is tried again, and how often. */
export type RetryOptions = Partial<Pick<EventStoreTransportOptions, 'maxRetries' | 'retryDelay'>>;

/** The consumer groups that feed the reactions; see `REACTION_GROUPS`. */
@Injectable()
export class Reactions {
  constructor(private readonly eventStore: EventStore) {}

  transports(retries: RetryOptions = {}): EventStoreTransport[] {
    const open = (group: Group, after?: EventStoreTransport): EventStoreTransport =>
      new EventStoreTransport({
        ...group,
        eventStore: this.eventStore,
        maxRetries: MAX_RETRIES,
        ...(after && { after }),
        ...retries,
      });
    const deposits = open(DEPOSITS);
    return [deposits, ...GROUPS.map((group) => open(group)), ...AFTER_DEPOSITS.map((group) => open(group, deposits))];
  }

  /** How many events have been given up. */
  async parked(): Promise<number> {
    const parked = await Promise.all(REACTION_GROUPS.map((group) => this.eventStore.parked(group)));
    return parked.flat().length;
  }
}
