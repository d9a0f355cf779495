import { randomUUID } from 'node:crypto';
import type { Outgoing } from './outgoing.js';
import type { streams } from './protocol.js';
import { encodeForReader, type ReadForm } from './read-form.js';
import { encodeConfirmation, encodedCaughtUp } from './read-responses.js';
import { parseUnsigned } from './revisions.js';
import { invalidArgument, streamDeleted } from './rpc-errors.js';
import type { Store } from './store.js';
import { TOMBSTONE_REVISION } from './stored-event.js';
import { streamNameOf } from './stream-name.js';
import { WakeUp } from './wake-up.js';

const PAGE_EVENTS = 128;

/**
 * A catch-up subscription to one stream, which may not exist yet: first what is there, then `caughtUp` once, then what comes.
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
  if (start.tombstoned && !options.hasEnd()) throw streamDeleted(stream);
  // A subscription starts after the given revision.
  let next = options.hasRevision() ? parseUnsigned(options.getRevision()) + 1 : 0;
  if (options.hasEnd()) next = start.last + 1;
  const wakeUp = new WakeUp(store, out);
  await out.send(encodeConfirmation(randomUUID()));
  let caughtUp = false;
  while (!out.isStopped) {
    wakeUp.reset();
    const page = store.log.readStream(stream, store.log.stateOf(stream), {
      from: next,
      backwards: false,
      limit: PAGE_EVENTS,
    });
    for (const event of page) {
      if (out.isStopped) return;
      next = event.revision + 1;
      const wait = out.send(encodeForReader(store, event, form));
      if (wait !== undefined) await wait;
      // Nothing can follow a tombstone.
      if (event.revision === TOMBSTONE_REVISION) next = Infinity;
    }
    if (page.length > 0) continue;
    if (!caughtUp) await out.send(encodedCaughtUp);
    caughtUp = true;
    await wakeUp.sleep();
  }
}
