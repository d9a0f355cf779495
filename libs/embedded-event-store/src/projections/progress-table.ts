import type { DatabaseSync } from 'node:sqlite';

/** How far a projection is. */
export interface Progress {
  readonly enabled: boolean;
  /** First position of `$all` that it has not looked at. */
  readonly position: number;
}

/** The progress of the projections in the database. The writing methods run inside a transaction of the commit queue. */
export class ProgressTable {
  private readonly statements;

  constructor(database: DatabaseSync) {
    // Made when it is first needed: a store that never ran projections can still be opened by an older program.
    database.exec(`CREATE TABLE IF NOT EXISTS projections (
      name     TEXT NOT NULL PRIMARY KEY,
      enabled  INTEGER NOT NULL,
      position INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`);
    this.statements = {
      all: database.prepare('SELECT name, enabled, position FROM projections'),
      // Two statements, so that switching a projection never moves it and moving it never switches it.
      savePosition: database.prepare(
        'INSERT INTO projections (name, enabled, position) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position',
      ),
      saveEnabled: database.prepare(
        'INSERT INTO projections (name, enabled, position) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET enabled = excluded.enabled',
      ),
    };
  }

  readAll(): Map<string, Progress> {
    const rows = this.statements.all.all();
    return new Map(
      rows.map((row) => [String(row['name']), { enabled: row['enabled'] === 1, position: Number(row['position']) }]),
    );
  }

  savePosition(name: string, { enabled, position }: Progress): void {
    this.statements.savePosition.run(name, enabled ? 1 : 0, position);
  }

  saveEnabled(name: string, { enabled, position }: Progress): void {
    this.statements.saveEnabled.run(name, enabled ? 1 : 0, position);
  }
}
