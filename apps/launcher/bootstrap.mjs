// Set-up on a bare machine: Node.js 24, the npm packages, the build; then the launcher itself (src/main.ts).
//
// Runs on Node.js 20 and newer, before anything is installed, so it imports nothing but the runtime. In a first stage an
// older Node.js only fetches Node.js 24 and starts this file again under it; everything else happens in the second.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR = 24;
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, 'dist');
const cache = process.env.PLI_CACHE || join(homedir(), '.cache', 'pli');
const [verb = 'start', ...rest] = process.argv.slice(2);

/** A failure whose message says all that the reader needs; printed without a stack. */
class SetupFailure extends Error {}

const say = (line) => process.stderr.write(`${line}\n`);

/** Runs one step of the set-up and prints what it is and how long it took. */
function step(title, work) {
  say(`· ${title} …`);
  const started = Date.now();
  const result = work();
  say(`✓ ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return result;
}

// Where the kernel can do it, what the set-up runs dies with it, so that no npm works on behind a killed set-up.
const bound = ['setpriv', '--pdeathsig', 'KILL', '--'];
const prefix =
  process.platform === 'linux' && spawnSync(bound[0], [...bound.slice(1), 'true']).status === 0 ? bound : [];

/** Runs a program to its end; its output is kept and shown only when it fails. */
function run(program, args, options = {}) {
  const [command, ...commandArgs] = [...prefix, program, ...args];
  const ended = spawnSync(command, commandArgs, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  const output = `${ended.stdout ?? ''}${ended.stderr ?? ''}`.trim();
  if (ended.error) return { ok: false, output: ended.error.message };
  return { ok: ended.status === 0, output: output || `ended with ${ended.signal ?? `code ${ended.status}`}` };
}

const major = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);

/** npm through the Node.js given: the `npm` found on the machine, told by PATH which `node` to run on. */
function npm(node, args, cwd) {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js') && existsSync(cli)) return run(node, [cli, ...args], { cwd, env });
  return run('npm', args, { cwd, env });
}

// ── Stage one: Node.js 24 ──────────────────────────────────────────────────────────────────────────────────────────

/** The path of a Node.js 24: from the cache, else from the npm registry, whose digest npm checks. */
function fetchedNode() {
  const name = `node-${process.platform}-${process.arch}`;
  const home = join(cache, `${name}@${NODE_MAJOR}`);
  const node = join(home, 'node_modules', name, 'bin', 'node');
  const works = () => {
    const asked = run(node, ['--version']);
    return asked.ok && major(asked.output) === NODE_MAJOR;
  };
  if (works()) return node;
  return step(`Node.js ${NODE_MAJOR} from the npm registry (this machine has ${process.version})`, () => {
    mkdirSync(cache, { recursive: true });
    const temporary = mkdtempSync(join(cache, 'unfinished-'));
    try {
      const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', temporary];
      const installed = npm(process.execPath, [...args, `${name}@${NODE_MAJOR}`], temporary);
      if (!installed.ok) {
        throw new SetupFailure(
          `Pli needs Node.js ${NODE_MAJOR}. Tried: the Node.js of this machine (${process.version}, too old); the cache ` +
            `(${home}); the npm package ${name}@${NODE_MAJOR}:\n${installed.output}\n` +
            `Install Node.js ${NODE_MAJOR} or newer (https://nodejs.org) and run the command again.`,
        );
      }
      publish(temporary, home, works);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    if (!works()) {
      throw new SetupFailure(
        `${node} was installed but does not run on this machine. Install Node.js ${NODE_MAJOR} or newer ` +
          '(https://nodejs.org) and run the command again.',
      );
    }
    return node;
  });
}

/** Moves a finished folder to its place in one step; another set-up may have been faster, and its result is as good. */
function publish(temporary, place, placeIsGood) {
  if (existsSync(place) && !placeIsGood()) rmSync(place, { recursive: true, force: true });
  try {
    renameSync(temporary, place);
  } catch (error) {
    if (!placeIsGood()) throw error;
  }
}

/**
 * A parent that is killed (npm, or stage one) says nothing; this process then finds itself under another one and ends, and
 * with it all that it has started. Started by hand, it may outlive its parent (`nohup`, a shell script).
 */
