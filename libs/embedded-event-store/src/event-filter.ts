import type { persistent, streams } from './protocol.js';
import { invalidArgument } from './rpc-errors.js';
import type { StoredEvent } from './stored-event.js';

/** How many events a filtered read looks at before it reports how far it is, when the client does not say. */
const DEFAULT_SEARCH_WINDOW = 32;

/** A filter as it is kept: by stream name or event type, by prefixes or by a regular expression. */
export interface FilterDefinition {
  readonly on: 'stream' | 'type';
  readonly regex: string;
  readonly prefixes: readonly string[];
  /** Events looked at between two reports. */
  readonly window: number;
  /** A checkpoint is due every `window` × this many events. */
  readonly intervalMultiplier: number;
}

export type EventFilter = (event: StoredEvent) => boolean;

type FilterOptions = streams.ReadReq.Options.FilterOptions | persistent.CreateReq.AllOptions.FilterOptions;

/** Reads a filter out of a request. */
export function filterOf(options: FilterOptions): FilterDefinition {
  const byType = options.getEventType();
  const expression = byType ?? options.getStreamIdentifier();
  return {
    on: byType === undefined ? 'stream' : 'type',
    regex: expression?.getRegex() ?? '',
    prefixes: expression?.getPrefixList() ?? [],
    window: options.hasMax() ? Math.max(1, options.getMax()) : DEFAULT_SEARCH_WINDOW,
    intervalMultiplier: Math.max(1, options.getCheckpointintervalmultiplier()),
  };
}

/**
 * The filter as a function. As on the real server a regular expression wins over prefixes.
 *
 * @throws RpcError INVALID_ARGUMENT when the regular expression is malformed
 */
export function compileFilter({ on, regex, prefixes }: FilterDefinition): EventFilter {
  const field = on === 'stream' ? 'stream' : 'type';
  if (regex === '') return (event) => prefixes.some((prefix) => event[field].startsWith(prefix));
  const expression = compileRegex(regex);
  return (event) => expression.test(event[field]);
}

/** Inline options that stand at the beginning and are flags in JavaScript, too. */
const LEADING_OPTIONS = /^\(\?([ims]+)\)/;

/**
 * The real server speaks .NET's dialect. What is written differently in JavaScript is translated: inline options at the
 * beginning, the anchors `\A`, `\z` and `\Z`, and classes such as `\p{L}`, which need the flag `u` here.
 */
function compileRegex(regex: string): RegExp {
  const [leading = '', options = ''] = LEADING_OPTIONS.exec(regex) ?? [];
  const pattern = regex
    .slice(leading.length)
    .replaceAll(/\\[\s\S]/g, (escape) =>
      escape === '\\A' ? '^' : escape === '\\z' || escape === '\\Z' ? '$' : escape,
    );
  const flags = new Set(/\\p\{/i.test(pattern) ? `${options}u` : options);
  try {
    return new RegExp(pattern, [...flags].join(''));
  } catch {
    throw invalidArgument(`The filter's regular expression ${regex} is malformed.`);
  }
}
