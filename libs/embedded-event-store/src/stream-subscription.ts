import { randomUUID } from 'node:crypto';
import type { Outgoing } from './outgoing.js';
import type { streams } from './protocol.js';
import { encodeForReader, type ReadForm } from './read-form.js';
import { encodeConfirmation, encodedCaughtUp, encodedFellBehind, LIVE_BUFFER_EVENTS } from './read-responses.js';
import { parseUnsigned } from './revisions.js';
import { invalidArgument, streamDeleted } from './rpc-errors.js';
import type { Store } from './store.js';
import { TOMBSTONE_REVISION } from './stored-event.js';
import { NO_LIMITS } from './stream-state.js';
import { streamNameOf } from './stream-name.js';
import { WakeUp } from './wake-up.js';

const PAGE_EVENTS = 128;

/**
 * A catch-up subscription to one stream, which may not exist yet: first what is there, then `caughtUp`, then what comes. A
 * client that did not take its events for so long that they would fill the live buffer is told that it `fellBehind`.
 * The events are read from the log at the client's pace, so a slow client costs no memory.
 */
export async function subscribeToStream(
  store: Store,
  options: streams.ReadReq.Options.StreamOptions,
  form: ReadForm,
  out: Outgoing,
): Promise<void> {
  const stream = streamNameOf(options.getStreamIdentifier());
  if (stream === '') throw invalidArgument('A subscription needs a stream name.');
  const start = store.log.stateOf(stream);
  if (start.tombstoned) throw streamDeleted(stream);
  // A subscription starts after the given revision.
  let next = options.hasRevision() ? parseUnsigned(options.getRevision()) + 1 : 0;
  if (options.hasEnd()) next = start.last + 1;
  const wakeUp = new WakeUp(store, out);
  await out.send(encodeConfirmation(randomUUID()));
  let caughtUp = false;
  let hasWaited = false;
  while (!out.isStopped) {
    wakeUp.reset();
    const state = store.log.stateOf(stream);
    // What comes live is given even when the metadata hides it at once, such as the first of two events with `$maxCount` 1.
    const readable = caughtUp ? { ...state, limits: NO_LIMITS } : state;
    const page = store.log.readStream(stream, readable, { from: next, backwards: false, limit: PAGE_EVENTS });
    if (caughtUp && hasWaited && state.last - next >= LIVE_BUFFER_EVENTS) {
      await out.send(encodedFellBehind);
      caughtUp = false;
      continue;
    }
    hasWaited = false;
    for (const event of page) {
      if (out.isStopped) return;
      next = event.revision + 1;
      const wait = out.send(encodeForReader(store, event, form));
      if (wait !== undefined) {
        hasWaited = true;
        await wait;
      }
      // Nothing can follow a tombstone.
      if (event.revision === TOMBSTONE_REVISION) throw streamDeleted(stream);
    }
    if (page.length > 0) continue;
    if (!caughtUp) await out.send(encodedCaughtUp);
    caughtUp = true;
    await wakeUp.sleep();
  }
}
