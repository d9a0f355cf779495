import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The event store as it is shipped; beside this file once both are built. */
const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'event-store', 'src', 'main.js');

/** An embedded event store in a process of its own on a temporary folder, so that client and server do not share one thread. */
export class OwnServer {
  private child: ChildProcess | undefined;
  private dataFolder = '';
  connectionString = '';

  /** @returns milliseconds from the start of the process until it says that it is ready */
  async start(): Promise<number> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} does not exist: run "npm run build" first.`);
    this.dataFolder ||= await mkdtemp(join(tmpdir(), 'pli-bench-store-'));
    const began = performance.now();
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', this.dataFolder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    this.connectionString = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (line) => resolve(/esdb:\S+?tls=false/.exec(String(line))?.[0] ?? ''));
      child.once('exit', (code) => reject(new Error(`The event store ended with code ${String(code)}.`)));
    });
    return performance.now() - began;
  }

  /** Ends the process cleanly; the data stay for the next `start`. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await exited;
  }

  async remove(): Promise<void> {
    await this.stop();
    if (this.dataFolder !== '') await rm(this.dataFolder, { recursive: true, force: true });
  }

  /** Processor time that the process took so far, in microseconds (proc(5), `utime` and `stime`); undefined where there is no /proc. */
  processorTime(): number | undefined {
    try {
      const fields = readFileSync(`/proc/${String(this.child?.pid)}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
    } catch {
      return undefined;
    }
  }

  /** Resident memory in bytes as Linux tells it (proc(5), `VmRSS`); undefined on other systems. */
  residentBytes(): number | undefined {
    try {
      const [, kilobytes] =
        /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(this.child?.pid)}/status`, 'utf8')) ?? [];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
    } catch {
      return undefined;
    }
  }
}

/** A clock tick of proc(5) on Linux: 100 in a second on every processor that Node.js runs on. */
const TICK_MICROSECONDS = 10_000;

/** Looks at the server's resident memory again and again while something runs. */
export class MemoryWatch {
  private readonly samples: number[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(server: OwnServer | undefined) {
    this.timer = setInterval(() => this.look(server), 100);
    this.look(server);
  }

  /** Ends the watch. @returns the least, the median and the most that was seen */
  stop(): string {
    clearInterval(this.timer);
    const sorted = this.samples.toSorted((left, right) => left - right);
    if (sorted.length === 0) return '–';
    const at = (share: number): number => mebibytes(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
    return `${at(0)}/${at(0.5)}/${at(1)} MiB`;
  }

  private look(server: OwnServer | undefined): void {
    const bytes = server?.residentBytes();
    if (bytes !== undefined) this.samples.push(bytes);
  }
}

export const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
