import type { Decider } from '#libs/letter';
import type { AccessEvent } from './events.js';

/** A log: whatever is reported is written down. */
export const accessLog: Decider<null, AccessEvent, AccessEvent, never> = {
  initial: null,
  decide: (_state, report) => [report],
  evolve: () => null,
};
