import { createHash } from 'node:crypto';
import type { WireEvent } from './store-wire.js';

/** Revision of the event that ends a stream for good, 2^63-1; the store writes it itself. */
const TOMBSTONE_REVISION = 2n ** 63n - 1n;

export const isTombstone = ({ revision }: Pick<WireEvent, 'revision'>): boolean => revision === TOMBSTONE_REVISION;

/**
 * Whether a stream is to be copied: those that people write and the metadata of these. What begins with `$` otherwise, a server writes
 * for itself (projections, users, statistics, persistent subscriptions), and each server writes its own.
 */
export const isCopied = (stream: string): boolean => !stream.replace(/^\$\$/, '').startsWith('$');

/** What is known of one stream after a walk through `$all`. */
interface StreamContents {
  /** Events but for the tombstone. */
  count: number;
  /** Chained over all events: SHA-256 of the one before and of everything that is copied of the event. */
  digest: Buffer;
  tombstoned: boolean;
}

const NOTHING: Readonly<StreamContents> = { count: 0, digest: Buffer.alloc(0), tombstoned: false };

/** The streams of a store by name: how many events each has, and a digest of them. */
export class StoreContents {
  private readonly streams = new Map<string, StreamContents>();

  /** @returns undefined, or the revision that was expected when events before this one are missing */
  add(event: WireEvent): number | undefined {
    const known = this.streams.get(event.stream) ?? { ...NOTHING };
    this.streams.set(event.stream, known);
    if (isTombstone(event)) {
      known.tombstoned = true;
      return undefined;
    }
    if (event.revision !== BigInt(known.count)) return known.count;
    known.count += 1;
    known.digest = digestOf(known.digest, event);
    return undefined;
  }

  of(stream: string): Readonly<StreamContents> {
    return this.streams.get(stream) ?? NOTHING;
  }

  names(): Iterable<string> {
    return this.streams.keys();
  }

  get size(): number {
    return this.streams.size;
  }
}

function digestOf(before: Buffer, { id, type, contentType, data, metadata }: WireEvent): Buffer {
  const lengths = [id, type, contentType, data, metadata].map(({ length }) => length).join(' ');
  const digest = createHash('sha256').update(before).update(lengths);
  return digest.update(id).update(type).update(contentType).update(data).update(metadata).digest();
}

/** A sentence per stream of the source that is not the same in the target. */
export function differencesBetween(source: StoreContents, target: StoreContents): string[] {
  const found: string[] = [];
  for (const stream of source.names()) {
    const [from, to] = [source.of(stream), target.of(stream)];
    if (from.count !== to.count) {
      found.push(`Stream ${stream} has ${from.count} events in the source and ${to.count} in the target.`);
    } else if (!from.digest.equals(to.digest)) {
      found.push(`Stream ${stream} has ${from.count} events in both stores, but they are not the same.`);
    } else if (from.tombstoned !== to.tombstoned) {
      found.push(`Stream ${stream} is tombstoned in the ${from.tombstoned ? 'source' : 'target'} only.`);
    }
  }
  return found;
}
