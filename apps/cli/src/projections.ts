import type { Db } from 'mongodb';
import type { EventStore, Position } from '#libs/event-store';
import { projections } from '#projections/all';
import {
  COUNTED_AT_MOST,
  eventsBehind,
  projectionStates,
  rebuild,
  type Projection,
  type ProjectionState,
} from '#projections/engine';
import { CliFailure } from './failure.js';
import { withStores, type Print } from './operator.js';

/** Prints a line per projection: where it is and how many of its events it has not applied yet. */
export function listProjections(environment: NodeJS.ProcessEnv, print: Print): Promise<void> {
  return withStores(environment, async ({ db, eventStore }) => {
    const states = new Map((await projectionStates(db)).map((state) => [state.name, state]));
    for (const projection of projections) {
      const state = states.get(projection.name);
      print(line(projection, state, await lagOf(eventStore, projection, state?.position ?? null)));
    }
  });
}

function line({ name, version }: Projection, state: ProjectionState | undefined, lag: string): string {
  if (!state) return `${name}  version ${version}  never ran: start the worker, which builds it`;
  const position = state.position ? `${state.position.commit}/${state.position.prepare}` : 'start';
  const told = [name, `version ${state.version}`, `position ${position}`, `lag ${lag}`];
  if (state.version < version) told.push(`version ${version} is built when the worker starts`);
  if (state.rebuilding) told.push('being rebuilt');
  return told.join('  ');
}

async function lagOf(eventStore: EventStore, projection: Projection, position: Position | null): Promise<string> {
  const events = await eventsBehind(eventStore, projection, position);
  return events > COUNTED_AT_MOST ? `over ${COUNTED_AT_MOST} events` : `${events} event${events === 1 ? '' : 's'}`;
}

/**
 * Builds a projection anew while the service goes on with the old one, then shows the new one.
 *
 * @throws CliFailure UNKNOWN_PROJECTION
 */
export function rebuildProjection(environment: NodeJS.ProcessEnv, name: string, print: Print): Promise<void> {
  const projection = projections.find((known) => known.name === name);
  if (!projection) {
    const names = projections.map((known) => known.name).join(', ');
    throw new CliFailure('UNKNOWN_PROJECTION', `There is no projection ${name}; choose one of ${names}.`);
  }
  return withStores(environment, ({ db, eventStore }) => build(projection, { db, eventStore }, print));
}

async function build(projection: Projection, stores: { db: Db; eventStore: EventStore }, print: Print): Promise<void> {
  const began = performance.now();
  const speed = (events: number): string => {
    const seconds = (performance.now() - began) / 1_000;
    return `${events} events in ${seconds.toFixed(1)} s (${Math.round(events / seconds)} events/s)`;
  };
  let readAfter = '';
  const { events, generation } = await rebuild(projection, {
    ...stores,
    onProgress: (read) => {
      readAfter = speed(read);
      print(`${projection.name}: ${readAfter}`);
    },
  });
  print(`${projection.name}: generation ${generation} is shown, ${readAfter || speed(events)}`);
}
