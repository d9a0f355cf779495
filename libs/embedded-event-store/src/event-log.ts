import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LimitedMap } from './limited-map.js';
import { roomOf, TOMBSTONE_REVISION, type ProposedEvent, type StoredEvent } from './stored-event.js';
import {
  firstReadable,
  isMetadataStream,
  METADATA_STREAM_LIMITS,
  metadataStreamOf,
  NO_LIMITS,
  ownerOfMetadataStream,
  parseLimits,
  type StreamLimits,
  type StreamState,
} from './stream-state.js';

/** Position of the first event ever; 0 is kept for "before everything". */
const FIRST_POSITION = 64;
const KNOWN_STREAMS = 50_000;
const KNOWN_IDS = 100_000;
/** How many of the newest event ids are known again after a start. */
const REMEMBERED_AT_START = 20_000;
/** A page of events ends at this size, so that a page of large events does not fill the memory. */
const PAGE_BYTES = 512 * 1024;

const COLUMNS = 'e.position, e.revision, e.id, e.type, e.created, e.json, e.data, e.metadata';

/** Where an event with a known id was written. */
export interface WrittenEvent {
  readonly streamRow: number;
  readonly revision: number;
  readonly position: number;
}

/** Which events of a stream are asked for. */
export interface StreamRange {
  readonly from: number;
  readonly backwards: boolean;
  readonly limit: number;
}

type EventRow = Omit<StoredEvent, 'stream'> & { stream?: string };

/**
 * The events in their one global order, and what is known of each stream. All methods are synchronous; the writing ones are
 * called inside a transaction of the commit queue only.
 */
export class EventLog {
  /** Position that the next event gets. */
  private end: number;
  /** Row number that the next new stream gets. */
  private nextStreamRow: number;
  private readonly states = new LimitedMap<string, StreamState>(KNOWN_STREAMS);
  private readonly recentIds = new LimitedMap<string, WrittenEvent>(KNOWN_IDS);
  private readonly statements: Statements;

  constructor(private readonly database: DatabaseSync) {
    this.statements = prepareStatements(database);
    this.end = FIRST_POSITION;
    this.nextStreamRow = 1;
    this.forgetUncommitted();
  }

  /** Position that the next event will get: everything before it is readable. */
  get endPosition(): number {
    return this.end;
  }

  /** Throws away what was only in memory: called after a rolled back transaction, and at the start. */
  forgetUncommitted(): void {
    this.states.clear();
    this.recentIds.clear();
    const last = this.statements.lastEvent.get() as unknown as EventRow | undefined;
    this.end = last === undefined ? FIRST_POSITION : last.position + roomOf(last.type, last.data, last.metadata);
    this.nextStreamRow = Number(this.statements.lastStreamRow.get()?.['row'] ?? 0) + 1;
    const newest = this.statements.newestIds.all(REMEMBERED_AT_START) as unknown as IdRow[];
    for (const { id, stream, revision, position } of newest.reverse()) {
      this.recentIds.set(idKey(id), { streamRow: stream, revision, position });
    }
  }

  /** What is known of a stream, from memory or from the database. */
  stateOf(stream: string): StreamState {
    const known = this.states.get(stream);
    if (known !== undefined) return known;
    const row = Number(this.statements.streamRow.get(stream)?.['id'] ?? 0);
    const last = row === 0 ? -1 : Number(this.statements.lastRevision.get(row)?.['revision'] ?? -1);
    const state = { row, last, tombstoned: last === TOMBSTONE_REVISION, limits: this.limitsOf(stream) };
    this.states.set(stream, state);
    return state;
  }

  /** The newest event of a stream as it lies in the log, whatever the metadata says. */
  lastEventOf(stream: string): StoredEvent | undefined {
    const { row, last } = this.stateOf(stream);
    return last < 0 ? undefined : this.rawEvent(row, stream, last);
  }

  /** Where an event with this id was written lately; older ids than the last 100,000 may be forgotten, as in the real server. */
  findRecent(id: Uint8Array): WrittenEvent | undefined {
    return this.recentIds.get(idKey(id));
  }

  /** The event at one revision, whatever the metadata says. */
  findWritten(state: StreamState, stream: string, revision: number): StoredEvent | undefined {
    return state.row === 0 ? undefined : this.rawEvent(state.row, stream, revision);
  }

  /**
   * Appends events to a stream without any check, and returns the position of the last.
   * `revision` is that of the first event; the others follow.
   */
  write(stream: string, revision: number, events: readonly ProposedEvent[], created: number): number {
    const row = this.rowForWriting(stream);
    let next = revision;
    let position = this.end;
    for (const { id, type, json, data, metadata } of events) {
      position = this.end;
      const storedData = data.byteLength === 0 ? null : data;
      const storedMetadata = metadata.byteLength === 0 ? null : metadata;
      this.statements.insertEvent.run(position, row, next, id, type, created, json ? 1 : 0, storedData, storedMetadata);
      this.recentIds.set(idKey(id), { streamRow: row, revision: next, position });
      this.end += roomOf(type, storedData, storedMetadata);
      next++;
    }
    if (isMetadataStream(stream)) this.states.delete(ownerOfMetadataStream(stream));
    const { limits } = this.stateOf(stream);
    this.states.set(stream, { row, last: next - 1, tombstoned: next - 1 === TOMBSTONE_REVISION, limits });
    return position;
  }

