import { randomBytes } from 'node:crypto';
import { decideAppend, type ExpectedRevision, type WriteResult } from './append-decision.js';
import type { EventLog } from './event-log.js';
import { TOMBSTONE_REVISION, type ProposedEvent } from './stored-event.js';
import { isSoftDeleted, metadataStreamOf, metadataWithTruncateBefore } from './stream-state.js';

const NOTHING = new Uint8Array(0);

/** Appends events when the expected revision allows it. Runs inside a transaction of the commit queue. */
export function append(
  log: EventLog,
  stream: string,
  expected: ExpectedRevision,
  events: readonly ProposedEvent[],
): WriteResult {
  const decision = decideAppend(log, stream, expected, events);
  if (decision.kind !== 'append') return decision;
  const state = log.stateOf(stream);
  const first = state.last + 1;
  if (events.length === 0) return { kind: 'written', revision: first, position: undefined };
  const now = Date.now();
  // A stream that was soft deleted comes back with its new events only, so its metadata is moved to where they begin.
  if (isSoftDeleted(state)) writeTruncateBefore(log, stream, first, now);
  const position = log.write(stream, first, events, now);
  return { kind: 'written', revision: first + events.length - 1, position };
}

/** Hides all events of a stream (`$tb` at its maximum); the stream can be written again. */
export function softDelete(log: EventLog, stream: string, expected: ExpectedRevision): WriteResult {
  const state = log.stateOf(stream);
  // A stream that has metadata and no events exists enough to be deleted.
  const isMissing = state.last < 0 && log.stateOf(metadataStreamOf(stream)).last < 0;
  if (isMissing) return { kind: 'wrong-expected-revision', actual: -1 };
  const decision = decideDelete(log, stream, expected);
  if (decision.kind !== 'append') return decision;
  const position = writeTruncateBefore(log, stream, 'max', Date.now());
  return { kind: 'written', revision: state.last, position };
}

/** Ends a stream for good, also one that was never written. */
export function tombstone(log: EventLog, stream: string, expected: ExpectedRevision): WriteResult {
  const decision = decideDelete(log, stream, expected);
  if (decision.kind !== 'append') return decision;
  const event = { id: randomUuidBytes(), type: '$streamDeleted', json: false, data: NOTHING, metadata: NOTHING };
  const position = log.write(stream, TOMBSTONE_REVISION, [event], Date.now());
  return { kind: 'written', revision: TOMBSTONE_REVISION, position };
}

function decideDelete(log: EventLog, stream: string, expected: ExpectedRevision) {
  return decideAppend(log, stream, expected, []);
}

/** Moves the first readable revision of a stream; `'max'` hides the whole stream. Returns the position of what was written. */
export function writeTruncateBefore(
  log: EventLog,
  stream: string,
  truncateBefore: number | 'max',
  now: number,
): number {
  const metadataStream = metadataStreamOf(stream);
  const current = log.lastEventOf(metadataStream);
  const data = metadataWithTruncateBefore(current?.data ?? null, truncateBefore);
  const event = { id: randomUuidBytes(), type: '$metadata', json: true, data, metadata: NOTHING };
  return log.write(metadataStream, (current?.revision ?? -1) + 1, [event], now);
}

/** A random UUID (RFC 9562, section 5.4) as bytes. */
export function randomUuidBytes(): Buffer {
  const bytes = randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}
