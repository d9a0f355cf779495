import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { handOver } from './hand-over.js';
import { mongodDefinition } from './instance.js';
import { repositoryRoot } from './paths.js';
import { freeBlock } from './ports.js';
import { SupervisedProcess } from './processes.js';
import { progressOnTerminal as progress, secondsSince } from './progress.js';
import { runProgram } from './run-program.js';
import { resolveChromium } from './runtime/chromium.js';
import { resolveMongod } from './runtime/mongod.js';
import { listenForStop } from './stop-request.js';

interface Check {
  readonly name: string;
  /** Below node_modules. */
  readonly program: string;
  readonly args: readonly string[];
}

/** The longest first, so that two at a time end together. */
const CHECKS: readonly Check[] = [
  { name: 'eslint', program: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  { name: 'types (tsc)', program: 'typescript/bin/tsc', args: [] },
  { name: 'format (prettier)', program: 'prettier/bin/prettier.cjs', args: ['--check', '.'] },
  {
    name: 'borders (dependency-cruiser)',
    program: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['apps', 'libs', 'projections', 'test'],
  },
  {
    // Knip ignores the condition "source"; told of the output folder, it finds the source of what it resolves to there.
    name: 'unused code (knip)',
    program: 'knip/bin/knip.js',
    args: ['--no-progress'],
  },
];
const AT_A_TIME = 2;

/**
 * `npm test`: the checks, then Jest with a mongod of its own. With arguments only Jest, which gets them.
 * @returns 0 when everything passed
 */
export async function test(args: readonly string[]): Promise<number> {
  const stop = listenForStop();
  const failedChecks = args.length === 0 ? await runChecks(stop.signal) : [];
  if (stop.signal.aborted) return 1;
  const counts = await runJest(args, stop.signal);
  if (failedChecks.length > 0) progress.say(`✗ failed checks: ${failedChecks.join(', ')}`);
  process.stdout.write(`${String(counts.passed)} passed, ${String(counts.failed)} failed\n`);
  return failedChecks.length > 0 || counts.exitCode !== 0 || counts.failed > 0 ? 1 : 0;
}

async function runChecks(signal: AbortSignal): Promise<string[]> {
  const failed: string[] = [];
  const waiting = [...CHECKS];
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (!signal.aborted && !(await passes(check, signal))) failed.push(check.name);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return failed;
}

async function passes({ name, program, args }: Check, signal: AbortSignal): Promise<boolean> {
  const started = performance.now();
  const path = join(repositoryRoot, 'node_modules', program);
  const { ok, output } = await runProgram(process.execPath, [path, ...args], { cwd: repositoryRoot, signal });
  progress.say(`${ok ? '✓' : '✗'} ${name} (${secondsSince(started)})`);
  if (!ok) progress.say(output);
  return ok;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly exitCode: number;
}

async function runJest(args: readonly string[], signal: AbortSignal): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'pli-test-'));
  try {
    const chromium = await resolveChromium(progress);
    const mongo = await mongoForTests(folder);
    try {
      if (signal.aborted) return { passed: 0, failed: 1, exitCode: 1 };
      const started = performance.now();
      const results = join(folder, 'results.json');
      const jest = join(repositoryRoot, 'node_modules', 'jest', 'bin', 'jest.js');
      const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
      const exitCode = await handOver({
        nodeArguments: [...flags, jest, '--rootDir', repositoryRoot, '--json', '--outputFile', results, ...args],
        environment: {
          ...chromium.environment,
          PUPPETEER_EXECUTABLE_PATH: chromium.executable,
          MONGODB_URL: mongo.url,
        },
      });
      progress.say(`${exitCode === 0 ? '✓' : '✗'} tests (${secondsSince(started)})`);
      return { ...(await countsOf(results)), exitCode };
    } finally {
      await mongo.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The user's own MongoDB, else one that lives as long as the tests. */
async function mongoForTests(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const own = process.env['MONGODB_URL'];
  if (own) return { url: own, stop: () => Promise.resolve() };
  const part = await resolveMongod(progress);
  const { mongod: port } = await freeBlock();
  const mongod = new SupervisedProcess(mongodDefinition(folder, port, part), {
    logFolder: folder,
    report: progress.say,
  });
  await progress.step('starting mongod for the tests', () => mongod.start());
  const url = `mongodb://127.0.0.1:${String(port)}/pli_test?replicaSet=rs0&directConnection=true`;
  return { url, stop: () => mongod.stop() };
}

interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** A suite that could not run counts as one failed test, and so does a Jest that left no results. */
async function countsOf(file: string): Promise<Pick<Counts, 'passed' | 'failed'>> {
  try {
    const results = JSON.parse(await readFile(file, 'utf8')) as JestResults;
    return { passed: results.numPassedTests, failed: results.numFailedTests + results.numRuntimeErrorTestSuites };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
