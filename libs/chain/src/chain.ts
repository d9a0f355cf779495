import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The chain value before the first event of a stream. */
export const CHAIN_START = '';

/** What of an event its chain value vouches for. */
export interface Chained {
  readonly id: string;
  readonly type: string;
  readonly schema: number;
  /** As it lies in the store: the public part, and `personal` as an encrypted text. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event with its place in the stream, 0 for the first, and the chain value that was stored with it. */
export interface Link extends Chained {
  readonly revision: bigint;
  readonly chain: string;
}

/** How a stream ends, as somebody wrote it down elsewhere. */
export interface Head {
  /** Number of its events. */
  readonly length: number;
  /** Chain value of the last one. */
  readonly chain: string;
}

/**
 * What is wrong: `altered`: the event is not the one that follows from those before it; `missing`: revisions were skipped, or the stream
 * ends too early; `misplaced`: a revision comes again, or too late; `added`: the stream goes on after its head; `rewritten`: the events
 * follow from each other, but do not lead to the head, so that somebody made the chain anew.
 */
export type ChainFault = 'altered' | 'missing' | 'misplaced' | 'added' | 'rewritten';

/** The last chain value, or the first place at which the stream is not what was chained. */
export type ChainVerdict =
  | { readonly intact: true; readonly chain: string }
  | { readonly intact: false; readonly fault: ChainFault; readonly revision: bigint };

/**
 * Hex SHA-256 of the previous chain value, a line feed, and the RFC 8785 canonical JSON of the event. Data is taken as
 * stored, with the personal part encrypted: the chain can be verified without any key, and after the key is destroyed.
 */
export function chainValue(previous: string, { id, type, schema, data }: Chained): string {
  return createHash('sha256')
    .update(`${previous}\n${canonicalize({ id, type, schema, data }) ?? ''}`)
    .digest('hex');
}

/**
 * Recomputes the chain of a whole stream, from its first event on, in order.
 *
 * @param head how the stream must end. Without it nobody can tell that the last events were cut off, or all of them written anew.
 */
export function verifyChain(links: Iterable<Link>, head?: Head): ChainVerdict {
  let chain = CHAIN_START;
  let next = 0n;
  for (const link of links) {
    if (head && next >= BigInt(head.length)) return { intact: false, fault: 'added', revision: next };
    const fault = linkFault({ length: Number(next), chain }, link);
    if (fault) return { intact: false, fault, revision: next };
    chain = link.chain;
    next += 1n;
  }
  if (head && next < BigInt(head.length)) return { intact: false, fault: 'missing', revision: next };
  if (head && chain !== head.chain)
    return { intact: false, fault: 'rewritten', revision: next === 0n ? 0n : next - 1n };
  return { intact: true, chain };
}

/** What is wrong with a link that comes after so many others, the last of which had that chain value; undefined when it follows. */
export function linkFault({ length, chain }: Head, link: Link): ChainFault | undefined {
  const next = BigInt(length);
  if (link.revision > next) return 'missing';
  if (link.revision < next) return 'misplaced';
  return link.chain === chainValue(chain, link) ? undefined : 'altered';
}
