import { Injectable } from '@nestjs/common';
import { REACTION_GROUPS } from '#libs/commands';
import { EventStore, EventStoreTransport, type EventStoreTransportOptions } from '#libs/event-store';

/**
 * The consumer groups: of letters, and of what else an agency has. The streams of a group are fixed when it is first made, hence two; `pli
 * reactions` asks for the same ones.
 */
const GROUPS = [
  { group: REACTION_GROUPS[0], prefixes: ['letter-'] },
  { group: REACTION_GROUPS[1], prefixes: ['templates-', 'agency-', 'campaign-'] },
] as const;

/** Events handled at the same time. Most of their time they wait: for the mail system, or for a print, which is the cheaper the more there are. */
const CONCURRENCY = 64;

/** The pauses between retries grow to 15 s: with these an outage of the mail system may last an hour before events are parked. */
const MAX_RETRIES = 240;

/** When a failed reaction is tried again, and how often. */
export type RetryOptions = Partial<Pick<EventStoreTransportOptions, 'maxRetries' | 'retryDelay'>>;

/** The consumer groups that feed the reactions. */
@Injectable()
export class Reactions {
  constructor(private readonly eventStore: EventStore) {}

  transports(retries: RetryOptions = {}): EventStoreTransport[] {
    const options = { eventStore: this.eventStore, concurrency: CONCURRENCY, maxRetries: MAX_RETRIES, ...retries };
    return GROUPS.map((group) => new EventStoreTransport({ ...group, ...options }));
  }

  /** How many events have been given up. */
  async parked(): Promise<number> {
    const parked = await Promise.all(GROUPS.map(({ group }) => this.eventStore.parked(group)));
    return parked.flat().length;
  }
}
