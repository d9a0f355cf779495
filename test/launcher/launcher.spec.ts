import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { checkFree, freeBlock, portsFrom } from '../../apps/launcher/src/ports.js';
import type { RunFile } from '../../apps/launcher/src/run-file.js';
import { standInClone, type Run, type StandInClone } from './stand-in-clone.js';

let clone: StandInClone;
let firstPort: string;
const runs: Run[] = [];

beforeAll(async () => {
  clone = await standInClone();
  expect(await clone.run(['build']).ended).toBe(0);
});
afterAll(() => clone.remove());
beforeEach(async () => {
  firstPort = String((await freeBlock()).agency);
});
afterEach(async () => {
  for (const { child, ended } of runs.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});

function run(...args: string[]): Run {
  const started = clone.run(args, { PLI_PORT: firstPort });
  runs.push(started);
  return started;
}

async function startedInstance(): Promise<{ start: Run; file: RunFile }> {
  const start = run('start');
  await start.shows('Pli is running');
  return { start, file: JSON.parse(readFileSync(join(clone.dataFolder, 'run.json'), 'utf8')) as RunFile };
}

function isAlive(pid: number): boolean {
  try {
    return !/^Z/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim());
  } catch {
    return false;
  }
}

const alive = ({ pids }: Pick<RunFile, 'pids'>): string[] =>
  Object.entries(pids)
    .filter(([, pid]) => isAlive(pid))
    .map(([name]) => name);

const NAMES = ['launcher', 'event-store', 'mongod', 'catcher', 'authority', 'worker', 'agency', 'ceremony', 'operator'];

describe('npm start', () => {
  test('starts everything, tells people and programs where it is, and Ctrl-C leaves nothing behind', async () => {
    const { start, file } = await startedInstance();
    expect(alive(file)).toEqual(NAMES);
    expect(start.stdout()).toContain(`http://127.0.0.1:${firstPort}`);
    expect(start.stdout()).toContain('a@b.fr with the password secret');
    expect(file).toMatchObject({ login: { email: 'a@b.fr', password: 'secret' }, apiKey: 'key' });
    // The stand-in names its agency after the data folder that it was given.
    expect(file.agency).toEqual({ name: clone.dataFolder });
    expect(statSync(join(clone.dataFolder, 'run.json')).mode & 0o077).toBe(0);
    expect(statSync(join(clone.dataFolder, 'secrets.json')).mode & 0o077).toBe(0);
    start.child.kill('SIGINT');
    start.child.kill('SIGINT');
    expect(await start.ended).toBe(0);
    expect(alive(file)).toEqual([]);
    expect(existsSync(join(clone.dataFolder, 'run.json'))).toBe(false);
  });

  test('stopped while it starts, it leaves nothing behind', async () => {
    const start = run('start');
    await start.shows('starting worker');
    start.child.kill('SIGINT');
    expect(await start.ended).toBe(1);
    expect(start.stderr()).toContain('✗ The start was stopped.');
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(clone.dataFolder);
    await expect(checkFree(portsFrom(Number(firstPort)))).resolves.toBeUndefined();
  });

  test('finds its data again on other ports', async () => {
    const first = await startedInstance();
    const masterKey = readFileSync(join(clone.dataFolder, 'secrets.json'), 'utf8');
    first.start.child.kill('SIGTERM');
    await first.start.ended;
    firstPort = String((await freeBlock()).agency);
    const second = await startedInstance();
    expect(second.file.ports.agency).not.toBe(first.file.ports.agency);
    expect(alive(second.file)).toEqual(NAMES);
    expect(readFileSync(join(clone.dataFolder, 'secrets.json'), 'utf8')).toBe(masterKey);
  });

  test('killed with SIGKILL, it leaves nothing running and nothing that hinders the next start', async () => {
    const { start, file } = await startedInstance();
    start.child.kill('SIGKILL');
    await start.ended;
    while (alive(file).length > 0) await delay(50);
    expect(alive((await startedInstance()).file)).toEqual(NAMES);
  });

  test('says so when one is running on the same data folder', async () => {
    await startedInstance();
    const second = run('start');
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toMatch(/^✗ Pli is already running on the data folder .*PLI_DATA.*\n$/);
  });

  test('says which port is taken, and starts nothing', async () => {
    const taken = Number(firstPort) + 1;
    const server = createServer().listen(taken, '127.0.0.1');
    const start = run('start');
    expect(await start.ended).toBe(1);
    server.close();
    expect(start.stderr()).toMatch(
      new RegExp(`^✗ Port ${String(taken)} \\(for ceremony\\) is in use; set PLI_PORT.*\n$`),
    );
  });

  test('an application that cannot start stops the start with the reason it gave', async () => {
    const broken = await standInClone();
    await broken.write('apps/agency/src/main.ts', `console.error('SMTP_URL is missing.'); process.exit(1);`);
    const start = broken.run(['start'], { PLI_PORT: firstPort });
    expect(await start.ended).toBe(1);
    expect(start.stderr()).toMatch(/✗ agency ended before it was ready \(code 1\)[^]*SMTP_URL is missing\./);
    await broken.remove();
  });

  test('hands each application the environment of the contract', async () => {
    const { file } = await startedInstance();
    const command = run('pli', 'environment');
    expect(await command.ended).toBe(0);
    const environment = JSON.parse(command.stdout()) as Record<string, string>;
    const at = (offset: number) => `127.0.0.1:${String(Number(firstPort) + offset)}`;
    expect(environment).toMatchObject({
      EVENTSTORE_URL: `esdb://${at(4)}?tls=false`,
      MONGODB_URL: `mongodb://${at(5)}/pli?replicaSet=rs0&directConnection=true`,
      SMTP_URL: `smtp://${at(3)}`,
      SMS_GATEWAY_URL: `http://${at(2)}/sms`,
      PLI_AGENCY_URL: `http://${at(0)}`,
      PLI_CEREMONY_URL: `http://${at(1)}`,
      PLI_CLOCK: 'simulated',
      PLI_HOST: '127.0.0.1',
      PLI_MAIL_FROM: expect.stringContaining('@pli.localhost'),
      PUPPETEER_EXECUTABLE_PATH: expect.stringMatching(/chrom/i),
    });
    expect(Buffer.from(environment['PLI_MASTER_KEY'] ?? '', 'base64')).toHaveLength(32);
    expect(file.addresses.eventStore).toBe(environment['EVENTSTORE_URL']);
  });
});

