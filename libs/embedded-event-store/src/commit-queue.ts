import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventLog } from './event-log.js';
import { EmbeddedEventStoreError } from './errors.js';

interface Job {
  /** Does its part of the transaction and returns how to tell the caller once the transaction is on the disk. */
  readonly run: () => () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Group commit: what arrives in one turn of the event loop, or while a commit is under way, shares one transaction and so one
 * fsync. Nobody is told anything before the transaction is on the disk; when it fails, all of it is undone and everyone is told.
 */
export class CommitQueue {
  private waiting: Job[] = [];
  private scheduled: NodeJS.Immediate | undefined;
  private closed = false;
  private readonly begin: StatementSync;
  private readonly commit: StatementSync;

  constructor(
    private readonly database: DatabaseSync,
    private readonly log: EventLog,
    private readonly onCommitted: () => void,
  ) {
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
  }

  /**
   * Runs `work` in the next transaction. `settle` gets its result once that is durable, `fail` the reason when it is not.
   * Work that refuses something says so by its result; what it throws undoes the whole transaction.
   */
  submit<Result>(work: () => Result, settle: (result: Result) => void, fail: (error: unknown) => void): void {
    if (this.closed) {
      fail(
        new EmbeddedEventStoreError('CLOSED', 'The event store is closing: connect again once it has been started.'),
      );
      return;
    }
    const run = () => {
      const result = work();
      return () => settle(result);
    };
    this.waiting.push({ run, fail });
    this.scheduled ??= setImmediate(() => this.flush());
  }

  /** The same as a promise, for callers that are not in a hurry. */
  run<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => this.submit(work, resolve, reject));
  }

  /** Commits what is waiting, then refuses everything. */
  close(): void {
    this.flush();
    this.closed = true;
  }

  private flush(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    const jobs = this.waiting;
    if (jobs.length === 0) return;
    this.waiting = [];
    let settlements: (() => void)[];
    try {
      this.begin.run();
      settlements = jobs.map((job) => job.run());
      this.commit.run();
    } catch (error) {
      this.undo();
      for (const job of jobs) job.fail(error);
      return;
    }
    for (const settle of settlements) settle();
    this.onCommitted();
  }

  private undo(): void {
    if (this.database.isTransaction) this.database.exec('ROLLBACK');
    this.log.forgetUncommitted();
  }
}
