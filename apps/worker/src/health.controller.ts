import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Db } from 'mongodb';
import { EventStore } from '#libs/event-store';
import { Projections, type ProjectionHealth } from './projections.js';
import { Reactions } from './reactions/reactions.js';

/** Milliseconds that a store may take to answer before it counts as away. */
const ANSWER_WITHIN = 3_000;

/** What `GET /health/ready` answers: 200 when both stores answer, else 503. */
export interface Readiness {
  readonly status: 'up' | 'down';
  readonly eventStore: boolean;
  readonly mongodb: boolean;
  readonly projections: readonly ProjectionHealth[];
  /** Events given up after all retries; null while the store does not tell. */
  readonly parkedReactions: number | null;
}

/** For whoever supervises the worker: nothing here names a letter or a person. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly eventStore: EventStore,
    private readonly db: Db,
    private readonly projections: Projections,
    private readonly reactions: Reactions,
  ) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'up' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const [eventStore, mongodb, parkedReactions] = await Promise.all([
      inTime(
        this.eventStore.load('health').then(() => true),
        false,
      ),
      inTime(
        this.db.command({ ping: 1 }).then(() => true),
        false,
      ),
      inTime<number | null>(this.reactions.parked(), null),
    ]);
    const status = eventStore && mongodb ? 'up' : 'down';
    if (status === 'down') response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status, eventStore, mongodb, projections: this.projections.health(), parkedReactions };
  }
}

/** The answer, or `otherwise` when it fails or takes too long. */
async function inTime<Answer>(asked: Promise<Answer>, otherwise: Answer): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ANSWER_WITHIN);
  });
  try {
    return await Promise.race([asked.catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}
