import { REACTION_GROUPS } from '#libs/commands';
import { withStores, type Print } from './operator.js';

/** Prints a line per event that the worker gave up on, and why. */
export function listParked(environment: NodeJS.ProcessEnv, print: Print): Promise<void> {
  return withStores(environment, async ({ eventStore }) => {
    const parked = (await Promise.all(REACTION_GROUPS.map((group) => eventStore.parked(group)))).flat();
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
    let length = 0;
    for (const group of REACTION_GROUPS) {
      const parked = await eventStore.parked(group);
      if (parked.length > 0) await eventStore.replayParked(group);
      length += parked.length;
    }
    print(
      length === 0
        ? 'No event is parked.'
        : `${length} event${length === 1 ? ' is' : 's are'} handed to the worker again.`,
    );
  });
}
