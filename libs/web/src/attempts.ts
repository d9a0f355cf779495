import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Request } from 'express';
import type { Db } from 'mongodb';
import { RateLimiterMongo } from 'rate-limiter-flexible';
import { EdgeFailure } from './problem.js';

/** How often something may be tried. */
export interface Limit {
  /** Tells the limits apart in the collection. */
  readonly name: string;
  readonly attempts: number;
  /** Within how many seconds from the first one. */
  readonly within: number;
  /** Seconds for which nothing more is taken once they are used up. */
  readonly pause: number;
  /** From this attempt on each one is followed by a pause that doubles, from one second; none when absent. */
  readonly slowFrom?: number;
}

/** What became of an attempt that was counted. */
export interface Counted {
  /** It was the last one: from now on nothing is taken for `pause` seconds. True for one attempt alone. */
  readonly isLast: boolean;
}

/** Too many attempts; says when the next one is taken. */
export class TooManyAttempts extends EdgeFailure {
  constructor(readonly seconds: number) {
    super({
      status: 429,
      code: 'TOO_MANY_ATTEMPTS',
      title: `Trop d’essais : patientez ${inWords(seconds)}, puis recommencez.`,
      retryAfter: seconds,
    });
  }
}

function inWords(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? 'une seconde' : `${seconds} secondes`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

const LONGEST_DELAY = 60;

/**
 * Counts attempts by name, address or letter, for all processes together: MongoDB collection `attempts`. What is counted is stored as a
 * digest only, for it may be an e-mail address.
 */
export class Attempts {
  readonly #limiters = new Map<string, RateLimiterMongo>();

  constructor(private readonly db: Db) {}

  /** Nest calls it before the application listens. */
  async onModuleInit(): Promise<void> {
    await this.#limiter({ name: 'index', attempts: 1, within: 1, pause: 1 }).createIndexes();
  }

  /** @throws TooManyAttempts */
  async mustBeLeft(limit: Limit, of: string): Promise<void> {
    const key = digest(of);
    const [counted, delayed] = await Promise.all([
      this.#limiter(limit).get(key),
      limit.slowFrom === undefined ? null : this.#limiter(delayOf(limit)).get(key),
    ]);
    const waits = [counted, delayed].map((found, index) =>
      found && found.consumedPoints >= (index === 0 ? limit.attempts : 1) ? found.msBeforeNext : 0,
    );
    const wait = Math.max(...waits);
    if (wait > 0) throw new TooManyAttempts(Math.ceil(wait / 1_000));
  }

  /** Counts an attempt that failed, or that costs. */
  async count(limit: Limit, of: string): Promise<Counted> {
    const key = digest(of);
    const limiter = this.#limiter(limit);
    const { consumedPoints } = await limiter.penalty(key, 1);
    if (consumedPoints === limit.attempts) {
      await limiter.block(key, limit.pause);
      return { isLast: true };
    }
    const slow = limit.slowFrom === undefined ? -1 : consumedPoints - limit.slowFrom;
    if (slow >= 0) await this.#limiter(delayOf(limit)).block(key, Math.min(2 ** slow, LONGEST_DELAY));
    return { isLast: false };
  }

  /** Begins anew, after a success or when somebody in charge says so. */
  async forget(limit: Limit, of: string): Promise<void> {
    const key = digest(of);
    await Promise.all([this.#limiter(limit).delete(key), this.#limiter(delayOf(limit)).delete(key)]);
  }

  #limiter({ name, attempts, within }: Limit): RateLimiterMongo {
    const known = this.#limiters.get(name);
    if (known) return known;
    const limiter = new RateLimiterMongo({
      storeClient: this.db,
      tableName: 'attempts',
      keyPrefix: name,
      points: attempts,
      duration: within,
      disableIndexesCreation: true,
    });
    this.#limiters.set(name, limiter);
    return limiter;
  }
}

const delayOf = ({ name }: Limit): Limit => ({ name: `${name}-delay`, attempts: 1, within: 1, pause: 1 });

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * From where a request comes, as far as it can be counted: the address that Express tells (behind a proxy only if that proxy is trusted),
 * of IPv6 the first 64 bits, which one customer has for himself (RFC 6177).
 */
export function networkOf(request: Pick<Request, 'ip'>): string {
  const address = (request.ip ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = address.includes('::') ? [...groups(head), ...zeros, ...groups(tail)] : groups(head);
  return `${all.slice(0, 4).join(':')}::/64`;
}
