import { Body, Controller, Get, Logger, Post, Query, Redirect, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { Db } from 'mongodb';
import { REACTION_GROUPS } from '#libs/commands';
import { EventStore } from '#libs/event-store';
import { dates, notFound, Pages } from '#libs/web';
import { projections } from '#projections/all';
import { COUNTED_AT_MOST, eventsBehind, projectionStates, rebuild } from '#projections/engine';
import { navigation } from './navigation.js';
import { OperatorOnly } from './operator-only.js';

/** How the service does: read models with their lag, and reactions that were given up. */
@Controller()
@UseGuards(OperatorOnly)
export class ServiceController {
  private readonly logger = new Logger('Operator');

  constructor(
    private readonly eventStore: EventStore,
    private readonly db: Db,
    private readonly pages: Pages,
  ) {}

  @Get('reactions')
  async reactions(@Query('rejoue') replayed: unknown, @Res() response: Response): Promise<void> {
    const parked = (await Promise.all(REACTION_GROUPS.map((group) => this.eventStore.parked(group)))).flat();
    const rows = parked.map(({ event, parkedAt, reason }) => ({
      at: dates.dayAndSecond(parkedAt.toISOString()),
      event: event ? `${event.stream}@${event.revision}` : 'événement disparu',
      type: event?.type,
      reason: reason || 'sans raison donnée',
    }));
    const data = { title: 'Réactions', ...navigation('/reactions'), rows, isReplayed: replayed !== undefined };
    response.send(this.pages.render('reactions', data));
  }

  @Post('reactions')
  @Redirect('/reactions?rejoue', 303)
  async replay(): Promise<void> {
    for (const group of REACTION_GROUPS) {
      if ((await this.eventStore.parked(group)).length > 0) await this.eventStore.replayParked(group);
    }
  }

  @Get('projections')
  async projections(@Res() response: Response): Promise<void> {
    const states = new Map((await projectionStates(this.db)).map((state) => [state.name, state]));
    const rows = await Promise.all(
      projections.map(async (projection) => {
        const state = states.get(projection.name);
        const behind = await eventsBehind(this.eventStore, projection, state?.position ?? null);
        return {
          name: projection.name,
          version: state?.version ?? '–',
          moved: state ? dates.dayAndSecond(state.movedAt.toISOString()) : 'jamais',
          behind: behind > COUNTED_AT_MOST ? `plus de ${COUNTED_AT_MOST}` : String(behind),
          isRebuilding: state?.rebuilding ?? false,
        };
      }),
    );
    response.send(this.pages.render('projections', { title: 'Projections', ...navigation('/projections'), rows }));
  }

  /** Begins to build a read model anew beside the one that is shown; the page tells when it is done. */
  @Post('projections')
  @Redirect('/projections', 303)
  rebuild(@Body() form: Readonly<Record<string, unknown>>): void {
    const projection = projections.find(({ name }) => name === form['name']);
    if (!projection) throw notFound();
    rebuild(projection, { db: this.db, eventStore: this.eventStore }).catch((error: unknown) => {
      this.logger.error(
        `${projection.name} was not rebuilt: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }
}
