import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Db, MongoServerError, type Collection } from 'mongodb';
import { EdgeFailure } from '#libs/web';

/** A turn ends by itself after this, so that a process that died holds nobody up; longer than any print. */
const TURN_MS = 15_000;
/** How long the next one waits, and between two looks. */
const LONGEST_WAIT_MS = 10_000;
const LOOK_EVERY_MS = 100;
const DUPLICATE_KEY = 11_000;

interface Turn {
  /** Whose turn it is. */
  readonly _id: string;
  readonly token: string;
  readonly until: Date;
}

/** One thing at a time for each person, whichever process does it: MongoDB collection `preview_turns`. */
@Injectable()
export class Turns {
  private readonly turns: Collection<Turn>;

  constructor(db: Db) {
    this.turns = db.collection<Turn>('preview_turns');
  }

  /** @throws EdgeFailure 429 when what they asked for before takes too long. */
  async take<T>(actor: string, work: () => Promise<T>): Promise<T> {
    const token = randomUUID();
    for (const from = performance.now(); !(await this.begin(actor, token)); await sleep(LOOK_EVERY_MS)) {
      if (performance.now() - from > LONGEST_WAIT_MS) throw BUSY();
    }
    try {
      return await work();
    } finally {
      await this.turns.deleteOne({ _id: actor, token });
    }
  }

  private async begin(actor: string, token: string): Promise<boolean> {
    const now = Date.now();
    const turn = { token, until: new Date(now + TURN_MS) };
    try {
      await this.turns.updateOne({ _id: actor, until: { $lt: new Date(now) } }, { $set: turn }, { upsert: true });
      return true;
    } catch (error) {
      // There is one, and it has not ended.
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}

const BUSY = () =>
  new EdgeFailure({
    status: 429,
    code: 'PREVIEW_UNDER_WAY',
    title: 'Vos aperçus précédents ne sont pas encore prêts : attendez un instant, puis recommencez.',
  });
