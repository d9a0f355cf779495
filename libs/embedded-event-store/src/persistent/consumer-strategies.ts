import { parseLink, LINK_TYPE } from '../links.js';
import type { Consumer } from './consumer.js';
import type { StrategyName } from './group-settings.js';
import type { Message } from './message.js';

/** The real server's number of buckets for Pinned. */
const BUCKETS = 1_024;

/** `skip` leaves this message for its own consumer and tries the next one; `full` means that nobody takes anything now. */
export type Choice = Consumer | 'skip' | 'full';

/** Decides which consumer of a group gets a message. */
export interface ConsumerStrategy {
  choose(message: Message): Choice;
  add(consumer: Consumer): void;
  remove(consumer: Consumer): void;
}

export function consumerStrategy(name: StrategyName): ConsumerStrategy {
  switch (name) {
    case 'RoundRobin':
      return new RoundRobin();
    case 'DispatchToSingle':
      return new DispatchToSingle();
    case 'Pinned':
      return new Pinned();
  }
}

/** Everyone in turn, leaving out who has no room. */
class RoundRobin implements ConsumerStrategy {
  private readonly queue: Consumer[] = [];

  choose(): Choice {
    const index = this.queue.findIndex((consumer) => consumer.isReady);
    const [chosen] = index < 0 ? [] : this.queue.splice(index, 1);
    if (chosen === undefined) return 'full';
    this.queue.push(chosen);
    return chosen;
  }

  add(consumer: Consumer): void {
    this.queue.push(consumer);
  }

  remove(consumer: Consumer): void {
    removeFrom(this.queue, consumer);
  }
}

/** The first consumer as long as it has room, then the next. */
class DispatchToSingle implements ConsumerStrategy {
  private readonly consumers: Consumer[] = [];

  choose(): Choice {
    return this.consumers.find((consumer) => consumer.isReady) ?? 'full';
  }

  add(consumer: Consumer): void {
    this.consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    removeFrom(this.consumers, consumer);
  }
}

/**
 * Events of one stream always go to the same consumer while it is there: stream names are hashed into buckets and each bucket
 * has its consumer. When consumers come and go, as few buckets as possible change hands.
 */
class Pinned implements ConsumerStrategy {
  private readonly consumers: Consumer[] = [];
  private readonly owners: (Consumer | undefined)[] = Array.from({ length: BUCKETS });

  choose(message: Message): Choice {
    if (!this.consumers.some((consumer) => consumer.isReady)) return 'full';
    const owner = this.owners[bucketOf(sourceStreamOf(message))];
    return owner?.isReady === true ? owner : 'skip';
  }

  add(consumer: Consumer): void {
    this.consumers.push(consumer);
    const share = Math.floor(BUCKETS / this.consumers.length);
    let missing = share;
    const counts = new Map<Consumer, number>();
    for (const owner of this.owners) if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    for (const [bucket, owner] of this.owners.entries()) {
      if (missing === 0) return;
      const owned = owner === undefined ? Infinity : (counts.get(owner) ?? 0);
      if (owned <= share) continue;
      if (owner !== undefined) counts.set(owner, owned - 1);
      this.owners[bucket] = consumer;
      missing--;
    }
  }

  remove(consumer: Consumer): void {
    removeFrom(this.consumers, consumer);
    let next = 0;
    for (const [bucket, owner] of this.owners.entries()) {
      if (owner !== consumer) continue;
      this.owners[bucket] = this.consumers[next++ % Math.max(1, this.consumers.length)];
    }
  }
}

function removeFrom(consumers: Consumer[], consumer: Consumer): void {
  const index = consumers.indexOf(consumer);
  if (index >= 0) consumers.splice(index, 1);
}

/** The stream whose events belong together: that of the event, also when only the link to it could be read. */
function sourceStreamOf({ resolved, original }: Message): string {
  const event = resolved.event ?? original;
  if (event.type !== LINK_TYPE) return event.stream;
  return parseLink(event.data)?.stream ?? event.stream;
}

/** FNV-1a (RFC draft-eastlake-fnv), enough to spread stream names evenly. */
function bucketOf(stream: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < stream.length; index++) {
    hash = Math.imul(hash ^ stream.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % BUCKETS;
}
