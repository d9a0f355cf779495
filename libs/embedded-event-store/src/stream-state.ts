/** What stream metadata says about which events of a stream can still be read. */
export interface StreamLimits {
  /** First readable revision; Infinity is how a soft delete looks until the stream is written again. */
  readonly truncateBefore: number;
  /** How many of the newest events can be read; Infinity when not limited. */
  readonly maxCount: number;
  /** How old a readable event may be, in milliseconds; Infinity when not limited. */
  readonly maxAge: number;
}

/** What must be known of a stream to decide an append or to answer a read. */
export interface StreamState {
  /** Row of the stream, or 0 while nothing was ever written to it. */
  readonly row: number;
  /** Revision of the last event, -1 while there is none. */
  readonly last: number;
  readonly tombstoned: boolean;
  readonly limits: StreamLimits;
}

export const NO_LIMITS: StreamLimits = { truncateBefore: 0, maxCount: Infinity, maxAge: Infinity };
/** Streams of metadata keep their newest event only. */
export const METADATA_STREAM_LIMITS: StreamLimits = { ...NO_LIMITS, maxCount: 1 };

/** `$tb` of a soft delete: 2^63-1, which JSON.parse rounds to 2^63. */
export const SOFT_DELETE = 2 ** 63;

export const isMetadataStream = (name: string): boolean => name.startsWith('$$');
export const metadataStreamOf = (name: string): string => `$$${name}`;
export const ownerOfMetadataStream = (name: string): string => name.slice(2);

/** True while a soft delete hides the whole stream. */
export function isSoftDeleted(state: StreamState): boolean {
  return state.limits.truncateBefore === Infinity;
}

/** First revision that count and truncation leave readable. */
export function firstReadable(state: StreamState): number {
  return Math.max(state.limits.truncateBefore, state.last - state.limits.maxCount + 1, 0);
}

/** Reads the limits out of the data of a `$metadata` event; what is missing, zero or malformed limits nothing. */
export function parseLimits(data: Uint8Array | null): StreamLimits {
  const metadata = parseMetadata(data);
  const truncateBefore = positive(metadata['$tb']);
  return {
    truncateBefore: truncateBefore === undefined ? 0 : truncateBefore >= SOFT_DELETE ? Infinity : truncateBefore,
    maxCount: positive(metadata['$maxCount']) ?? Infinity,
    maxAge: (positive(metadata['$maxAge']) ?? Infinity) * 1000,
  };
}

/** The data of a `$metadata` event with another `$tb`; `'max'` hides the whole stream. Everything else is kept. */
export function metadataWithTruncateBefore(data: Uint8Array | null, truncateBefore: number | 'max'): Buffer {
  const { $tb: _replaced, ...others } = parseMetadata(data);
  const rest = JSON.stringify(others).slice(1, -1);
  // Written by hand: 2^63-1 is no exact JavaScript number.
  const value = truncateBefore === 'max' ? '9223372036854775807' : String(truncateBefore);
  return Buffer.from(`{"$tb":${value}${rest === '' ? '' : `,${rest}`}}`);
}

/** Stream metadata, or the metadata of an event, as far as it is a JSON object; anything else holds nothing. */
export function parseMetadata(data: Uint8Array | null): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(data ?? []).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
