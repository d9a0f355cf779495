import type { EventLog } from './event-log.js';
import type { ProposedEvent } from './stored-event.js';
import { isSoftDeleted, metadataStreamOf, type StreamState } from './stream-state.js';

/** The revision that a writer expects the stream's last event to have. */
export type ExpectedRevision = number | 'any' | 'no_stream' | 'stream_exists';

/** `revision` and `position` are those of the last event; `position` is absent when nothing was written and nothing found. */
export type WriteResult =
  | { readonly kind: 'written'; readonly revision: number; readonly position: number | undefined }
  | { readonly kind: 'wrong-expected-revision'; readonly actual: number }
  | { readonly kind: 'stream-deleted' };

/** `append` means that the caller has to write the events now. */
export type AppendDecision = WriteResult | { readonly kind: 'append' };

/**
 * Decides an append as EventStoreDB does, including its idempotency by event id: a repeated request is answered with where
 * its events already are. With `any` that knowledge reaches back to the latest 100,000 events, with a revision to all of them.
 */
export function decideAppend(
  log: EventLog,
  stream: string,
  expected: ExpectedRevision,
  events: readonly ProposedEvent[],
): AppendDecision {
  const state = log.stateOf(stream);
  if (state.tombstoned) return { kind: 'stream-deleted' };
  if (expected === 'stream_exists') {
    if (isSoftDeleted(state)) return { kind: 'stream-deleted' };
    if (state.last < 0 && log.stateOf(metadataStreamOf(stream)).last < 0) return wrongRevision(state);
  }
  if (expected === 'any' || expected === 'stream_exists') return decideByIds(log, state, events);
  const revision = expected === 'no_stream' ? -1 : expected;
  if (revision === state.last) return { kind: 'append' };
  if (revision > state.last) return wrongRevision(state);
  return decideRepeated(log, stream, state, revision, events);
}

/** Without an exact revision the ids alone say whether the request is a repetition. */
function decideByIds(log: EventLog, state: StreamState, events: readonly ProposedEvent[]): AppendDecision {
  let last: { readonly revision: number; readonly position: number } | undefined;
  for (const [index, { id }] of events.entries()) {
    const known = log.findRecent(id);
    if (known === undefined || known.streamRow !== state.row) {
      return index === 0 ? { kind: 'append' } : wrongRevision(state);
    }
    last = known;
  }
  return last === undefined
    ? { kind: 'append' }
    : { kind: 'written', revision: last.revision, position: last.position };
}

/** The expected revision lies in the past: either the very same events follow it, or the writer has lost a race. */
function decideRepeated(
  log: EventLog,
  stream: string,
  state: StreamState,
  revision: number,
  events: readonly ProposedEvent[],
): AppendDecision {
  let next = revision;
  let position: number | undefined;
  for (const { id } of events) {
    next++;
    const written = next > state.last ? undefined : log.findWritten(state, stream, next);
    if (written === undefined || Buffer.compare(written.id, id) !== 0) {
      const startsAgain = revision === -1 && next === 0 && isSoftDeleted(state);
      return startsAgain ? { kind: 'append' } : wrongRevision(state);
    }
    position = written.position;
  }
  if (position === undefined) return wrongRevision(state);
  return { kind: 'written', revision: next, position };
}

function wrongRevision(state: StreamState): WriteResult {
  return { kind: 'wrong-expected-revision', actual: state.last };
}
