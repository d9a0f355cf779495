import type { ServerWritableStream } from '@grpc/grpc-js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Caller } from './access/caller.js';
import { allPositionOf, isReadablePosition } from './all-position.js';
import { compileFilter, filterOf, type EventFilter } from './event-filter.js';
import { Outgoing } from './outgoing.js';
import { streams } from './protocol.js';
import { encodeStreamNotFound, wantsStructuredIds } from './read-responses.js';
import { parseUnsigned } from './revisions.js';
import { accessDenied, invalidArgument, storageFailure, streamDeleted, unknownError } from './rpc-errors.js';
import { isSoftDeleted } from './stream-state.js';
import type { StoredEvent } from './stored-event.js';
import type { Store } from './store.js';
import { encodeForReader, type ReadForm } from './read-form.js';
import { streamNameOf } from './stream-name.js';
import { subscribeToAll } from './all-subscription.js';
import { subscribeToStream } from './stream-subscription.js';

/** Events fetched from the database at a time. */
const PAGE_EVENTS = 200;

/** `Streams.Read`: reads of a stream or of `$all`, and catch-up subscriptions to them. */
export function handleRead(
  store: Store,
  caller: Caller,
  call: ServerWritableStream<streams.ReadReq, Buffer>,
): Outgoing {
  const out = new Outgoing(call);
  answerRead(store, caller, call.request.getOptions(), out).catch((error: unknown) => out.fail(storageFailure(error)));
  return out;
}

async function answerRead(
  store: Store,
  caller: Caller,
  options: streams.ReadReq.Options | undefined,
  out: Outgoing,
): Promise<void> {
  if (options === undefined) throw invalidArgument('A read needs options.');
  const form: ReadForm = {
    resolveLinks: options.getResolveLinks(),
    uuidForm: wantsStructuredIds(options.getUuidOption()) ? 'structured' : 'text',
  };
  const stream = options.getStream();
  const all = options.getAll();
  const source = stream === undefined ? '$all' : streamNameOf(stream.getStreamIdentifier());
  if (!caller.mayDo('read', source)) throw accessDenied();
  if (options.hasSubscription()) {
    if (stream !== undefined) return subscribeToStream(store, stream, form, out);
    if (all !== undefined) return subscribeToAll(store, all, options.getFilter(), form, out);
    throw invalidArgument('A subscription needs a stream or $all.');
  }
  const count = parseUnsigned(options.getCount());
  const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  if (count === 0) throw unknownError('A read of no events makes no sense: ask for at least one.');
  if (stream !== undefined) return readStream(store, stream, { count, backwards, form }, out);
  if (all === undefined) throw invalidArgument('A read needs a stream or $all.');
  const filterOptions = options.getFilter();
  const filter = filterOptions && compileFilter(filterOf(filterOptions));
  return readAll(store, all, { count, backwards, form, filter }, out);
}

interface ReadLimits {
  readonly count: number;
  readonly backwards: boolean;
  readonly form: ReadForm;
  readonly filter?: EventFilter | undefined;
}

async function readStream(
  store: Store,
  options: streams.ReadReq.Options.StreamOptions,
  { count, backwards, form }: ReadLimits,
  out: Outgoing,
): Promise<void> {
  const stream = streamNameOf(options.getStreamIdentifier());
  if (stream === '') throw invalidArgument('A read needs a stream name.');
  if (options.hasEnd() && !backwards) throw unknownError('A stream cannot be read forwards from its end.');
  const start = store.log.stateOf(stream);
  if (start.tombstoned) throw streamDeleted(stream);
  if (start.last < 0 || isSoftDeleted(start)) {
    await out.send(encodeStreamNotFound(stream));
    return out.end();
  }
  let from = options.hasRevision()
    ? parseUnsigned(options.getRevision())
    : options.hasEnd() || backwards
      ? Infinity
      : 0;
  if (options.hasStart()) from = 0;
  await sendPages(store, form, count, out, (limit) => {
    const state = store.log.stateOf(stream);
    if (state.tombstoned) throw streamDeleted(stream);
    const page = store.log.readStream(stream, state, { from, backwards, limit });
    const last = page.at(-1);
    if (last !== undefined) from = backwards ? last.revision - 1 : last.revision + 1;
    return { events: page, isLast: last === undefined };
  });
}

async function readAll(
  store: Store,
  options: streams.ReadReq.Options.AllOptions,
  { count, backwards, form, filter }: ReadLimits,
  out: Outgoing,
): Promise<void> {
  const position = allPositionOf(options);
  if (position === 'end' && !backwards) throw unknownError('$all cannot be read forwards from its end.');
  if (!isReadablePosition(store.log, position)) throw unknownError(`No event begins at position ${position} of $all.`);
  let from = position === 'start' ? 0 : position === 'end' ? Number.MAX_SAFE_INTEGER : position;
  await sendPages(store, form, count, out, (limit) => {
    const size = filter === undefined ? limit : PAGE_EVENTS;
    const page = backwards ? store.log.readAllBackwards(from, size) : store.log.readAllForwards(from, size);
    const last = page.at(-1);
    if (last !== undefined) from = backwards ? last.position : last.position + 1;
    return { events: filter === undefined ? page : page.filter(filter), isLast: last === undefined };
  });
}

interface Page {
  readonly events: readonly StoredEvent[];
  readonly isLast: boolean;
}

/** Sends pages until `count` events are sent, the last page came, or the client left. */
async function sendPages(
  store: Store,
  form: ReadForm,
  count: number,
  out: Outgoing,
  nextPage: (limit: number) => Page,
): Promise<void> {
  let left = count;
  while (left > 0 && !out.isStopped) {
    const { events, isLast } = nextPage(Math.min(left, PAGE_EVENTS));
    if (isLast) break;
    // A filter may pass nothing for long; the other clients must be served meanwhile.
    if (events.length === 0) await nextTurn();
    for (const event of events) {
      if (left-- <= 0 || out.isStopped) break;
      const wait = out.send(encodeForReader(store, event, form));
      if (wait !== undefined) await wait;
    }
  }
  out.end();
}
