import { wallClock, type Instant } from '#libs/legal-profile';

const SECOND = 1_000;

/** A moment as the manual writes it (V.1): `04/04/2018 14:36:07`, on a clock in Paris. */
export function parisTime(at: Instant): string {
  const { year, month, day, hour, minute, second } = wallClock('Europe/Paris', at);
  return `${day}/${month}/${year} ${hour}:${minute}:${second}`;
}

/** The last second of a window: it ends at the midnight after its last day, which everybody would read as one day more. */
export const lastSecond = (windowEndsAt: Instant): string =>
  parisTime(new Date(Date.parse(windowEndsAt) - SECOND).toISOString());
