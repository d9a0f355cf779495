import type { ResolvedEvent } from '../encode-event.js';
import type { StoredEvent } from '../stored-event.js';
import { uuidToText } from '../uuid-bytes.js';

/** An event on its way to a consumer of a group. */
export interface Message {
  /** Id by which the consumer acknowledges: that of the link when there is one. */
  readonly id: string;
  readonly resolved: ResolvedEvent;
  /** The event as it lies in the group's source: the link when there is one. */
  readonly original: StoredEvent;
  /** Its place in the source (revision, or position in `$all`); undefined when it comes from the parked messages. */
  readonly place: number | undefined;
  /** Its revision in the stream of parked messages, when it was replayed from there. */
  readonly parkedRevision: number | undefined;
  readonly retryCount: number;
}

export function newMessage(
  original: StoredEvent,
  resolved: ResolvedEvent,
  origin: { readonly place: number } | { readonly parkedRevision: number },
): Message {
  return {
    id: uuidToText(original.id),
    resolved,
    original,
    place: 'place' in origin ? origin.place : undefined,
    parkedRevision: 'parkedRevision' in origin ? origin.parkedRevision : undefined,
    retryCount: 0,
  };
}

/** What the message takes in memory, roughly. */
export function sizeOf({ original, resolved }: Message): number {
  const event = resolved.event ?? original;
  return 512 + (event.data?.byteLength ?? 0) + (event.metadata?.byteLength ?? 0);
}
