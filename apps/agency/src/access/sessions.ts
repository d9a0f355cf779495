import { createHash, randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Db, type Collection } from 'mongodb';
import { Clock } from '#libs/configuration';
import type { Position } from '#libs/event-store';
import { positionOf, positionText } from './position-text.js';

/** A session ends twelve hours after its log-in, used or not: a working day and no night. */
const SESSION_MS = 12 * 60 * 60 * 1000;

interface StoredSession {
  /** Hexadecimal SHA-256 of the token, so that nobody who reads the collection can use one. */
  _id: string;
  userId: string;
  agencyId: string;
  expiresAt: Date;
  /** Where the log ended for the last command of this session. */
  position?: string;
}

export interface Session {
  readonly userId: string;
  readonly agencyId: string;
  /** A list must be at least this new for the user to see what he has just done; null before his first command. */
  readonly position: Position | null;
}

const idOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Browser sessions: MongoDB collection `sessions`; the browser holds a random token of 256 bits. */
@Injectable()
export class Sessions implements OnModuleInit {
  private readonly sessions: Collection<StoredSession>;

  constructor(
    db: Db,
    private readonly clock: Clock,
  ) {
    this.sessions = db.collection<StoredSession>('sessions');
  }

  async onModuleInit(): Promise<void> {
    await this.sessions.createIndexes([{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }]);
  }

  /** @returns the token for the browser's cookie. */
  async open({ userId, agencyId }: { userId: string; agencyId: string }): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(Date.parse(this.clock.now()) + SESSION_MS);
    await this.sessions.insertOne({ _id: idOf(token), userId, agencyId, expiresAt });
    return token;
  }

  /** @returns the session, or undefined when the token opens none any more. */
  async find(token: string): Promise<Session | undefined> {
    // MongoDB removes expired documents about once a minute; until then they are refused here.
    const found = await this.sessions.findOne({ _id: idOf(token), expiresAt: { $gt: new Date(this.clock.now()) } });
    if (!found) return undefined;
    const position = found.position === undefined ? null : (positionOf(found.position) ?? null);
    return { userId: found.userId, agencyId: found.agencyId, position };
  }

  /** Keeps the position of a command, so that the lists of this session wait for it. */
  async remember(token: string, position: Position): Promise<void> {
    await this.sessions.updateOne({ _id: idOf(token) }, { $set: { position: positionText(position) } });
  }

  async close(token: string): Promise<void> {
    await this.sessions.deleteOne({ _id: idOf(token) });
  }
}
