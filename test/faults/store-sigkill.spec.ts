import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import { differences, everything, idsOf } from './store-comparison.js';
import { Writer } from './store-ledger.js';
import { StoreProcess } from './store-process.js';

/** How often the server is killed; PLI_KILLS=300 for a long run. */
const KILLS = Number(process.env['PLI_KILLS'] ?? 80);
const WRITERS = 6;
/** The status of a call whose server is gone (https://grpc.io/docs/guides/status-codes/). */
const UNAVAILABLE = 14;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-store-sigkill-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A round: the server starts, clients repeat what they were told nothing about and write on, and it is killed. */
async function round(writers: readonly Writer[]): Promise<void> {
  const store = StoreProcess.on(folder);
  const client = EventStoreDBClient.connectionString(await store.ready());
  let killed = false;
  const work = Promise.all(writers.map((writer) => writer.writeUntilItFails(client, () => killed)));
  // From "no client is connected yet" to "everything runs".
  await delay(Math.random() ** 2 * 400);
  await store.kill('SIGKILL');
  killed = true;
  const failures = await work;
  // A refusal would be an answer: only a server that is gone may make a writer fail.
  for (const failure of failures) if (failure !== undefined) expect(failure).toMatchObject({ code: UNAVAILABLE });
  await client.dispose();
}

test(
  'killed at any moment, the store has kept what it acknowledged, the rest wholly or not at all',
  async () => {
    const all: Writer[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Half of the writers go on with the streams of the round before.
      const fresh = Array.from({ length: WRITERS / 2 }, (_, n) => new Writer(`killed-${kill}-${n}`, n % 2 === 0));
      const earlier = all.slice(-WRITERS / 2);
      all.push(...fresh);
      await round([...earlier, ...fresh]);
    }
    const store = StoreProcess.on(folder);
    const client = EventStoreDBClient.connectionString(await store.ready());
    const kept = await everything(client);
    expect(all.flatMap((writer) => differences(writer, kept.get(writer.stream) ?? []))).toEqual([]);
    // A stream reads as $all shows it.
    for (const { stream } of all) {
      expect(await idsOf(client, stream)).toEqual((kept.get(stream) ?? []).map(({ id }) => id));
    }
    const attempts = all.flatMap((writer) => writer.attempts);
    const acknowledged = attempts.filter(({ told }) => told === 'stored').length;
    process.stdout.write(
      `${KILLS} kills: ${acknowledged} appends acknowledged, ${attempts.length - acknowledged} not\n`,
    );
    // Otherwise nothing was tried.
    expect(acknowledged).toBeGreaterThan(KILLS * 5);
    expect(attempts.length - acknowledged).toBeGreaterThan(KILLS / 4);
    await client.dispose();
    await store.kill('SIGTERM');
  },
  60_000 + KILLS * 5_000,
);
