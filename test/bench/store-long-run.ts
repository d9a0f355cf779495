import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { perSecond, row } from './figures.js';
import { mebibytes, MemoryWatch, type OwnServer } from './store-server.js';
import { readAllRate, seed, subscribeToAllRate } from './store-work.js';

/** Events are written to as many streams as hold this many each. */
const PER_STREAM = 10_000;
const PARTS = 4;

/**
 * Writes, reads and subscribes to `events` events, then starts the server on them again. Yields a line per step; the memory of
 * a server of ours must stay flat.
 */
export async function* longRun(url: string, server: OwnServer | undefined, events: number): AsyncGenerator<string> {
  yield `${events.toLocaleString('en')} events of 500 bytes`;
  yield row('', 'events', 'server memory');
  const client = EventStoreDBClient.connectionString(url);
  const measured = async (label: string, work: () => Promise<number>): Promise<string> => {
    const memory = new MemoryWatch(server);
    const speed = perSecond(await work());
    return row(label, speed, memory.stop());
  };
  try {
    for (let part = 1; part <= PARTS; part += 1) {
      yield await measured(`written, part ${part} of ${PARTS}`, () => write(client, Math.round(events / PARTS)));
    }
    for (let round = 1; round <= 2; round += 1) {
      yield await measured(`read, round ${round}`, () => readAllRate(client, events));
      yield await measured(`subscribed to, round ${round}`, () => subscribeToAllRate(client, events));
    }
  } finally {
    await client.dispose();
  }
  if (server !== undefined) yield* restarts(server);
}

async function write(client: EventStoreDBClient, events: number): Promise<number> {
  const started = performance.now();
  for (let left = events; left > 0; left -= PER_STREAM) {
    await seed(client, `bench-long-${randomUUID()}`, Math.min(left, PER_STREAM));
  }
  return (events / (performance.now() - started)) * 1_000;
}

async function* restarts(server: OwnServer): AsyncGenerator<string> {
  for (let round = 1; round <= 3; round += 1) {
    await server.stop();
    const ready = await server.start();
    const memory = server.residentBytes();
    yield row(
      `started on them, round ${round}`,
      `${Math.round(ready)} ms`,
      memory === undefined ? '–' : `${mebibytes(memory)} MiB`,
    );
  }
}
