import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { differences, everything } from './store-comparison.js';
import { Writer } from './store-ledger.js';
import { StoreProcess } from './store-process.js';

const MEBIBYTE = 1024 * 1024;
const BALLAST_MEBIBYTES = 48;

/** A disk that gets full, and what gives it room again. */
interface SmallDisk {
  readonly dataFolder: string;
  start(): StoreProcess;
  makeRoom(store: StoreProcess): void;
  remove(): void;
}

/** A tmpfs of 64 MiB, of which three quarters are taken by a file that is removed later; undefined where this user may not mount one. */
function tmpfsDisk(folder: string): SmallDisk | undefined {
  const mounted = join(folder, 'disk');
  mkdirSync(mounted);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', mounted], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const ballast = join(mounted, 'ballast');
  writeFileSync(ballast, Buffer.alloc(BALLAST_MEBIBYTES * MEBIBYTE));
  const dataFolder = join(mounted, 'data');
  return {
    dataFolder,
    start: () => StoreProcess.on(dataFolder),
    makeRoom: () => rmSync(ballast),
    remove: () => execFileSync('umount', [mounted]),
  };
}

/** Files that may not grow beyond 4 MiB, which looks the same to a program, until the limit of its process is raised. */
function limitedFiles(folder: string): SmallDisk {
  const dataFolder = join(folder, 'data');
  return {
    dataFolder,
    start: () => StoreProcess.withLargestFile(dataFolder, 4 * MEBIBYTE),
    makeRoom: (store) => execFileSync('prlimit', ['--pid', String(store.pid), '--fsize=unlimited:']),
    remove: () => undefined,
  };
}

let folder: string;
let stores: StoreProcess[];
let clients: EventStoreDBClient[];
let disk: SmallDisk | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pli-store-full-'));
  stores = [];
  clients = [];
  disk = undefined;
});

afterEach(async () => {
  for (const client of clients) await client.dispose();
  for (const store of stores) await store.kill('SIGKILL');
  disk?.remove();
  rmSync(folder, { recursive: true });
});

async function connected(store: StoreProcess): Promise<EventStoreDBClient> {
  stores.push(store);
  const client = EventStoreDBClient.connectionString(await store.ready());
  clients.push(client);
  return client;
}

describe.each([
  ['a small tmpfs', tmpfsDisk],
  ['files that may not grow', limitedFiles],
])('on %s that gets full, the store', (_name, diskIn) => {
  test('refuses appends with a clear error, keeps what it acknowledged, and goes on when there is room', async () => {
    disk = diskIn(folder);
    if (disk === undefined) {
      // The other of the two tests needs no rights.
      process.stderr.write('store-full-disk: this user may not mount a tmpfs; tested with limited files only.\n');
      return;
    }
    const store = disk.start();
    const client = await connected(store);
    const writers = Array.from({ length: 4 }, (_, n) => new Writer(`full-${n}`, n % 2 === 0));

    const failures = await Promise.all(writers.map((writer) => writer.writeUntilItFails(client)));
    for (const failure of failures) expect(String(failure)).toMatch(/nothing was stored/);
    expect(writers.every(({ attempts }) => attempts.length > 5)).toBe(true);
    // It still reads, and says the same again as often as it is asked.
    expect(await compared(client, writers)).toEqual([]);
    const large = new Writer('full-large', false, 40_000);
    expect(String(await large.writeUntilItFails(client))).toMatch(/nothing was stored/);

    disk.makeRoom(store);
    const before = acknowledgedBy(writers);
    let left = 40;
    const after = await Promise.all(writers.map((writer) => writer.writeUntilItFails(client, () => left-- <= 0)));
    expect(after).toEqual([undefined, undefined, undefined, undefined]);
    expect(acknowledgedBy(writers)).toBeGreaterThan(before + 30);

    await store.kill('SIGKILL');
    expect(await compared(await connected(disk.start()), writers)).toEqual([]);
  }, 120_000);

  test('starts again while it is still full, and has kept what it acknowledged', async () => {
    disk = diskIn(folder);
    if (disk === undefined) return;
    const store = disk.start();
    const client = await connected(store);
    const writers = Array.from({ length: 2 }, (_, n) => new Writer(`full-${n}`, n % 2 === 0));
    await Promise.all(writers.map((writer) => writer.writeUntilItFails(client)));
    await store.kill('SIGKILL');
    expect(await compared(await connected(disk.start()), writers)).toEqual([]);
  }, 120_000);
});

const acknowledgedBy = (writers: readonly Writer[]): number =>
  writers.flatMap(({ attempts }) => attempts).filter(({ told }) => told === 'stored').length;

async function compared(client: EventStoreDBClient, writers: readonly Writer[]): Promise<string[]> {
  const kept = await everything(client);
  return writers.flatMap((writer) => differences(writer, kept.get(writer.stream) ?? []));
}
