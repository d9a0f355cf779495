import { compileFilter, type FilterDefinition } from '../event-filter.js';
import { resolveLink } from '../links.js';
import type { Store } from '../store.js';
import type { StoredEvent } from '../stored-event.js';
import { ALL_STREAM, type GroupKey, type GroupSettings } from './group-settings.js';
import { newMessage, type Message } from './message.js';

/** Events looked at per read of `$all`; with a filter most may not match. */
const ALL_PAGE_EVENTS = 200;

/** Messages from one place on, and where to go on; `next` is the same place when there is nothing yet. */
export interface MessagePage {
  readonly messages: readonly Message[];
  readonly next: number;
}

/** Where a group's messages come from: one stream, counted in revisions, or `$all`, counted in positions. */
export interface MessageSource {
  read(from: number, limit: number): MessagePage;
  /** The first place that a new group with this start wants. */
  placeOf(startFrom: GroupSettings['startFrom']): number;
  /** A place as the statistics write it. */
  describe(place: number): string;
  /** Place of the newest event, -1 while there is none. */
  lastKnown(): number;
  /** The newest place before `place` where an event lies, -1 when there is none. */
  lastBefore(place: number): number;
}

export function messageSource(store: Store, { stream }: GroupKey, settings: GroupSettings): MessageSource {
  return stream === ALL_STREAM
    ? new AllSource(store, settings.resolveLinks, settings.filter)
    : new StreamSource(store, stream, settings.resolveLinks);
}

class StreamSource implements MessageSource {
  constructor(
    private readonly store: Store,
    private readonly stream: string,
    private readonly resolveLinks: boolean,
  ) {}

  read(from: number, limit: number): MessagePage {
    const { log } = this.store;
    const events = log.readStream(this.stream, log.stateOf(this.stream), { from, backwards: false, limit });
    const messages = events.map((event) =>
      newMessage(event, resolved(this.store, event, this.resolveLinks), { place: event.revision }),
    );
    const last = events.at(-1);
    return { messages, next: last === undefined ? from : last.revision + 1 };
  }

  placeOf(startFrom: GroupSettings['startFrom']): number {
    if (startFrom === 'start') return 0;
    return startFrom === 'end' ? this.lastKnown() + 1 : startFrom;
  }

  describe(place: number): string {
    return String(place);
  }

  lastKnown(): number {
    return this.store.log.stateOf(this.stream).last;
  }

  lastBefore(place: number): number {
    return place - 1;
  }
}

class AllSource implements MessageSource {
  private readonly accepts: (event: StoredEvent) => boolean;

  constructor(
    private readonly store: Store,
    private readonly resolveLinks: boolean,
    filter: FilterDefinition | undefined,
  ) {
    this.accepts = filter === undefined ? () => true : compileFilter(filter);
  }

  read(from: number, limit: number): MessagePage {
    const size = Math.max(limit, ALL_PAGE_EVENTS);
    const messages: Message[] = [];
    let next = from;
    for (const event of this.store.log.readAllForwards(from, size)) {
      if (messages.length >= limit) break;
      next = event.position + 1;
      if (!this.accepts(event)) continue;
      messages.push(newMessage(event, resolved(this.store, event, this.resolveLinks), { place: event.position }));
    }
    return { messages, next };
  }

  placeOf(startFrom: GroupSettings['startFrom']): number {
    if (startFrom === 'start') return 0;
    return startFrom === 'end' ? this.store.log.endPosition : startFrom;
  }

  describe(place: number): string {
    return `C:${place}/P:${place}`;
  }

  lastKnown(): number {
    return this.lastBefore(Number.MAX_SAFE_INTEGER);
  }

  lastBefore(place: number): number {
    return this.store.log.readAllBackwards(place, 1)[0]?.position ?? -1;
  }
}

function resolved(store: Store, event: StoredEvent, resolveLinks: boolean) {
  return resolveLinks ? resolveLink(store.log, event) : { event, link: undefined };
}
