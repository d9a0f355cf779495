import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { built } from './paths.js';
import { freeBlock } from './ports.js';
import { answers, foreignProgram, nodeApplication, SupervisedProcess, type SupervisionOptions } from './processes.js';

let folder: string;
let port: number;
const started: SupervisedProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-processes-'));
  port = (await freeBlock()).agency;
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.stop()));
  await rm(folder, { recursive: true, force: true });
});

const SERVES = `require('node:http').createServer((_, answer) => answer.end()).listen(process.env.PORT, '127.0.0.1');`;

async function supervised(
  script: string,
  options: Partial<SupervisionOptions> = {},
  graceMs = 5_000,
): Promise<SupervisedProcess> {
  const file = join(folder, 'script.cjs');
  await writeFile(file, script);
  const process = new SupervisedProcess(
    nodeApplication({
      name: 'script',
      script: file,
      environment: { PORT: String(port), FOLDER: folder },
      isReady: answers(`http://127.0.0.1:${String(port)}/`),
      graceMs,
    }),
    { logFolder: folder, report: () => undefined, ...options },
  );
  started.push(process);
  return process;
}

function isAlive(pid: number): boolean {
  try {
    // A zombie waits for its parent to read its code; it runs no more.
    return !/^Z/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim());
  } catch {
    return false;
  }
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(20);
}

const pidIn = async (name: string): Promise<number> =>
  Number(await readFile(join(folder, name), 'utf8').catch(() => '0'));

/** The pid that a process of the script writes into a file. */
async function pidFrom(name: string): Promise<number> {
  await eventually(async () => (await pidIn(name)) > 0);
  return pidIn(name);
}

test('starts a process, waits until it serves, and stops it', async () => {
  const process = await supervised(SERVES);
  await process.start();
  const pid = process.pid ?? 0;
  expect(process.state).toBe('running');
  expect(isAlive(pid)).toBe(true);
  await process.stop();
  expect(process).toMatchObject({ state: 'down', pid: undefined });
  expect(isAlive(pid)).toBe(false);
});

test('a process that ends before it serves is a failure that shows the end of its log', async () => {
  const process = await supervised(`console.error('EVENTSTORE_URL is missing'); process.exit(3);`);
  const failure = process.start();
  await expect(failure).rejects.toMatchObject({ code: 'ENDED_EARLY' });
  await expect(failure).rejects.toThrow(/code 3[^]*EVENTSTORE_URL is missing/);
  expect(process.state).toBe('down');
});

test('a process that ignores SIGTERM is killed, and its children with it', async () => {
  const process = await supervised(
    `process.on('SIGTERM', () => undefined);
     const child = require('node:child_process').spawn('sleep', ['1000']);
     require('node:fs').writeFileSync(process.env.FOLDER + '/child', String(child.pid));
     ${SERVES}`,
    {},
    300,
  );
  await process.start();
  const [pid, child] = [process.pid ?? 0, await pidFrom('child')];
  await process.stop();
  expect([pid, child].filter(isAlive)).toEqual([]);
});

test('a process that is killed is restarted and reported', async () => {
  const reports: string[] = [];
  const process = await supervised(SERVES, { report: (line) => reports.push(line) });
  await process.start();
  const before = process.pid;
  await process.kill();
  expect(process.state).toBe('waiting');
  await process.ready();
  expect(process.pid).not.toBe(before);
  expect(reports).toEqual([
    expect.stringMatching(/^script ended unexpectedly \(signal SIGKILL\); restarting/),
    expect.stringMatching(/^script is back/),
  ]);
});

test('a process that keeps ending is given up after five restarts in a row', async () => {
  const reports: string[] = [];
  const gaveUp = Promise.withResolvers<Error>();
  const process = await supervised(
    `const fs = require('node:fs');
     if (fs.existsSync(process.env.FOLDER + '/ran')) process.exit(4);
     fs.writeFileSync(process.env.FOLDER + '/ran', '');
     ${SERVES}`,
    { report: (line) => reports.push(line), gaveUp: gaveUp.resolve },
  );
  await process.start();
  await process.kill();
  await expect(gaveUp.promise).resolves.toMatchObject({ code: 'ENDED_EARLY' });
  expect(process.state).toBe('down');
  expect(reports.filter((line) => line.includes('restarting'))).toHaveLength(5);
  await expect(process.ready()).rejects.toMatchObject({ code: 'NOT_READY' });
});

test('what is stopped while it waits for its restart stays down until it is started', async () => {
  const process = await supervised(SERVES);
  await process.start();
  await process.kill();
  await process.stop();
  await delay(500);
  expect(process).toMatchObject({ state: 'down', pid: undefined });
  await process.start();
  expect(process.state).toBe('running');
});

test('the pid of a foreign program is its own, and killing it is noticed', async () => {
  const process = new SupervisedProcess(
    foreignProgram({
      name: 'sleep',
      part: { executable: 'sleep', environment: {} },
      args: ['1000'],
      isReady: () => Promise.resolve(true),
    }),
    { logFolder: folder, report: () => undefined },
  );
  started.push(process);
  await process.start();
  const command = () => execFileSync('ps', ['-o', 'args=', '-p', String(process.pid)], { encoding: 'utf8' }).trim();
  await eventually(() => command() === 'sleep 1000');
  const before = process.pid;
  await process.kill();
  await process.ready();
  await eventually(() => command() === 'sleep 1000');
  expect(process.pid).not.toBe(before);
});

/** A launcher of its own with one application and one foreign program; prints their pids. */
async function otherLauncher() {
  const application = join(folder, 'application.cjs');
  await writeFile(application, SERVES);
  const module = JSON.stringify(built('apps/launcher/src/processes.js'));
  const script = `
    const { SupervisedProcess, nodeApplication, foreignProgram, answers } = await import(${module});
    const options = { logFolder: ${JSON.stringify(folder)}, report: () => undefined };
    const application = new SupervisedProcess(nodeApplication({ name: 'application', script: ${JSON.stringify(application)},
      environment: { PORT: '${String(port)}' }, isReady: answers('http://127.0.0.1:${String(port)}/') }), options);
    const sleep = new SupervisedProcess(foreignProgram({ name: 'sleep', part: { executable: 'sleep', environment: {} },
      args: ['1000'], isReady: async () => sleep.pid !== sleep.child.pid }), options);
    await application.start();
    await sleep.start();
    console.log(JSON.stringify({ application: application.pid, sleep: sleep.pid, guardian: sleep.child.pid }));`;
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(launcher.stdout, 'data')) as [Buffer];
  return { launcher, pids: JSON.parse(line.toString()) as Record<'application' | 'sleep' | 'guardian', number> };
}

test('nothing is left when the launcher itself is killed', async () => {
  const { launcher, pids } = await otherLauncher();
  expect(Object.values(pids).filter(isAlive)).toHaveLength(3);
  launcher.kill('SIGKILL');
  await eventually(() => !Object.values(pids).some(isAlive));
});

test('nothing is left when the launcher and the guardian are killed together', async () => {
  const { launcher, pids } = await otherLauncher();
  launcher.kill('SIGKILL');
  process.kill(pids.guardian, 'SIGKILL');
  await eventually(() => !Object.values(pids).some(isAlive));
});
