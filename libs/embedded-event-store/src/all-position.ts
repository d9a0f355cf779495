import type { EventLog } from './event-log.js';
import { parseUnsigned } from './revisions.js';

/** Where in `$all` a request begins. */
export type AllPosition = 'start' | 'end' | number;

interface PositionMessage {
  getCommitPosition(): string;
}

interface AllOptions {
  hasEnd(): boolean;
  getPosition(): PositionMessage | undefined;
}

/** The largest position there can be: how a client writes "the end" as a number. */
const END_POSITION = 2 ** 64;

/** Reads the position out of a request; 0 is the start and 2^64-1 the end, as on the real server. */
export function allPositionOf(options: AllOptions): AllPosition {
  const position = options.getPosition();
  if (position === undefined) return options.hasEnd() ? 'end' : 'start';
  const commit = parseUnsigned(position.getCommitPosition());
  if (commit === 0) return 'start';
  return commit >= END_POSITION ? 'end' : commit;
}

/** False when a number lies between two events: the real server cannot read from there, and neither can we. */
export function isReadablePosition(log: EventLog, position: AllPosition): boolean {
  return typeof position !== 'number' || position >= log.endPosition || log.isEventPosition(position);
}
