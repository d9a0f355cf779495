import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { LauncherFailure } from './failure.js';
import { built } from './paths.js';
import type { Part } from './runtime/ways.js';

/** What to start. Made by {@link nodeApplication} or {@link foreignProgram}. */
export interface ProcessDefinition {
  readonly name: string;
  /** Arguments of this Node.js. */
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the process serves; asked every 50 ms until it does. A rejection counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take until it serves; 60 s unless given. */
  readonly readyWithinMs?: number;
  /** How long it may take to end after SIGTERM before it is killed; 10 s unless given. */
  readonly graceMs?: number;
}

/** `down`: not wanted or given up. `waiting`: ended by itself, about to be restarted. */
export type ProcessState = 'down' | 'starting' | 'running' | 'waiting';

export interface SupervisionOptions {
  /** Folder of the log files, one for each process, appended to. */
  readonly logFolder: string;
  /** Sentences about processes that ended unexpectedly and what is done about it. */
  readonly report: (line: string) => void;
  /** Called when a process ended too often and is not restarted any more. */
  readonly gaveUp?: (failure: LauncherFailure) => void;
  /** Called whenever a process has a new pid. */
  readonly pidChanged?: () => void;
}

const READY_WITHIN_MS = 60_000;
const GRACE_MS = 10_000;
const RESTARTS_IN_A_ROW = 5;
const STEADY_AFTER_MS = 60_000;
const LOG_BYTES = 10 * 1024 * 1024;
const PROBE_EVERY_MS = 50;

/** The pause before the n-th restart in a row (n from 1): 0.2 s, 0.4 s, … at most 5 s. */
const backoffMs = (restart: number): number => Math.min(5_000, 100 * 2 ** restart);

/** A Node.js program that ends by itself when this process is gone (see lifeline.ts). */
export function nodeApplication(
  definition: Omit<ProcessDefinition, 'nodeArguments'> & { script: string; args?: readonly string[] },
): ProcessDefinition {
  const { script, args = [], ...rest } = definition;
  const lifeline = built('apps/launcher/src/lifeline.js');
  return { ...rest, nodeArguments: ['--enable-source-maps', '--import', lifeline, script, ...args] };
}

/** Any other program, under a guardian that ends it when this process is gone (see guardian.ts). */
export function foreignProgram(
  definition: Omit<ProcessDefinition, 'nodeArguments' | 'environment'> & { part: Part; args: readonly string[] },
): ProcessDefinition {
  const { part, args, ...rest } = definition;
  const lifeline = built('apps/launcher/src/lifeline.js');
  const guardian = built('apps/launcher/src/guardian.js');
  const nodeArguments = ['--import', lifeline, guardian, part.executable, ...args];
  return { ...rest, environment: part.environment, nodeArguments };
}

/** A readiness probe: `GET url` answers 2xx. */
export const answers = (url: string) => async (): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
};

/** One process under supervision: restarted with growing pauses when it ends by itself, at most five times in a row. */
export class SupervisedProcess {
  state: ProcessState = 'down';
  private child: ChildProcess | undefined;
  private realPid: number | undefined;
  private ended: Promise<void> = Promise.resolve();
  private restartsInARow = 0;
  private steadySince = 0;
  private wake: AbortController | undefined;

  constructor(
    private readonly definition: ProcessDefinition,
    private readonly options: SupervisionOptions,
  ) {}

  get name(): string {
    return this.definition.name;
  }

  /** The pid of the program itself (for mongod that of mongod, not of its guardian); undefined while it is not there. */
  get pid(): number | undefined {
    return this.child === undefined ? undefined : (this.realPid ?? this.child.pid);
  }

  get logFile(): string {
    return join(this.options.logFolder, `${this.name}.log`);
  }