function endWithParent() {
  if (!process.env.npm_lifecycle_event && !process.env.PLI_STAGE_TWO) return;
  delete process.env.PLI_STAGE_TWO;
  const line = parents();
  const watch = setInterval(() => {
    if (parents() === line) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

/** The pid of the parent and, where that is the shell in which npm runs a script, of the npm above it (see proc(5)). */
function parents() {
  const parent = process.ppid;
  try {
    const [, name, above] = /\((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${parent}/stat`, 'utf8'));
    return /^(npm|node)/.test(name) ? `${parent}` : `${parent} ${above}`;
  } catch {
    return `${parent}`;
  }
}

/** Starts this file again under the given Node.js, passes signals on and ends as it ends. */
function continueUnder(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), verb, ...rest], {
    stdio: 'inherit',
    env: { ...process.env, PLI_STAGE_TWO: '1' },
  });
  // A terminal sends Ctrl-C to the whole group and a supervisor to this process alone; the launcher counts it once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(new SetupFailure(`${node} could not be started: ${error.message}`)));
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// ── Stage two, under Node.js 24: packages and build, one set-up per clone at a time ──────────────────────────────────

/** Whether node_modules holds what package-lock.json asks for, told from the record npm leaves there when it has ended. */
function packagesAreInstalled() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
    const same = (path) => installed[path].version === wanted[path]?.version;
    const present = (path) => path === '' || path in installed || wanted[path].optional || wanted[path].devOptional;
    return Object.keys(installed).every(same) && Object.keys(wanted).every(present);
  } catch {
    return false;
  }
}

function installPackages() {
  step('npm packages (npm ci)', () => {
    const installed = npm(process.execPath, ['ci', '--include=dev', '--no-audit', '--no-fund'], root);
    if (installed.ok) return;
    throw new SetupFailure(
      `The npm packages could not be installed; npm ci said:\n${installed.output}\n` +
        'Check that the npm registry can be reached (npm ping) and run the command again.',
    );
  });
}

const sourceFolders = () =>
  ['apps', 'libs', 'projections', 'test/bench'].filter((folder) => existsSync(join(root, folder)));

// Specs, and what they share in folders named spec.
const NOT_BUILT = /(\.spec\.ts$|(^|\/)spec(\/|$))/;

/** A digest of everything the build reads. */
function sourceDigest() {
  const digest = createHash('sha256').update(process.version);
  for (const file of ['.swcrc', 'package-lock.json']) digest.update(readFileSync(join(root, file)));
  for (const folder of sourceFolders()) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const path of files.map((file) => relative(root, file)).sort()) {
      if (!NOT_BUILT.test(path)) digest.update(`\0${path}\0`).update(readFileSync(join(root, path)));
    }
  }
  return digest.digest('hex');
}

function buildIsFresh() {
  const record = join(dist, '.built-from');
  return existsSync(record) && readFileSync(record, 'utf8') === sourceDigest();
}

/** Builds beside `dist` and swaps, so that no file of an older build survives and nobody sees a half-built one. */
function build() {
  step('build', () => {
    const fresh = join(root, 'dist.new');
    const old = join(root, 'dist.old');
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
    const builtFrom = sourceDigest();
    const swc = join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
    const ignored = '**/*.spec.ts,**/spec/**,apps/launcher/bootstrap.mjs';
    const args = [swc, ...sourceFolders(), '--out-dir', 'dist.new', '--copy-files', '--ignore', ignored];
    const compiled = run(process.execPath, args, { cwd: root });
    if (!compiled.ok) throw new SetupFailure(`The build failed:\n${compiled.output}`);
    writeFileSync(join(fresh, '.built-from'), builtFrom);
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
    rmSync(old, { recursive: true, force: true });
  });
}

/** Holds the lock of this clone while `work` runs; the operating system lets go of it when this process dies. */
async function oneAtATime(work) {
  const { DatabaseSync } = await import('node:sqlite');
  const locks = join(cache, 'locks');
  mkdirSync(locks, { recursive: true });
  const lock = new DatabaseSync(join(locks, `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`));
  for (let waited = 0; ; waited++) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      break;
    } catch (error) {
      if (!/locked|busy/i.test(error.message)) throw error;
      if (waited === 0) say('· another set-up of this clone is running; waiting for it …');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    work();
  } finally {
    lock.close();
  }
}

/** Folders that killed set-ups left in the cache; a day is longer than any set-up takes. */
function sweepCache() {
  for (const name of readdirSync(cache).filter((name) => name.startsWith('unfinished-'))) {
    const path = join(cache, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 24 * 3600 * 1000) rmSync(path, { recursive: true, force: true });
  }
}

async function setUp() {
  if (packagesAreInstalled() && buildIsFresh()) return;
  await oneAtATime(() => {
    sweepCache();
    if (!packagesAreInstalled()) installPackages();
    if (!buildIsFresh()) build();
  });
}

function fail(error) {
  if (!(error instanceof SetupFailure) && error.code !== 'EACCES') throw error;
  say(`✗ ${error.message}`);
  if (error.code === 'EACCES') say(`  Set PLI_CACHE to a folder that you may write to (now: ${cache}).`);
  process.exit(1);
}

try {
  endWithParent();
  if (major(process.version) < NODE_MAJOR) {
    continueUnder(fetchedNode());
  } else {
    await setUp();
    process.env.PLI_CACHE = cache;
    process.env.PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
    const { main } = await import(pathToFileURL(join(dist, 'apps', 'launcher', 'src', 'main.js')).href);
    process.exit(await main(verb, rest));
  }
} catch (error) {
  fail(error);
}
