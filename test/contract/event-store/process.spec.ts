import { BACKWARDS, END, EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, eventually } from './store-under-test.js';

/** The process as it is shipped, so it needs `npm run build` first; it is ours alone, whatever EVENTSTORE_URL says. */
const MAIN = join(process.cwd(), 'dist', 'apps', 'event-store', 'src', 'main.js');

/** For specs only, see security.spec.ts. */
const CERTIFICATE = join(import.meta.dirname, 'certificate', 'localhost.crt');
const KEY = join(import.meta.dirname, 'certificate', 'localhost.key');

/** How often the server is killed under load; PLI_KILLS=200 for a long run. */
const KILLS = Number(process.env['PLI_KILLS'] ?? 8);
/** Enough for that many starts on a slow machine. */
const PATIENCE_MS = 60_000 + KILLS * 5_000;

interface Exit {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

class StoreProcess {
  private output = '';
  private errors = '';
  readonly exit: Promise<Exit>;
  private readonly child: ChildProcess;

  constructor(...args: string[]) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} does not exist; run "npm run build" first.`);
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk) => (this.output += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.errors += String(chunk)));
    this.exit = new Promise((resolve) =>
      this.child.once('close', (code) => resolve({ code, output: this.output, errors: this.errors })),
    );
  }

  /** The connection string, from the one line that it prints when it is ready. */
  async ready(): Promise<string> {
    const line = new Promise<void>((resolve) => this.child.stdout?.once('data', () => resolve()));
    const early = await Promise.race([line, this.exit]);
    if (early !== undefined) throw new Error(`The event store ended: ${early.errors}`);
    return /esdb:\S+?tls=(true|false)/.exec(this.output)?.[0] ?? '';
  }

  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exit;
  }
}

describe('the event store process', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'event-store-process-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'prints one line when it is ready, and ends cleanly on %s',
    async (signal) => {
      const store = new StoreProcess('--port', '0', '--data', folder);
      const client = EventStoreDBClient.connectionString(await store.ready());
      await client.appendToStream('s', jsonEvent({ type: 'A', data: {} }));
      await client.dispose();
      const { code, output, errors } = await store.kill(signal);
      expect({ code, lines: output.trim().split('\n').length, errors }).toEqual({ code: 0, lines: 1, errors: '' });
    },
  );

  test('says in one sentence that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, output, errors } = await new StoreProcess('--port', String(port), '--data', folder).exit;
    await new Promise((resolve) => other.close(resolve));
    expect({ code, output, lines: errors.trim().split('\n').length }).toEqual({ code: 1, output: '', lines: 1 });
    expect(errors).toContain(`Port ${port}`);
  });

  test('says in one sentence that its folder cannot be used, or is used by another', async () => {
    writeFileSync(join(folder, 'file'), '');
    const unusable = await new StoreProcess('--port', '0', '--data', join(folder, 'file')).exit;
    expect(unusable).toMatchObject({ code: 1, output: '' });
    expect(unusable.errors.trim().split('\n')).toHaveLength(1);

    const first = new StoreProcess('--port', '0', '--data', join(folder, 'data'));
    await first.ready();
    const second = await new StoreProcess('--port', '0', '--data', join(folder, 'data')).exit;
    expect(second).toMatchObject({ code: 1, output: '' });
    expect(second.errors).toContain('in use by another process');
    expect((await first.kill('SIGTERM')).code).toBe(0);
  });

  test.each([
    ['no data folder', ['--port', '0']],
    ['no port', ['--data', 'somewhere']],
    ['a port that is none', ['--data', 'somewhere', '--port', 'http']],
    ['an unknown argument', ['--data', 'somewhere', '--port', '0', '--what']],
    ['an unknown command', ['start', '--data', 'somewhere', '--port', '0']],
    ['a certificate without its key', ['--data', 'somewhere', '--port', '0', '--certificate', CERTIFICATE]],
    ['a file that is not there', ['--data', 'somewhere', '--port', '0', '--users', 'no-such-file']],
    ['a user without a name', ['hash-password']],
    ['a group with a colon', ['hash-password', 'name', 'a:b']],
  ])('says how to call it when there is %s', async (_case, args) => {
    const { code, errors } = await new StoreProcess(...args).exit;
    expect(code).toBe(1);
    expect(errors).toContain('Usage: event-store');
  });
});

describe('the event store process with TLS and users', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'event-store-process-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test('takes the lines that it makes itself, and lets in who they name', async () => {
    const line = execFileSync(process.execPath, [MAIN, 'hash-password', 'admin', '$admins'], { input: 'changeit\n' });
    expect(String(line)).toMatch(/^admin:\$admins:scrypt\$/);
    expect(String(line)).not.toContain('changeit');
    const users = join(folder, 'users');
    writeFileSync(users, line);
    const tls = ['--certificate', CERTIFICATE, '--key', KEY];
    const store = new StoreProcess('--port', '0', '--data', join(folder, 'data'), ...tls, '--users', users);
    const url = (await store.ready()).replace('esdb://', 'esdb://admin:changeit@');
    const client = EventStoreDBClient.connectionString(`${url}&tlsCAFile=${encodeURIComponent(CERTIFICATE)}`);
    await client.appendToStream('s', jsonEvent({ type: 'A', data: {} }));
    expect(await collect(client.readStream('s'))).toHaveLength(1);
    await client.dispose();
    expect((await store.kill('SIGTERM')).code).toBe(0);
  });

  test('says in one sentence what is wrong with the file of the users', async () => {
    const users = join(folder, 'users');
    writeFileSync(users, 'admin:$admins:changeit\n');
    const options = ['--port', '0', '--data', join(folder, 'data'), '--certificate', CERTIFICATE, '--key', KEY];
    const { code, errors } = await new StoreProcess(...options, '--users', users).exit;
    expect({ code, lines: errors.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(errors).toContain('line 1');
    expect(errors).not.toContain('changeit');
  });
});

describe('killed in mid-write, again and again', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'event-store-sigkill-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Writes to a stream of its own, three events at a time, until the server is gone; returns what was acknowledged. */
  const writeUntilGone = async (url: string, stream: string): Promise<number> => {
    const client = EventStoreDBClient.connectionString(url);
    let acknowledged = 0;
    try {
      for (;;) {
        const events = [0, 1, 2].map((part) => jsonEvent({ type: 'T', data: { batch: acknowledged, part } }));
        const expectedRevision = acknowledged === 0 ? NO_STREAM : BigInt(acknowledged * 3 - 1);
        await client.appendToStream(stream, events, { expectedRevision });
        acknowledged++;
      }
    } catch {
      return acknowledged;
    } finally {
      await client.dispose();
    }
  };

  test(
    'it has linked each event exactly once',
    async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        const store = new StoreProcess('--port', '0', '--data', folder, '--system-projections');
        const url = await store.ready();
        const writers = Array.from({ length: 4 }, (_, writer) => writeUntilGone(url, `kill-${kill}-${writer}`));
        await new Promise((resolve) => setTimeout(resolve, 250 + Math.random() * 400));
        await store.kill('SIGKILL');
        await Promise.all(writers);
      }
      const store = new StoreProcess('--port', '0', '--data', folder, '--system-projections');
      const client = EventStoreDBClient.connectionString(await store.ready());
      await client.appendToStream('kill-last', jsonEvent({ type: 'Last', data: {} }));
      await eventually(
        async () => {
          const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1, resolveLinkTos: true } as const;
          return collect(client.readStream('$ce-kill', options)).catch(() => []);
        },
        ([last]) => last?.event?.type === 'Last',
      );
      const linked = await collect(client.readStream('$ce-kill', { resolveLinkTos: true }));
      const written = (await collect(client.readAll())).filter(({ event }) => event?.streamId.startsWith('kill-'));
      expect(linked.map(({ event }) => event?.id)).toEqual(written.map(({ event }) => event?.id));
      expect(linked.length).toBeGreaterThan(KILLS);
      await client.dispose();
      await store.kill('SIGTERM');
    },
    PATIENCE_MS,
  );

  test(
    'it has kept all that it acknowledged, and nothing by halves',
    async () => {
      const told = new Map<string, number>();
      for (let kill = 0; kill < KILLS; kill++) {
        const store = new StoreProcess('--port', '0', '--data', folder);
        const url = await store.ready();
        const writers = Array.from({ length: 8 }, async (_, writer) => {
          const stream = `kill-${kill}-${writer}`;
          told.set(stream, await writeUntilGone(url, stream));
        });
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 300));
        await store.kill('SIGKILL');
        await Promise.all(writers);
      }
      const store = new StoreProcess('--port', '0', '--data', folder);
      const client = EventStoreDBClient.connectionString(await store.ready());
      for (const [stream, acknowledged] of told) {
        const read = await collect(client.readStream(stream)).catch(() => []);
        const stored = read.map(({ event }) => event?.data as { batch: number; part: number });
        // At most the one batch that was under way may be there beyond what was acknowledged.
        expect([acknowledged * 3, acknowledged * 3 + 3]).toContain(stored.length);
        expect(stored).toEqual(stored.map((_, index) => ({ batch: Math.floor(index / 3), part: index % 3 })));
      }
      expect([...told.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
      await client.dispose();
      await store.kill('SIGTERM');
    },
    PATIENCE_MS,
  );
});