  /** Readable events of a stream in the asked direction: at most `limit`, fewer when they are large; empty at the end. */
  readStream(stream: string, state: StreamState, { from, backwards, limit }: StreamRange): StoredEvent[] {
    const first = firstReadable(state);
    const oldest = state.limits.maxAge === Infinity ? 0 : Date.now() - state.limits.maxAge;
    if (state.row === 0 || first > state.last || (backwards && from < first) || (!backwards && from > state.last))
      return [];
    const rows = backwards
      ? this.statements.streamBackwards.iterate(state.row, first, Math.min(from, state.last), oldest, limit)
      : this.statements.streamForwards.iterate(state.row, Math.max(from, first), oldest, limit);
    return takePage(rows, stream);
  }

  /** One readable event, or undefined when it does not exist, expired or was truncated. */
  readOne(stream: string, revision: number): StoredEvent | undefined {
    const state = this.stateOf(stream);
    if (state.tombstoned || revision > state.last) return undefined;
    const [event] = this.readStream(stream, state, { from: revision, backwards: false, limit: 1 });
    return event?.revision === revision ? event : undefined;
  }

  /** Events of all streams with `position >= from`, oldest first: at most `limit`, fewer when they are large. */
  readAllForwards(from: number, limit: number): StoredEvent[] {
    return takePage(this.statements.allForwards.iterate(from, limit));
  }

  /** Events of all streams with `position < before`, newest first: at most `limit`, fewer when they are large. */
  readAllBackwards(before: number, limit: number): StoredEvent[] {
    return takePage(this.statements.allBackwards.iterate(before, limit));
  }

  /** True when an event lies exactly at this position. */
  isEventPosition(position: number): boolean {
    return this.statements.eventAt.get(position) !== undefined;
  }

  private rawEvent(row: number, stream: string, revision: number): StoredEvent | undefined {
    const found = this.statements.streamEvent.get(row, revision) as unknown as EventRow | undefined;
    return found === undefined ? undefined : { ...found, stream };
  }

  private limitsOf(stream: string): StreamLimits {
    if (isMetadataStream(stream)) return METADATA_STREAM_LIMITS;
    const metadata = this.lastEventOf(metadataStreamOf(stream));
    return metadata === undefined ? NO_LIMITS : parseLimits(metadata.data);
  }

  private rowForWriting(stream: string): number {
    const known = this.stateOf(stream).row;
    if (known !== 0) return known;
    const row = this.nextStreamRow++;
    this.statements.insertStream.run(row, stream);
    return row;
  }
}

interface IdRow {
  readonly id: Uint8Array;
  readonly stream: number;
  readonly revision: number;
  readonly position: number;
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  const allEvents = `SELECT ${COLUMNS}, s.name AS stream FROM events e JOIN streams s ON s.id = e.stream`;
  const streamEvents = `SELECT ${COLUMNS} FROM events e WHERE e.stream = ? AND e.revision`;
  return {
    lastEvent: prepare(`SELECT ${COLUMNS} FROM events e ORDER BY e.position DESC LIMIT 1`),
    lastStreamRow: prepare('SELECT max(id) AS row FROM streams'),
    newestIds: prepare('SELECT id, stream, revision, position FROM events ORDER BY position DESC LIMIT ?'),
    streamRow: prepare('SELECT id FROM streams WHERE name = ?'),
    lastRevision: prepare('SELECT max(revision) AS revision FROM events WHERE stream = ?'),
    streamEvent: prepare(`${streamEvents} = ?`),
    streamForwards: prepare(`${streamEvents} >= ? AND e.created >= ? ORDER BY e.revision LIMIT ?`),
    streamBackwards: prepare(`${streamEvents} BETWEEN ? AND ? AND e.created >= ? ORDER BY e.revision DESC LIMIT ?`),
    allForwards: prepare(`${allEvents} WHERE e.position >= ? ORDER BY e.position LIMIT ?`),
    allBackwards: prepare(`${allEvents} WHERE e.position < ? ORDER BY e.position DESC LIMIT ?`),
    eventAt: prepare('SELECT 1 FROM events WHERE position = ?'),
    insertStream: prepare('INSERT INTO streams (id, name) VALUES (?, ?)'),
    insertEvent: prepare(
      'INSERT INTO events (position, stream, revision, id, type, created, json, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  };
}

function takePage(rows: Iterable<unknown>, stream?: string): StoredEvent[] {
  const page: StoredEvent[] = [];
  let bytes = 0;
  for (const row of rows as Iterable<EventRow>) {
    if (stream !== undefined) row.stream = stream;
    page.push(row as StoredEvent);
    bytes += (row.data?.byteLength ?? 0) + (row.metadata?.byteLength ?? 0);
    if (bytes > PAGE_BYTES) break;
  }
  return page;
}

function idKey(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}
