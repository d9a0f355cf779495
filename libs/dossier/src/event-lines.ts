import canonicalize from 'canonicalize';
import { CHAIN_START, linkFault, type ChainFault, type Head, type Link } from '#libs/chain';

/** The events of a stream as a file: a line for each, canonical JSON (RFC 8785) of what is chained and of the chain value. */
export const eventLines = (links: readonly Link[]): Buffer =>
  Buffer.from(
    links.map(({ id, type, schema, data, chain }) => `${text({ id, type, schema, data, chain })}\n`).join(''),
  );

const text = (value: unknown): string => canonicalize(value) ?? '';

/** The events up to the first that is not what was chained. */
export interface ReadEvents {
  readonly links: readonly Link[];
  /** Where the chain breaks: the line, 0 for the first. */
  readonly broken?: { readonly line: number; readonly fault: ChainFault };
}

/** Reads what `eventLines` wrote and verifies the chain. */
export function readEvents(bytes: Buffer): ReadEvents {
  const lines = bytes.toString('utf8').split('\n');
  const rest = lines.pop();
  const links: Link[] = [];
  let head: Head = { length: 0, chain: CHAIN_START };
  for (const line of lines) {
    const link = linkIn(line, links.length);
    const fault = link ? linkFault(head, link) : 'altered';
    if (!link || fault) return { links, broken: { line: links.length, fault: fault ?? 'altered' } };
    links.push(link);
    head = { length: links.length, chain: link.chain };
  }
  return rest === '' ? { links } : { links, broken: { line: links.length, fault: 'altered' } };
}

/** The event of a line, undefined when the line is not exactly as `eventLines` writes one. */
function linkIn(line: string, revision: number): Link | undefined {
  try {
    const { id, type, schema, data, chain, ...more } = JSON.parse(line) as Partial<Link>;
    const isLink = typeof id === 'string' && typeof type === 'string' && typeof schema === 'number';
    if (!isLink || typeof chain !== 'string' || typeof data !== 'object' || Object.keys(more).length > 0)
      return undefined;
    if (text({ id, type, schema, data, chain }) !== line) return undefined;
    return { id, type, schema, data, chain, revision: BigInt(revision) };
  } catch {
    return undefined;
  }
}
