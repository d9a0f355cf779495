import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProposedEvent } from './stored-event.js';
import { Store } from './store.js';
import { append, softDelete, tombstone } from './write.js';

const proposed = (n: number, type = 'T'): ProposedEvent => ({
  id: Buffer.from(String(n).padStart(16, '0')),
  type,
  json: true,
  data: Buffer.from(String(n)),
  metadata: new Uint8Array(0),
});

describe('the event log', () => {
  let folder: string;
  let store: Store;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-log-'));
    store = Store.open(folder);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  const reopen = () => {
    store.close();
    store = Store.open(folder);
  };
  const write = (stream: string, ...numbers: number[]) =>
    store.commits.run(() =>
      append(
        store.log,
        stream,
        'any',
        numbers.map((n) => proposed(n)),
      ),
    );

  test('goes on after a restart: positions, revisions and the ids of repeated requests', async () => {
    const first = await write('a', 1, 2);
    const end = store.log.endPosition;
    reopen();
    expect(store.log.endPosition).toBe(end);
    expect(await write('a', 1, 2)).toEqual(first);
    expect(await write('a', 3)).toEqual({ kind: 'written', revision: 2, position: end });
    expect(store.log.readAllForwards(0, 10).map(({ revision }) => revision)).toEqual([0, 1, 2]);
  });

  test('gives positions that leave room, so that a place between two events is none', async () => {
    await write('a', 1, 2);
    const [first, second] = store.log.readAllForwards(0, 10);
    expect(store.log.isEventPosition(first?.position ?? 0)).toBe(true);
    expect((second?.position ?? 0) - (first?.position ?? 0)).toBeGreaterThan(1);
    expect(store.log.isEventPosition((first?.position ?? 0) + 1)).toBe(false);
  });

  test('ends a page early when the events are large', async () => {
    const large = { ...proposed(0), data: Buffer.alloc(200_000) };
    for (let n = 0; n < 10; n++) {
      await store.commits.run(() => append(store.log, 'large', 'any', [{ ...large, id: proposed(n).id }]));
    }
    const page = store.log.readAllForwards(0, 100);
    expect(page.length).toBeLessThan(10);
    expect(page.length).toBeGreaterThan(0);
  });

  test('knows after a restart what was deleted', async () => {
    await write('soft', 1, 2);
    await write('hard', 3);
    await store.commits.run(() => softDelete(store.log, 'soft', 'any'));
    await store.commits.run(() => tombstone(store.log, 'hard', 'any'));
    reopen();
    expect(store.log.stateOf('soft')).toMatchObject({ last: 1, limits: { truncateBefore: Infinity } });
    expect(store.log.stateOf('hard').tombstoned).toBe(true);
    expect(await write('soft', 4)).toMatchObject({ revision: 2 });
    expect(store.log.readOne('soft', 1)).toBeUndefined();
    expect(store.log.readOne('soft', 2)).toBeDefined();
  });
});

describe('the commit queue', () => {
  let folder: string;
  let store: Store;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-commits-'));
    store = Store.open(folder);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  test('commits once for all that arrive together, and tells everyone only then', async () => {
    let commits = 0;
    store.onCommitted(() => commits++);
    const told: number[] = [];
    const writes = Array.from({ length: 50 }, (_, n) =>
      store.commits
        .run(() => {
          expect(told).toEqual([]);
          return append(store.log, `s-${n % 3}`, 'any', [proposed(n)]);
        })
        .then(() => told.push(n)),
    );
    await Promise.all(writes);
    expect(told).toHaveLength(50);
    expect(commits).toBe(1);
  });

  test('undoes everything when one part fails, on the disk and in memory, and tells everyone', async () => {
    await store.commits.run(() => append(store.log, 'a', 'any', [proposed(1)]));
    const end = store.log.endPosition;
    const outcomes = await Promise.allSettled([
      store.commits.run(() => append(store.log, 'a', 'any', [proposed(2)])),
      store.commits.run(() => append(store.log, 'new', 'any', [proposed(3)])),
      store.commits.run(() => {
        throw new RangeError('broken');
      }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(store.log.endPosition).toBe(end);
    expect(store.log.stateOf('a').last).toBe(0);
    expect(store.log.stateOf('new').last).toBe(-1);
    // The same request again is no repetition: nothing of it was stored.
    const again = await store.commits.run(() => append(store.log, 'a', 'any', [proposed(2)]));
    expect(again).toMatchObject({ kind: 'written', revision: 1 });
    expect(store.log.readAllForwards(0, 10)).toHaveLength(2);
  });

  test('refuses what comes after it was closed', async () => {
    store.commits.close();
    await expect(store.commits.run(() => 1)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