  /**
   * Starts the process and waits until it serves; does nothing but wait when it runs already.
   * @throws LauncherFailure `ENDED_EARLY` or `NOT_READY`; then the process is down
   */
  async start(): Promise<void> {
    if (this.state === 'starting' || this.state === 'running') return this.ready();
    this.wake?.abort();
    this.restartsInARow = 0;
    try {
      await this.launch();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends the process (SIGTERM, then SIGKILL for its whole group when it is too slow) and leaves it down. */
  async stop(): Promise<void> {
    this.state = 'down';
    this.wake?.abort();
    const { child, ended } = this;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const tooSlow = new AbortController();
    const kill = delay(this.definition.graceMs ?? GRACE_MS, undefined, { signal: tooSlow.signal }).then(
      () => {
        killGroup(child);
      },
      () => undefined,
    );
    await ended;
    tooSlow.abort();
    await kill;
  }

  /** Ends it, if it is there, and starts it again at once; resolves when it serves. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Sends a signal to the program itself and, for SIGKILL, waits for its death; supervision then restarts it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { pid, ended } = this;
    if (pid === undefined) return;
    process.kill(pid, signal);
    if (signal === 'SIGKILL') await ended;
  }

  /**
   * Resolves as soon as the process serves, also after restarts.
   * @throws LauncherFailure `NOT_READY` when it is down or does not serve in time
   */
  async ready(): Promise<void> {
    const within = this.definition.readyWithinMs ?? READY_WITHIN_MS;
    const deadline = performance.now() + within;
    while (this.state !== 'running') {
      if (this.state === 'down' || performance.now() > deadline) throw this.notReady(within);
      await delay(PROBE_EVERY_MS);
    }
  }

  private async launch(): Promise<void> {
    this.state = 'starting';
    const child = this.spawn();
    const within = this.definition.readyWithinMs ?? READY_WITHIN_MS;
    const deadline = performance.now() + within;
    while (!(await this.definition.isReady().catch(() => false))) {
      if (this.child !== child) throw this.endedEarly(child);
      if (performance.now() > deadline) throw this.notReady(within);
      await delay(PROBE_EVERY_MS);
    }
    if (this.child !== child) throw this.endedEarly(child);
    this.state = 'running';
    this.steadySince = performance.now();
  }

  private spawn(): ChildProcess {
    mkdirSync(this.options.logFolder, { recursive: true });
    keepLogSmall(this.logFile);
    const log = openSync(this.logFile, 'a', 0o600);
    // A group of its own: Ctrl-C at the terminal reaches the launcher alone, which then stops everything in order.
    const child = spawn(process.execPath, this.definition.nodeArguments, {
      stdio: ['pipe', log, log, 'ipc'],
      detached: true,
      env: { ...process.env, ...this.definition.environment },
    });
    closeSync(log);
    this.child = child;
    this.realPid = undefined;
    child.on('message', (message: { pid?: number }) => {
      this.realPid = message.pid;
      this.options.pidChanged?.();
    });
    child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      const end = () => {
        killGroup(child);
        this.child = undefined;
        resolve();
        if (this.state === 'running') this.endedUnexpectedly(child);
      };
      child.once('exit', end);
      child.once('error', end);
    });
    this.options.pidChanged?.();
    return child;
  }

  private endedUnexpectedly(child: ChildProcess): void {
    if (performance.now() - this.steadySince > STEADY_AFTER_MS) this.restartsInARow = 0;
    void this.restartAfterPause(`${this.name} ended unexpectedly (${howItEnded(child)})`);
  }

  private async restartAfterPause(reason: string): Promise<void> {
    this.restartsInARow++;
    if (this.restartsInARow > RESTARTS_IN_A_ROW) {
      this.giveUp(reason);
      return;
    }
    this.state = 'waiting';
    const pause = backoffMs(this.restartsInARow);
    this.options.report(`${reason}; restarting it in ${String(pause)} ms. Its log: ${this.logFile}`);
    const wake = new AbortController();
    this.wake = wake;
    const rested = await delay(pause, true, { signal: wake.signal }).catch(() => false);
    if (!rested) return;
    try {
      await this.launch();
      this.options.report(`${this.name} is back (restart ${String(this.restartsInARow)}).`);
    } catch (error) {
      if (wake.signal.aborted) return;
      await this.endCurrent();
      await this.restartAfterPause(error instanceof Error ? error.message : String(error));
    }
  }

  private giveUp(reason: string): void {
    this.state = 'down';
    const failure = new LauncherFailure(
      'ENDED_EARLY',
      `${reason}; given up after ${String(RESTARTS_IN_A_ROW)} restarts. See ${this.logFile}`,
    );
    this.options.report(failure.message);
    this.options.gaveUp?.(failure);
  }

  private async endCurrent(): Promise<void> {
    if (this.child !== undefined) killGroup(this.child);
    await this.ended;
  }

  private endedEarly(child: ChildProcess): LauncherFailure {
    const log = lastLines(this.logFile);
    return new LauncherFailure(
      'ENDED_EARLY',
      `${this.name} ended before it was ready (${howItEnded(child)}). The end of its log (${this.logFile}):\n${log}`,
    );
  }

  private notReady(withinMs: number): LauncherFailure {
    const seconds = String(Math.round(withinMs / 1000));
    return new LauncherFailure('NOT_READY', `${this.name} was not ready within ${seconds} s. See ${this.logFile}`);
  }
}

/** Kills what is left of a process and its descendants that stayed in its group. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}

const howItEnded = (child: ChildProcess): string =>
  child.signalCode === null ? `code ${String(child.exitCode ?? 'unknown')}` : `signal ${child.signalCode}`;

const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');

function keepLogSmall(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES) renameSync(file, `${file}.1`);
}
