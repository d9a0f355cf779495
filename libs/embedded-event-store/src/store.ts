import type { DatabaseSync } from 'node:sqlite';
import { CommitQueue } from './commit-queue.js';
import { openDatabase } from './database.js';
import { EventLog } from './event-log.js';
import { MAXIMUM_APPEND_SIZE } from './proposed-events.js';

/** The open data folder: the log to read from, the queue to write through, and who wants to hear of new events. */
export class Store {
  readonly log: EventLog;
  readonly commits: CommitQueue;
  private readonly listeners = new Set<() => void>();

  private constructor(
    readonly database: DatabaseSync,
    /** Bytes of event data that one append may hold. */
    readonly maximumAppendSize: number,
  ) {
    this.log = new EventLog(database);
    this.commits = new CommitQueue(database, this.log, () => {
      for (const listener of this.listeners) listener();
    });
  }

  /** @throws EmbeddedEventStoreError when the folder cannot be used, see {@link openDatabase} */
  static open(dataFolder: string, maximumAppendSize = MAXIMUM_APPEND_SIZE): Store {
    return new Store(openDatabase(dataFolder), maximumAppendSize);
  }

  /** Calls `listener` after each commit until the returned function is called. */
  onCommitted(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Commits what is waiting and closes the file. */
  close(): void {
    this.commits.close();
    this.database.close();
  }
}
