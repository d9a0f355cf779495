import type { CalendarDay, Instant } from './instant.js';

/** What a clock on the wall of a zone shows: fixed-width digits, `hour` from `00` to `23`. */
export interface WallClock {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, format);
  return format;
}

/** The date and time that a wall clock of `zone` (an IANA name) shows at that moment; seconds are cut, not rounded. */
export function wallClock(zone: string, at: Instant): WallClock {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(Date.parse(at))
      .map(({ type, value }) => [type, value]),
  );
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = parts;
  return { year: year.padStart(4, '0'), month, day, hour, minute, second };
}

/** The calendar day of `zone` on which the moment falls. */
export function dayOf(zone: string, at: Instant): CalendarDay {
  const { year, month, day } = wallClock(zone, at);
  return `${year}-${month}-${day}`;
}

/** The calendar day that many days later (earlier when negative). A matter of dates only: no zone, no hours. */
export function plusDays(day: CalendarDay, days: number): CalendarDay {
  const date = new Date(`${day}T00:00:00.000Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** The moment at which a calendar day begins in `zone`. */
export function startOf(zone: string, day: CalendarDay): Instant {
  const asIfUtc = Date.parse(`${day}T00:00:00.000Z`);
  // The zone's offset is read near the wanted moment, then once more at it: the first reading may lie on the other
  // side of a change of the clocks.
  const near = asIfUtc - offsetAt(zone, asIfUtc);
  return new Date(asIfUtc - offsetAt(zone, near)).toISOString();
}

/** Milliseconds by which the wall clock of `zone` is ahead of UTC. */
function offsetAt(zone: string, epoch: number): number {
  const { year, month, day, hour, minute, second } = wallClock(zone, new Date(epoch).toISOString());
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`) - epoch;
}
