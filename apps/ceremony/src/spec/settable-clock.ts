import { Clock } from '#libs/configuration';

/** A clock that a story sets: it stands still until it is told to go on. */
export class SettableClock extends Clock {
  #now = Date.parse('2026-03-10T09:00:00.000Z');

  now(): string {
    return new Date(this.#now).toISOString();
  }

  advance({ days = 0, minutes = 0, seconds = 0 }: { days?: number; minutes?: number; seconds?: number }): void {
    this.#now += ((days * 24 * 60 + minutes) * 60 + seconds) * 1000;
  }
}
