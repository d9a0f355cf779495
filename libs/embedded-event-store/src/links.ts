import type { ResolvedEvent } from './encode-event.js';
import type { EventLog } from './event-log.js';
import type { StoredEvent } from './stored-event.js';

/** Type of an event that stands for another one; its data is `revision@stream`. */
export const LINK_TYPE = '$>';

/**
 * Follows a link. A link to an event that is gone or never was resolves to nothing; one whose data is malformed is an event
 * like any other.
 */
export function resolveLink(log: EventLog, stored: StoredEvent): ResolvedEvent {
  if (stored.type !== LINK_TYPE) return { event: stored, link: undefined };
  const target = parseLink(stored.data);
  if (target === undefined) return { event: stored, link: undefined };
  return { event: log.readOne(target.stream, target.revision), link: stored };
}

/** What a link points to, or undefined when its data is malformed. */
export function parseLink(data: Uint8Array | null): { stream: string; revision: number } | undefined {
  const text = Buffer.from(data ?? []).toString('utf8');
  const separator = text.indexOf('@');
  if (separator < 1 || !/^\d+$/.test(text.slice(0, separator))) return undefined;
  const revision = Number(text.slice(0, separator));
  return Number.isSafeInteger(revision) ? { stream: text.slice(separator + 1), revision } : undefined;
}
