import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { DataAsStored, StoredEvent } from './envelope.js';

/** The chain value before the first event of a stream. */
export const CHAIN_START = '';

/** What of an event its chain value vouches for. */
export interface Chained {
  readonly id: string;
  readonly type: string;
  readonly schema: number;
  readonly data: DataAsStored;
}

/**
 * Hex SHA-256 of the previous chain value, a line feed, and the RFC 8785 canonical JSON of the event. Data is taken as
 * stored, with the personal part encrypted: the chain can be verified without any key, and after the key is destroyed.
 */
export function chainValue(previous: string, { id, type, schema, data }: Chained): string {
  return createHash('sha256')
    .update(`${previous}\n${canonicalize({ id, type, schema, data }) ?? ''}`)
    .digest('hex');
}

/** The result of `verifyChain`: the last chain value, or the first event that does not follow from those before it. */
export type ChainVerdict =
  | { readonly intact: true; readonly chain: string }
  | { readonly intact: false; readonly revision: bigint; readonly expected: string; readonly found: string };

/**
 * Recomputes the chain of a whole stream, from its first event on, in order. A gap in the revisions breaks the chain
 * like an altered event does.
 */
export function verifyChain(events: Iterable<StoredEvent>): ChainVerdict {
  let chain = CHAIN_START;
  let next = 0n;
  for (const { id, event, revision, metadata, asStored } of events) {
    const expected = chainValue(chain, { id, type: event.type, schema: metadata.schema, data: asStored });
    if (revision !== next || metadata.chain !== expected) {
      return { intact: false, revision: next, expected, found: metadata.chain };
    }
    chain = expected;
    next += 1n;
  }
  return { intact: true, chain };
}
