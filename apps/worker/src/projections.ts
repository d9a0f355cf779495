import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Db } from 'mongodb';
import { EventStore } from '#libs/event-store';
import { ProjectionEngine, type Lag, type Projection } from '#projections/engine';

/** How one projection stands. */
export interface ProjectionHealth extends Lag {
  readonly name: string;
  /** Why it stopped; absent while it runs. */
  readonly stopped?: string;
}

/** Milliseconds before an engine that stopped is started again: an event that it cannot read stays there. */
const RESTART_AFTER = 5_000;

/** Keeps the read models up to date as long as the application runs. */
@Injectable()
export class Projections implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Projections');
  private readonly stop = new AbortController();
  private readonly engines: readonly { readonly name: string; readonly engine: ProjectionEngine }[];
  private readonly stopped = new Map<string, string>();
  private running: Promise<unknown> = Promise.resolve();

  constructor(db: Db, eventStore: EventStore, projections: readonly Projection[]) {
    const onNotice = (notice: string): void => this.logger.log(notice);
    this.engines = projections.map((projection) => ({
      name: projection.name,
      engine: new ProjectionEngine({ db, eventStore, projection, onNotice }),
    }));
  }

  onApplicationBootstrap(): void {
    this.running = Promise.all(this.engines.map(({ name, engine }) => this.keepRunning(name, engine)));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** For health: how far behind each one is. */
  health(): ProjectionHealth[] {
    return this.engines.map(({ name, engine }) => {
      const stopped = this.stopped.get(name);
      return { name, ...engine.lag(), ...(stopped === undefined ? {} : { stopped }) };
    });
  }

  private async keepRunning(name: string, engine: ProjectionEngine): Promise<void> {
    const { signal } = this.stop;
    let said = '';
    while (!signal.aborted) {
      try {
        this.stopped.delete(name);
        await engine.run(signal);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!signal.aborted && reason !== said) this.logger.error(`${name} stopped: ${reason}`);
        said = reason;
        this.stopped.set(name, reason);
        await sleep(RESTART_AFTER, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
