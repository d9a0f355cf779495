import type { Collection, Db } from 'mongodb';
import type { Position } from '#libs/event-store';
import { alertDueAt, legalProfile } from '#libs/legal-profile';
import type { Instant } from '#libs/letter';
import { ReadModel } from '#projections/engine';
import { letterDeadlinesProjection, readAlertRule } from './projection.js';

/** A letter for which the clock asks for a command: `raiseAlert` or `expire`. */
export interface DueLetter {
  readonly letterId: string;
  readonly due: 'alert' | 'expiry';
  readonly windowEndsAt: Instant;
}

interface StoredDeadline {
  readonly _id: string;
  readonly alertRule: string;
  readonly alerted: boolean;
  readonly open: boolean;
  readonly windowEndsAt?: Instant;
}

/** Answers which letters are due. What it says is a hint: whether a letter really is, the letter itself decides. */
export class LetterDeadlines {
  readonly #model: ReadModel<StoredDeadline>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, letterDeadlinesProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** At most `limit` letters due at a moment, expiries first, those that wait longest first. */
  async due(asOf: Instant, limit: number): Promise<DueLetter[]> {
    const deadlines = await this.#model.collection();
    const expired = await find(deadlines, { windowEndsAt: { $lte: asOf }, open: true }, limit);
    const due = expired.map((letter) => dueLetter(letter, 'expiry'));
    const rules = await deadlines.distinct('alertRule', { open: true, alerted: false });
    for (const rule of rules) {
      if (due.length >= limit) break;
      const ends = alertedUpTo(rule, asOf);
      if (ends === undefined) continue;
      const running = { open: true, alerted: false, alertRule: rule, windowEndsAt: { $gt: asOf, $lte: ends } };
      const letters = await find(deadlines, running, limit - due.length);
      due.push(...letters.map((letter) => dueLetter(letter, 'alert')));
    }
    return due;
  }
}

/**
 * The latest end of a window whose alert is due: that many calendar days after the day of `asOf`. Undefined for a
 * profile that this version does not know.
 */
function alertedUpTo(rule: string, asOf: Instant): Instant | undefined {
  const { legalProfile: name, alertDays } = readAlertRule(rule);
  const profile = legalProfile(name);
  return profile && alertDueAt(profile, asOf, -alertDays);
}

type Deadlines = Awaited<ReturnType<ReadModel<StoredDeadline>['collection']>>;

async function find(
  deadlines: Deadlines,
  filter: Parameters<Collection['find']>[0],
  limit: number,
): Promise<StoredDeadline[]> {
  return deadlines
    .find(filter as Parameters<Deadlines['find']>[0])
    .sort({ windowEndsAt: 1 })
    .limit(limit)
    .toArray();
}

function dueLetter({ _id, windowEndsAt }: StoredDeadline, due: DueLetter['due']): DueLetter {
  return { letterId: _id, due, windowEndsAt: windowEndsAt ?? '' };
}
