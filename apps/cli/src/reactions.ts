import { withStores, type Print } from './operator.js';

/** The consumer group of the worker. */
const GROUP = 'reactions';

/** Prints a line per event that the worker gave up on, and why. */
export function listParked(environment: NodeJS.ProcessEnv, print: Print): Promise<void> {
  return withStores(environment, async ({ eventStore }) => {
    const parked = await eventStore.parked(GROUP);
    if (parked.length === 0) print('No event is parked.');
    for (const { event, parkedAt, reason } of parked) {
      const what = event ? `${event.stream}@${event.revision}  ${event.type}` : 'an event that is gone';
      print([parkedAt.toISOString(), what, reason || 'no reason given'].join('  '));
    }
  });
}

/** Hands the parked events to the worker again. */
export function replayParked(environment: NodeJS.ProcessEnv, print: Print): Promise<void> {
  return withStores(environment, async ({ eventStore }) => {
    const { length } = await eventStore.parked(GROUP);
    if (length > 0) await eventStore.replayParked(GROUP);
    print(
      length === 0
        ? 'No event is parked.'
        : `${length} event${length === 1 ? ' is' : 's are'} handed to the worker again.`,
    );
  });
}
