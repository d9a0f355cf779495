import { createHash, randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Db, type Collection } from 'mongodb';
import { Clock } from '#libs/configuration';
import type { Position } from '#libs/event-store';
import { positionOf, positionText } from './position-text.js';

/** A session ends twelve hours after its log-in, used or not: a working day and no night. */
const SESSION_MS = 12 * 60 * 60 * 1000;

/** Somebody whose password was right, but who has not got in yet, has this long for the rest. */
const BEGUN_MS = 10 * 60 * 1000;

/**
 * How far a log-in has come: `code`: the second factor is asked for; `enrolment`: it has to be set up first; `open`: he is in.
 */
export type Stage = 'code' | 'enrolment' | 'open';

interface StoredSession {
  /** Hexadecimal SHA-256 of the token, so that nobody who reads the collection can use one. */
  _id: string;
  userId: string;
  agencyId: string;
  stage: Stage;
  /** The user's epoch at the log-in: another one ends the session (`AccessUser.epoch`). */
  epoch: string;
  expiresAt: Date;
  /** Where the log ended for the last command of this session. */
  position?: string;
  /** The same for its last command that the balance shows. */
  creditPosition?: string;
  /** The same for its last command that the filed documents show. */
  filingPosition?: string;
  /** The same for its last command that the reminder lists show. */
  reminderPosition?: string;
  /** The same for its last command that the campaigns show. */
  campaignPosition?: string;
  /** The same for its last command that the templates show. */
  templatePosition?: string;
}

export interface Session {
  readonly userId: string;
  readonly agencyId: string;
  readonly stage: Stage;
  readonly epoch: string;
  /** A list must be at least this new for the user to see what he has just done; null before his first command. */
  readonly position: Position | null;
  /** The same for the balance. */
  readonly creditPosition: Position | null;
  /** The same for the filed documents. */
  readonly filingPosition: Position | null;
  /** The same for the reminder lists. */
  readonly reminderPosition: Position | null;
  /** The same for the campaigns. */
  readonly campaignPosition: Position | null;
  /** The same for the templates. */
  readonly templatePosition: Position | null;
}

/** What a list, or another part of a page, has to show of a session's commands. */
type Shown =
  'position' | 'creditPosition' | 'filingPosition' | 'reminderPosition' | 'campaignPosition' | 'templatePosition';

/** Whose session it becomes. */
type SessionHolder = Pick<Session, 'userId' | 'agencyId' | 'epoch'>;

const idOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const kept = (text: string | undefined): Position | null => (text === undefined ? null : (positionOf(text) ?? null));

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
    await this.sessions.createIndexes([{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }, { key: { userId: 1 } }]);
  }

  /** @returns the token for the browser's cookie: a new one at each stage, so that one who knew the last is left behind. */
  async open({ userId, agencyId, epoch }: SessionHolder, stage: Stage = 'open'): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const lasts = stage === 'open' ? SESSION_MS : BEGUN_MS;
    const expiresAt = new Date(Date.parse(this.clock.now()) + lasts);
    await this.sessions.insertOne({ _id: idOf(token), userId, agencyId, epoch, stage, expiresAt });
    return token;
  }

  /** @returns the session, or undefined when the token opens none any more. */
  async find(token: string): Promise<Session | undefined> {
    // MongoDB removes expired documents about once a minute; until then they are refused here.
    const found = await this.sessions.findOne({ _id: idOf(token), expiresAt: { $gt: new Date(this.clock.now()) } });
    if (!found) return undefined;
    const {
      userId,
      agencyId,
      stage,
      epoch,
      position,
      creditPosition,
      filingPosition,
      reminderPosition,
      campaignPosition,
      templatePosition,
    } = found;
    return {
      userId,
      agencyId,
      stage,
      epoch,
      position: kept(position),
      creditPosition: kept(creditPosition),
      filingPosition: kept(filingPosition),
      reminderPosition: kept(reminderPosition),
      campaignPosition: kept(campaignPosition),
      templatePosition: kept(templatePosition),
    };
  }

  /**
   * Keeps the position of a command, so that what shows its result waits for it: the lists of letters and third parties, the balance, the
   * filed documents, the reminder lists, the campaigns, the templates.
   */
  async remember(token: string, position: Position, ...shown: Shown[]): Promise<void> {
    const fields = Object.fromEntries(shown.map((field) => [field, positionText(position)]));
    await this.sessions.updateOne({ _id: idOf(token) }, { $set: fields });
  }

  async close(token: string): Promise<void> {
    await this.sessions.deleteOne({ _id: idOf(token) });
  }

  /**
   * Ends every session of a user at once, in all processes. What calls for it is an event, too, which changes the user's epoch: a session
   * that a crash left here ends by that.
   */
  async closeAllOf(userId: string): Promise<void> {
    await this.sessions.deleteMany({ userId });
  }
}
