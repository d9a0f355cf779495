import type { Store } from '../store.js';
import type { StoredEvent } from '../stored-event.js';
import { uuidToText } from '../uuid-bytes.js';
import { append, randomUuidBytes } from '../write.js';
import { ProgressTable, type Progress } from './progress-table.js';
import { SYSTEM_PROJECTIONS, type EmittedLink, type SystemProjection } from './system-projections.js';

/** Links are written together: what comes within this time shares a transaction, so that an append stays one fsync. */
const GATHER_MS = 200;
/** Events looked at in one transaction, so that appends never wait long behind a projection that catches up. */
const PAGE_EVENTS = 500;
const RETRY_MS = 1_000;

/** A projection and how far it is. */
export interface RunningProjection extends Progress {
  readonly projection: SystemProjection;
}

/**
 * Runs the system projections: follows `$all` and writes their links. The links and how far the projection is are stored in one
 * transaction, so that each event is linked exactly once, whenever the process is killed.
 */
export class ProjectionRunner {
  private readonly table: ProgressTable;
  private readonly running = new Map<string, RunningProjection>();
  private readonly stopListening: () => void;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly store: Store) {
    this.table = new ProgressTable(store.database);
    const stored = this.table.readAll();
    for (const projection of SYSTEM_PROJECTIONS) {
      this.running.set(projection.name, {
        projection,
        ...(stored.get(projection.name) ?? { enabled: true, position: 0 }),
      });
    }
    this.stopListening = store.onCommitted(() => this.schedule(GATHER_MS));
    this.schedule(0);
  }

  /** All projections, in the order of their names. */
  list(): RunningProjection[] {
    return [...this.running.values()].sort((a, b) => (a.projection.name < b.projection.name ? -1 : 1));
  }

  find(name: string): RunningProjection | undefined {
    return this.running.get(name);
  }

  /** Lets a projection run, from where it stopped, or stops it; durable. False when there is no such projection. */
  async setEnabled(name: string, enabled: boolean): Promise<boolean> {
    const current = this.running.get(name);
    if (current === undefined) return false;
    await this.store.commits.run(() => this.table.saveEnabled(name, { ...current, enabled }));
    this.change(name, { enabled });
    this.schedule(0);
    return true;
  }

  /** Call before the commit queue is closed; what is not linked yet is linked after the next start. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.stopListening();
  }

  private change(name: string, changes: Partial<Progress>): void {
    const current = this.running.get(name);
    if (current !== undefined) this.running.set(name, { ...current, ...changes });
  }

  private schedule(delay: number): void {
    if (this.closed || this.timer !== undefined || this.behind().length === 0) return;
    this.timer = setTimeout(() => this.project(), delay);
  }

  private behind(): RunningProjection[] {
    const end = this.store.log.endPosition;
    return [...this.running.values()].filter(({ enabled, position }) => enabled && position < end);
  }

  private project(): void {
    this.store.commits.submit(
      () => this.projectPage(),
      (done) => {
        for (const { projection, position } of done) this.change(projection.name, { position });
        this.again(0);
      },
      () => this.again(RETRY_MS),
    );
  }

  private again(delay: number): void {
    this.timer = undefined;
    this.schedule(delay);
  }

  /** Links the next events; returns how far the projections are when this is committed. */
  private projectPage(): RunningProjection[] {
    const behind = this.behind();
    const from = Math.min(...behind.map(({ position }) => position));
    const page = this.store.log.readAllForwards(from, PAGE_EVENTS);
    const last = page.at(-1);
    const next = last === undefined ? this.store.log.endPosition : last.position + 1;
    let hasWritten = false;
    for (const event of page) {
      for (const { projection, position } of behind) {
        const link = event.position < position ? undefined : projection.emit(event);
        if (link === undefined) continue;
        this.write(link, event);
        hasWritten = true;
      }
    }
    const done = behind.map((current) => ({ ...current, position: Math.max(current.position, next) }));
    // Without links there is nothing that could happen twice: the same events are looked at again after a restart.
    if (hasWritten) for (const current of done) this.table.savePosition(current.projection.name, current);
    return done;
  }

  private write({ stream, type, data, extra }: EmittedLink, cause: StoredEvent): void {
    const metadata = {
      $v: '1:-1:1:4',
      $c: cause.position,
      $p: cause.position,
      ...extra,
      $causedBy: uuidToText(cause.id),
    };
    const link = {
      id: randomUuidBytes(),
      type,
      json: false,
      data: Buffer.from(data),
      metadata: Buffer.from(JSON.stringify(metadata)),
    };
    append(this.store.log, stream, 'any', [link]);
  }
}
