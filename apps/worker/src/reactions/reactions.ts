import { Injectable } from '@nestjs/common';
import { EventStore, EventStoreTransport, type EventStoreTransportOptions } from '#libs/event-store';

/** Name of the consumer group; `pli reactions` asks for the same one. */
const GROUP = 'reactions';

/** Events handled at the same time. Most of their time they wait for the mail system. */
const CONCURRENCY = 16;

/** The pauses between retries grow to 15 s: with these an outage of the mail system may last an hour before events are parked. */
const MAX_RETRIES = 240;

/** When a failed reaction is tried again, and how often. */
export type RetryOptions = Partial<Pick<EventStoreTransportOptions, 'maxRetries' | 'retryDelay'>>;

/** The consumer group that feeds the reactions. */
@Injectable()
export class Reactions {
  constructor(private readonly eventStore: EventStore) {}

  transport(retries: RetryOptions = {}): EventStoreTransport {
    return new EventStoreTransport({
      eventStore: this.eventStore,
      group: GROUP,
      prefixes: ['letter-'],
      concurrency: CONCURRENCY,
      maxRetries: MAX_RETRIES,
      ...retries,
    });
  }

  /** How many events have been given up. */
  async parked(): Promise<number> {
    return (await this.eventStore.parked(GROUP)).length;
  }
}
