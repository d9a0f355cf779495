import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Db, MongoServerError, type Collection } from 'mongodb';
import { EdgeFailure } from '#libs/web';

/** A turn ends by itself after this, so that a process that died holds nobody up; longer than any print. */
const TURN_MS = 15_000;
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

  /** @throws EdgeFailure 429 while something else of theirs is under way. */
  async take<T>(actor: string, work: () => Promise<T>): Promise<T> {
    const token = randomUUID();
    const now = Date.now();
    try {
      const turn = { token, until: new Date(now + TURN_MS) };
      await this.turns.updateOne({ _id: actor, until: { $lt: new Date(now) } }, { $set: turn }, { upsert: true });
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) throw BUSY();
      throw error;
    }
    try {
      return await work();
    } finally {
      await this.turns.deleteOne({ _id: actor, token });
    }
  }
}

const BUSY = () =>
  new EdgeFailure({
    status: 429,
    code: 'PREVIEW_UNDER_WAY',
    title: 'Un aperçu est déjà en préparation : attendez qu’il s’affiche, puis recommencez.',
  });
