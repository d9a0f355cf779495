import type { EventLog } from '../event-log.js';
import { resolveLink, LINK_TYPE } from '../links.js';
import { firstReadable, isSoftDeleted } from '../stream-state.js';
import { append, randomUuidBytes, softDelete, writeTruncateBefore } from '../write.js';
import type { GroupKey } from './group-settings.js';
import { newMessage, type Message } from './message.js';

/** The stream of a group's parked messages. */
const parkedStreamOf = ({ stream, name }: GroupKey): string => `$persistentsubscription-${stream}::${name}-parked`;

/** Parks a message: a link to its event, with the reason beside it. Runs inside a transaction of the commit queue. */
export function park(log: EventLog, group: GroupKey, message: Message, reason: string): void {
  const { resolved, original } = message;
  const { event, link } = resolved;
  // A link whose event is gone is parked as it is.
  const target = event === undefined ? Buffer.from(link?.data ?? []) : Buffer.from(`${event.revision}@${event.stream}`);
  const metadata = { added: new Date().toISOString(), reason, subscriptionEventNumber: original.revision };
  const parked = {
    id: randomUuidBytes(),
    type: LINK_TYPE,
    json: false,
    data: target,
    metadata: Buffer.from(JSON.stringify(metadata)),
  };
  append(log, parkedStreamOf(group), 'any', [parked]);
}

/** How many messages are parked and not replayed. */
export function countParked(log: EventLog, group: GroupKey): number {
  const state = log.stateOf(parkedStreamOf(group));
  return isSoftDeleted(state) ? 0 : Math.max(0, state.last - firstReadable(state) + 1);
}

/**
 * Takes the parked messages before revision `stopAt` (all without it) out of the parked stream by moving its `$tb`, and
 * returns their revisions. Runs inside a transaction of the commit queue.
 */
export function takeParked(log: EventLog, group: GroupKey, stopAt: number | undefined): number[] {
  const stream = parkedStreamOf(group);
  const state = log.stateOf(stream);
  if (isSoftDeleted(state)) return [];
  const end = Math.min(state.last + 1, stopAt ?? Infinity);
  const revisions: number[] = [];
  for (let revision = firstReadable(state); revision < end; revision++) revisions.push(revision);
  if (revisions.length > 0) writeTruncateBefore(log, stream, end, Date.now());
  return revisions;
}

/** A parked message on its way back to a consumer, or undefined when there is none at this revision. */
export function loadParked(log: EventLog, group: GroupKey, revision: number): Message | undefined {
  const stream = parkedStreamOf(group);
  const parked = log.findWritten(log.stateOf(stream), stream, revision);
  return parked && newMessage(parked, resolveLink(log, parked), { parkedRevision: revision });
}

/** Hides the parked messages of a group that is being deleted. Runs inside a transaction of the commit queue. */
export function forgetParked(log: EventLog, group: GroupKey): void {
  if (countParked(log, group) > 0) softDelete(log, parkedStreamOf(group), 'any');
}
