import type { EventStore, Position } from '#libs/event-store';
import type { Projection } from './declaration.js';

/** Counting further would only take time: that far behind is behind. */
export const COUNTED_AT_MOST = 100_000;

/** How many of its events a projection has not applied yet; more than `COUNTED_AT_MOST` when it stopped counting. */
export async function eventsBehind(
  eventStore: EventStore,
  { prefixes, types }: Projection,
  position: Position | null,
): Promise<number> {
  const end = new AbortController();
  let events = 0;
  const subscription = { prefixes, types, from: position ?? 'start', signal: end.signal } as const;
  for await (const batch of eventStore.subscribeInBatches(subscription)) {
    events += batch.events.length;
    if (batch.caughtUp || events > COUNTED_AT_MOST) break;
  }
  end.abort();
  return events;
}
