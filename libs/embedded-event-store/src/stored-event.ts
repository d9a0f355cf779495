/** Revision of the `$streamDeleted` event of a tombstoned stream: 2^63-1 on the wire, kept here as the largest exact number. */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;

/** An event as the database holds it. `position` grows like a byte offset, so that not every number is the place of an event. */
export interface StoredEvent {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  /** The 16 bytes of the UUID that the writer chose. */
  readonly id: Uint8Array;
  readonly type: string;
  /** Milliseconds since the epoch, UTC. */
  readonly created: number;
  /** 1 when the data is JSON text, 0 for any other bytes. */
  readonly json: number;
  readonly data: Uint8Array | null;
  readonly metadata: Uint8Array | null;
}

/** An event that a client asks to append. */
export interface ProposedEvent {
  readonly id: Uint8Array;
  readonly type: string;
  readonly json: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** Room that an event takes in the numbering of positions; the next event's position is this one's plus its room. */
export function roomOf(type: string, data: Uint8Array | null, metadata: Uint8Array | null): number {
  return 64 + type.length + (data?.byteLength ?? 0) + (metadata?.byteLength ?? 0);
}
