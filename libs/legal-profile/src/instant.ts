/** A moment: ISO 8601 in UTC with milliseconds, exactly as `Date.prototype.toISOString` writes it. */
export type Instant = string;

/** A calendar day in the profile's zone, `YYYY-MM-DD`. */
export type CalendarDay = string;
