import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { allPositionOf, isReadablePosition } from './all-position.js';
import { CheckpointClock } from './checkpoint-clock.js';
import { compileFilter, filterOf } from './event-filter.js';
import type { Outgoing } from './outgoing.js';
import type { streams } from './protocol.js';
import { encodeForReader, type ReadForm } from './read-form.js';
import {
  encodeCheckpoint,
  encodeConfirmation,
  encodedCaughtUp,
  encodedFellBehind,
  LIVE_BUFFER_EVENTS,
} from './read-responses.js';
import { invalidArgument } from './rpc-errors.js';
import type { Store } from './store.js';
import { roomOf, type StoredEvent } from './stored-event.js';
import { WakeUp } from './wake-up.js';

const PAGE_EVENTS = 128;

/**
 * A catch-up subscription to `$all`, with or without a filter: first what is there, then `caughtUp`, then what comes. A client
 * that did not take its events for so long that they would fill the live buffer is told that it `fellBehind`.
 * The events are read from the log at the client's pace, so a slow client costs no memory.
 */
export async function subscribeToAll(
  store: Store,
  options: streams.ReadReq.Options.AllOptions,
  filterOptions: streams.ReadReq.Options.FilterOptions | undefined,
  form: ReadForm,
  out: Outgoing,
): Promise<void> {
  const definition = filterOptions && filterOf(filterOptions);
  const accepts = definition === undefined ? () => true : compileFilter(definition);
  const checkpoints = definition && new CheckpointClock(definition.window, definition.intervalMultiplier);
  const position = allPositionOf(options);
  if (!isReadablePosition(store.log, position))
    throw invalidArgument(`No event begins at position ${position} of $all.`);
  // A subscription starts after the given position.
  let next = position === 'start' ? 0 : position === 'end' ? store.log.endPosition : position + 1;
  checkpoints?.startAt(position === 'start' ? 0 : next);
  const wakeUp = new WakeUp(store, out);
  await out.send(encodeConfirmation(randomUUID()));
  let caughtUp = false;
  let hasWaited = false;
  while (!out.isStopped) {
    wakeUp.reset();
    const page = store.log.readAllForwards(next, PAGE_EVENTS);
    if (caughtUp && hasWaited && overflowsLiveBuffer(page, store)) {
      await out.send(encodedFellBehind);
      caughtUp = false;
    }
    hasWaited = false;
    for (const event of page) {
      if (out.isStopped) return;
      next = event.position + 1;
      const accepted = accepts(event);
      const wait = accepted ? out.send(encodeForReader(store, event, form)) : undefined;
      if (wait !== undefined) {
        hasWaited = true;
        await wait;
      }
      const checkpoint = checkpoints?.see(event, accepted);
      if (checkpoint !== undefined) await out.send(encodeCheckpoint(checkpoint.commit, checkpoint.prepare));
    }
    if (page.length > 0) {
      // A filter may pass nothing for long; the other clients must be served meanwhile.
      if (!hasWaited) await nextTurn();
      continue;
    }
    if (!caughtUp) await out.send(encodedCaughtUp);
    caughtUp = true;
    checkpoints?.goLive();
    await wakeUp.sleep();
  }
}

/** True when more events wait than the live buffer holds; a page that ends before the log does is full, if only of large events. */
function overflowsLiveBuffer(page: readonly StoredEvent[], store: Store): boolean {
  const last = page.at(-1);
  if (last === undefined) return false;
  const isFull = last.position + roomOf(last.type, last.data, last.metadata) < store.log.endPosition;
  return isFull || page.length > LIVE_BUFFER_EVENTS;
}
