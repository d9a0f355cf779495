import type { Filter } from './message.js';

/** The caller asked for something that cannot be given. The sentence goes to people (French) or programs (the SMS gateway). */
export class BadRequest extends Error {
  readonly code = 'BAD_REQUEST';

  constructor(
    readonly status: number,
    readonly sentence: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(sentence);
  }
}

/** The most messages in one answer. */
const MOST = 1000;

/**
 * Reads `to`, `kind`, `since`, `before` and `limit`; empty ones count as absent.
 * @param usual how many messages an answer holds when `limit` is absent
 * @throws BadRequest (400) that names the wrong one
 */
export function readFilter(query: URLSearchParams, usual: number): Filter {
  const given = (name: string) => query.get(name) || undefined;
  const [to, kind, since, before] = [given('to'), given('kind'), given('since'), given('before')];
  const filter: Filter = { limit: Math.min(wholeNumber('limit', given('limit') ?? String(usual)), MOST) };
  // A `+` that nobody encoded arrives as a space: no address begins with one, an E.164 number begins with a `+`.
  if (to) filter.to = to.replace(/^ /, '+').trim();
  if (before) filter.before = wholeNumber('before', before);
  if (kind) {
    if (kind !== 'mail' && kind !== 'sms') throw new BadRequest(400, 'Le paramètre « kind » vaut « mail » ou « sms ».');
    filter.kind = kind;
  }
  if (since) {
    if (Number.isNaN(Date.parse(since))) {
      throw new BadRequest(400, 'Le paramètre « since » est une date ISO 8601, par exemple 2026-03-14T09:30:00.000Z.');
    }
    filter.since = new Date(since).toISOString();
  }
  return filter;
}

function wholeNumber(name: string, value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value))
    throw new BadRequest(400, `Le paramètre « ${name} » est un nombre entier positif.`);
  return Number(value);
}
