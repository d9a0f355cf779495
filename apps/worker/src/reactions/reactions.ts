import { Injectable } from '@nestjs/common';
import { EventStore, EventStoreTransport } from '#libs/event-store';

/** Name of the consumer group; `pli reactions` asks for the same one. */
export const GROUP = 'reactions';

/** Events handled at the same time. Most of their time they wait for the mail system. */
const CONCURRENCY = 16;

/** The pauses between retries grow to 15 s: with these an outage of the mail system may last an hour before events are parked. */
const MAX_RETRIES = 240;

/** The consumer group that feeds the reactions. */
@Injectable()
export class Reactions {
  constructor(private readonly eventStore: EventStore) {}

  transport(retryDelay?: (retry: number) => number): EventStoreTransport {
    const { eventStore } = this;
    return new EventStoreTransport({
      eventStore,
      group: GROUP,
      prefixes: ['letter-'],
      concurrency: CONCURRENCY,
      maxRetries: MAX_RETRIES,
      ...(retryDelay ? { retryDelay } : {}),
    });
  }

  /** How many events have been given up. */
  async parked(): Promise<number> {
    return (await this.eventStore.parked(GROUP)).length;
  }
}
