import type { DatabaseSync } from 'node:sqlite';
import type { GroupKey, GroupSettings } from './group-settings.js';

/** A group as the database holds it. */
export interface StoredGroup extends GroupKey {
  readonly settings: GroupSettings;
  /** First revision or position that may not have been handled; everything before it was. */
  readonly resumeFrom: number;
  /** False until the group has made its first checkpoint: a new `startFrom` counts only until then. */
  readonly checkpointed: boolean;
}

interface GroupRow {
  readonly stream: string;
  readonly name: string;
  readonly settings: string;
  readonly resume_from: number;
  readonly checkpointed: number;
}

/** The groups of persistent subscriptions in the database. The writing methods run inside a transaction of the commit queue. */
export class GroupTable {
  private readonly statements;

  constructor(database: DatabaseSync) {
    this.statements = {
      all: database.prepare('SELECT * FROM groups ORDER BY stream, name'),
      save: database.prepare(
        'INSERT OR REPLACE INTO groups (stream, name, settings, resume_from, checkpointed) VALUES (?, ?, ?, ?, ?)',
      ),
      resumeFrom: database.prepare('UPDATE groups SET resume_from = ?, checkpointed = 1 WHERE stream = ? AND name = ?'),
      delete: database.prepare('DELETE FROM groups WHERE stream = ? AND name = ?'),
      replayed: database.prepare('SELECT revision FROM replayed WHERE stream = ? AND name = ? ORDER BY revision'),
      addReplayed: database.prepare('INSERT OR IGNORE INTO replayed (stream, name, revision) VALUES (?, ?, ?)'),
      removeReplayed: database.prepare('DELETE FROM replayed WHERE stream = ? AND name = ? AND revision = ?'),
      forgetReplayed: database.prepare('DELETE FROM replayed WHERE stream = ? AND name = ?'),
    };
  }

  readAll(): StoredGroup[] {
    const rows = this.statements.all.all() as unknown as GroupRow[];
    return rows.map(({ stream, name, settings, resume_from, checkpointed }) => ({
      stream,
      name,
      settings: JSON.parse(settings) as GroupSettings,
      resumeFrom: resume_from,
      checkpointed: checkpointed === 1,
    }));
  }

  save({ stream, name, settings, resumeFrom, checkpointed }: StoredGroup): void {
    this.statements.save.run(stream, name, JSON.stringify(settings), resumeFrom, checkpointed ? 1 : 0);
  }

  saveCheckpoint({ stream, name }: GroupKey, resumeFrom: number): void {
    this.statements.resumeFrom.run(resumeFrom, stream, name);
  }

  delete({ stream, name }: GroupKey): void {
    this.statements.delete.run(stream, name);
    this.statements.forgetReplayed.run(stream, name);
  }

  /** Revisions in the stream of parked messages that are being replayed and were not handled yet. */
  replayedOf({ stream, name }: GroupKey): number[] {
    return this.statements.replayed.all(stream, name).map((row) => Number(row['revision']));
  }

  addReplayed({ stream, name }: GroupKey, revision: number): void {
    this.statements.addReplayed.run(stream, name, revision);
  }

  removeReplayed({ stream, name }: GroupKey, revision: number): void {
    this.statements.removeReplayed.run(stream, name, revision);
  }
}