describe('npm run pli', () => {
  test('needs a running instance, and says how to get one', async () => {
    const command = run('pli', 'environment');
    expect(await command.ended).toBe(1);
    expect(command.stderr()).toMatch(/No instance runs on .*"npm start"/);
  });

  test("runs on the caller's own stores, and ends with the code of the command", async () => {
    const own = { EVENTSTORE_URL: 'esdb://elsewhere', MONGODB_URL: 'mongodb://elsewhere/pli' };
    const command = clone.run(['pli', 'environment'], own);
    expect(await command.ended).toBe(0);
    expect(JSON.parse(command.stdout())).toMatchObject(own);
    expect(await clone.run(['pli', 'unknown'], own).ended).toBe(7);
  });
});

interface TourReport {
  readonly runFile: string;
  readonly pids: RunFile['pids'];
  readonly agency: RunFile['agency'];
  readonly ok: boolean;
}

describe('npm run tour', () => {
  test('takes the running instance', async () => {
    await startedInstance();
    const tour = run('tour');
    expect(await tour.ended).toBe(0);
    expect(JSON.parse(tour.stdout())).toMatchObject({ runFile: join(clone.dataFolder, 'run.json'), ok: true });
  });

  test('starts an instance of its own when none is running, and removes it', async () => {
    const tour = run('tour');
    expect(await tour.ended).toBe(0);
    const report = JSON.parse(tour.stdout()) as TourReport;
    expect(report.ok).toBe(true);
    expect(report.runFile.startsWith(clone.dataFolder)).toBe(false);
    expect(report.agency).toEqual({ name: dirname(report.runFile) });
    expect(existsSync(report.runFile)).toBe(false);
    const { launcher: _, ...others } = report.pids;
    expect(alive({ pids: others })).toEqual([]);
  });
});

describe('the build', () => {
  const record = () => statSync(join(clone.folder, 'dist', '.built-from')).mtimeMs;

  test('is left alone while the sources are the same', async () => {
    const before = record();
    expect(await run('build').ended).toBe(0);
    expect(record()).toBe(before);
  });

  test('keeps nothing of a source that is gone', async () => {
    await clone.write('apps/cli/src/extra.ts', 'export {};');
    expect(await run('build').ended).toBe(0);
    expect(existsSync(join(clone.folder, 'dist/apps/cli/src/extra.js'))).toBe(true);
    execFileSync('rm', [join(clone.folder, 'apps/cli/src/extra.ts')]);
    expect(await run('build').ended).toBe(0);
    expect(existsSync(join(clone.folder, 'dist/apps/cli/src/extra.js'))).toBe(false);
  });

  test('shows what is wrong, and leaves the build before it in place', async () => {
    const before = record();
    await clone.write('apps/cli/src/wrong.ts', 'export const =;');
    const build = run('build');
    expect(await build.ended).toBe(1);
    expect(build.stderr()).toContain('wrong.ts');
    expect(record()).toBe(before);
    execFileSync('rm', [join(clone.folder, 'apps/cli/src/wrong.ts')]);
  });

  test('two at once do not hurt each other', async () => {
    await clone.write('apps/cli/src/extra.ts', 'export const one = 1;');
    const both = [run('build'), run('build')];
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(both.filter((build) => build.stderr().includes('✓ build'))).toHaveLength(1);
    expect(readdirSync(clone.folder).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
  });

  test('an unknown verb is answered with those there are', async () => {
    const unknown = run('begin');
    expect(await unknown.ended).toBe(1);
    expect(unknown.stderr()).toMatch(/There is no "begin"; there are build, start/);
  });
});
