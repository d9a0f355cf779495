import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));

/** Serves its health and nothing else, as long as the launcher lets it. */
const APPLICATION = `
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const flag = process.argv.indexOf('--port');
const port: number = Number(flag < 0 ? process.env['PLI_PORT'] : process.argv[flag + 1]);
createServer((_, answer) => answer.end()).listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;

/** Answers as the command line does where the launcher depends on it. */
const COMMAND_LINE = `
const [verb] = process.argv.slice(2);
if (verb === 'demo') {
  console.log(JSON.stringify({ agency: { name: process.env['PLI_DATA'] }, login: { email: 'a@b.fr', password: 'secret' }, apiKey: 'key' }));
} else if (verb === 'environment') console.log(JSON.stringify(process.env));
else process.exitCode = 7;
`;

const TOUR = `
import { readFileSync } from 'node:fs';
const run = JSON.parse(readFileSync(process.env['PLI_RUN_FILE'] ?? '', 'utf8'));
const { ok } = await fetch(run.addresses.agency);
console.log(JSON.stringify({ runFile: process.env['PLI_RUN_FILE'], pids: run.pids, agency: run.agency, ok }));
`;

/** A clone whose launcher is the real one, while the applications are small programs; with its own data folder. */
export interface StandInClone {
  readonly folder: string;
  readonly dataFolder: string;
  /** Starts `bootstrap.mjs <args>`; PLI_DATA and the variables given are set. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Run;
  write(path: string, content: string): Promise<void>;
  remove(): Promise<void>;
}

export interface Run {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Resolves when the output holds the text; rejects when the program ends before. */
  shows(text: string): Promise<void>;
}

export async function standInClone(): Promise<StandInClone> {
  const folder = await mkdtemp(join(tmpdir(), 'pli-clone-'));
  const dataFolder = join(folder, '.data');
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  for (const file of ['package.json', 'package-lock.json', '.swcrc']) await cp(join(root, file), join(folder, file));
  await cp(join(root, 'apps', 'launcher'), join(folder, 'apps', 'launcher'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const name of ['event-store', 'catcher', 'authority', 'worker', 'agency', 'ceremony', 'operator']) {
    await write(`apps/${name}/src/main.ts`, APPLICATION);
  }
  await write('apps/cli/src/main.ts', COMMAND_LINE);
  await write('apps/tour/src/main.ts', TOUR);
  // The clone is started by hand, on stores of its own.
  const { MONGODB_URL: _, EVENTSTORE_URL: __, npm_lifecycle_event: ___, ...inherited } = process.env;
  return {
    folder,
    dataFolder,
    write,
    run: (args, environment = {}) =>
      runOf(
        spawn(process.execPath, [join(folder, 'apps', 'launcher', 'bootstrap.mjs'), ...args], {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...inherited, PLI_DATA: dataFolder, ...environment },
        }),
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function runOf(child: ChildProcess): Run {
  let stdout = '';
  let stderr = '';
  const changed = new EventTarget();
  const output = () => changed.dispatchEvent(new Event('output'));
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdout?.on('data', output);
  child.stderr?.on('data', output);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('close', (code, signal) => {
      resolve(signal ?? code ?? 1);
    });
  });
  const shows = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (stdout.includes(text) || stderr.includes(text)) resolve();
      };
      look();
      changed.addEventListener('output', look);
      void ended.then(() => {
        reject(new Error(`ended without "${text}":\n${stdout}\n${stderr}`));
      });
    });
  return { child, stdout: () => stdout, stderr: () => stderr, ended, shows };
}
