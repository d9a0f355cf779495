import type { EventStoreDBClient } from '@eventstore/db-client';
import { PersistentSubscriptionDoesNotExistError, StreamNotFoundError } from '@eventstore/db-client';

/** An event that a consumer group gave up on. */
export interface ParkedEvent {
  /** Its stream and type; null when the event is gone and only the link to it is left. */
  readonly event: {
    readonly id: string;
    readonly stream: string;
    readonly revision: bigint;
    readonly type: string;
  } | null;
  readonly parkedAt: Date;
  /** What the member that parked it said last; '' when it said nothing. */
  readonly reason: string;
}

/** Where EventStoreDB keeps the parked events of a group on $all: as links whose metadata tells when and why. */
const parkedStream = (group: string): string => `$persistentsubscription-$all::${group}-parked`;

/** The server puts a sentence of its own before what the member said; without a member's words it is all there is. */
const ownWords = (reason: string): string =>
  reason
    .replace(/^Client explicitly NAK'ed message\.\s+(?=\S)/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The events that a group has parked and that were not replayed since, oldest first; none when there is no such group. */
export async function readParked(client: EventStoreDBClient, group: string): Promise<ParkedEvent[]> {
  const parked: ParkedEvent[] = [];
  try {
    for await (const { event, link } of client.readStream(parkedStream(group), { resolveLinkTos: true })) {
      const recorded = link ?? event;
      if (!recorded) continue;
      const original = link ? event : undefined;
      const { reason } = recorded.metadata as { reason?: unknown };
      parked.push({
        event: original
          ? { id: original.id, stream: original.streamId, revision: original.revision, type: original.type }
          : null,
        parkedAt: recorded.created,
        reason: typeof reason === 'string' ? ownWords(reason) : '',
      });
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return parked;
}

/** Gives everything that is parked to the group's members again. Nothing to do when there is no such group. */
export async function replayParked(client: EventStoreDBClient, group: string): Promise<void> {
  try {
    await client.replayParkedMessagesToAll(group);
  } catch (error) {
    if (!(error instanceof PersistentSubscriptionDoesNotExistError)) throw error;
  }
}
