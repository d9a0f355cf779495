import { StreamNotFoundError, type EventStoreDBClient } from '@eventstore/db-client';
import type { Attempt, Writer } from './store-ledger.js';

/** An event as it was kept. */
interface Kept {
  readonly id: string;
  readonly revision: number;
  readonly position: bigint;
}

/** Everything in `$all`, by stream. Fails when positions do not grow. */
export async function everything(client: EventStoreDBClient): Promise<Map<string, Kept[]>> {
  const streams = new Map<string, Kept[]>();
  let before = -1n;
  for await (const { event } of client.readAll()) {
    if (event === undefined) continue;
    if (event.position.commit <= before) throw new Error(`Position ${event.position.commit} comes after ${before}.`);
    before = event.position.commit;
    const kept = { id: event.id, revision: Number(event.revision), position: event.position.commit };
    const stream = streams.get(event.streamId);
    if (stream === undefined) streams.set(event.streamId, [kept]);
    else stream.push(kept);
  }
  return streams;
}

/** The ids of a stream as a read of it gives them; none when it does not exist. */
export async function idsOf(client: EventStoreDBClient, stream: string): Promise<string[]> {
  const ids: string[] = [];
  try {
    for await (const { event } of client.readStream(stream)) ids.push(event?.id ?? 'nothing');
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return ids;
}

/**
 * What a writer was told against what was kept: every acknowledged append is there, where it was said to be; one that was not
 * acknowledged is there wholly or not at all, and only as the last; revisions have no gaps, and nothing else is in the stream.
 *
 * @returns a sentence per difference
 */
export function differences({ stream, attempts }: Writer, kept: readonly Kept[]): string[] {
  const found: string[] = [];
  kept.forEach(({ revision }, index) => {
    if (revision !== index) found.push(`${stream}: revision ${revision} where ${index} belongs`);
  });
  let next = 0;
  for (const attempt of attempts) {
    const there = kept.slice(next, next + attempt.ids.length);
    const isThere = there.length === attempt.ids.length && there.every(({ id }, n) => id === attempt.ids[n]);
    if (isThere) {
      next += attempt.ids.length;
      found.push(...misplaced(attempt, there.at(-1)));
    } else if (attempt.told === 'stored') {
      found.push(`${stream}: the append at revision ${attempt.first} was acknowledged and is not there`);
    } else if (there.some(({ id }) => attempt.ids.includes(id))) {
      found.push(`${stream}: the append at revision ${attempt.first} is there by halves`);
    }
  }
  if (next !== kept.length) found.push(`${stream}: ${kept.length - next} events that nobody has written`);
  return found;
}

function misplaced({ stream, told, revision, position }: Attempt, last: Kept | undefined): string[] {
  if (told === 'nothing' || last === undefined) return [];
  if (last.revision === revision && last.position === position) return [];
  return [
    `${stream}: said to be at ${String(revision)}, ${String(position)}; is at ${last.revision}, ${last.position}`,
  ];
}
