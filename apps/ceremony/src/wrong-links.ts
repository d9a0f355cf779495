import type { Clock } from '#libs/configuration';

/** Wrong links that one address may try on one letter within an hour. */
const LIMIT = 20;
const PERIOD = 3_600_000;
/** Counters kept at most, about 200 bytes each; the oldest goes first. */
const COUNTERS = 10_000;

/**
 * Counts the wrong links that an address tries on a letter, in the memory of this process: after twenty within an hour, no link
 * of that letter opens for that address until the hour is over. This only keeps the noise down; what protects a letter is that
 * a token has 256 bits. So several processes may each count for themselves, and a restart may forget.
 */
export class WrongLinks {
  readonly #counters = new Map<string, { readonly endsAt: number; count: number }>();

  constructor(private readonly clock: Clock) {}

  isExhausted(letterId: string, address: string): boolean {
    return (this.#current(letterId, address)?.count ?? 0) >= LIMIT;
  }

  add(letterId: string, address: string): void {
    const counter = this.#current(letterId, address);
    if (counter) counter.count += 1;
    else this.#start(`${letterId} ${address}`);
  }

  #current(letterId: string, address: string): { count: number } | undefined {
    const counter = this.#counters.get(`${letterId} ${address}`);
    return counter && counter.endsAt > this.#now() ? counter : undefined;
  }

  #start(name: string): void {
    this.#counters.delete(name);
    this.#counters.set(name, { endsAt: this.#now() + PERIOD, count: 1 });
    const [oldest] = this.#counters.keys();
    if (this.#counters.size > COUNTERS && oldest !== undefined) this.#counters.delete(oldest);
  }

  #now(): number {
    return Date.parse(this.clock.now());
  }
}
