import type { ExpectedRevision } from './append-decision.js';

/** The numbers that trailers use for what is no revision. */
const SPECIAL_REVISIONS = { no_stream: -1, any: -2, stream_exists: -4 } as const;

/** A 64-bit unsigned number that the client sent as text; beyond 2^53 it is only known to be larger than anything stored. */
export function parseUnsigned(text: string | number): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : Number.MAX_SAFE_INTEGER;
}

/** The one of four expectations that a request holds; none at all is undefined. */
export function expectedRevisionOf(options: {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}): Exclude<ExpectedRevision, number> | undefined {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return undefined;
}

/** An expectation as the number that trailers carry. */
export function expectedAsNumber(expected: ExpectedRevision): number {
  return typeof expected === 'number' ? expected : SPECIAL_REVISIONS[expected];
}
