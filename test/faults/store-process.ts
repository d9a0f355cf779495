import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The event store as it is shipped, so it needs `npm run build` first. */
const MAIN = join(process.cwd(), 'dist', 'apps', 'event-store', 'src', 'main.js');

/** How the process ended and what it has printed. */
export interface Exit {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** One run of the event store in a process of its own. */
export class StoreProcess {
  readonly exit: Promise<Exit>;
  private output = '';
  private errors = '';
  private readonly child: ChildProcess;

  private constructor(command: string, args: readonly string[]) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} does not exist; run "npm run build" first.`);
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk) => (this.output += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.errors += String(chunk)));
    this.exit = new Promise((resolve) =>
      this.child.once('close', (code) => resolve({ code, output: this.output, errors: this.errors })),
    );
  }

  static on(dataFolder: string): StoreProcess {
    return new StoreProcess(process.execPath, [MAIN, '--port', '0', '--data', dataFolder]);
  }

  /** On a disk that is full once a file is `bytes` large: the system then refuses to let it grow (setrlimit(2), RLIMIT_FSIZE). */
  static withLargestFile(dataFolder: string, bytes: number): StoreProcess {
    const script = `ulimit -S -f ${Math.floor(bytes / 512)}; trap '' XFSZ; exec "$0" "$@"`;
    return new StoreProcess('/bin/sh', ['-c', script, process.execPath, MAIN, '--port', '0', '--data', dataFolder]);
  }

  /** @returns the connection string, from the one line that the process prints when it is ready */
  async ready(): Promise<string> {
    const line = new Promise<void>((resolve) => this.child.stdout?.once('data', () => resolve()));
    const early = await Promise.race([line, this.exit]);
    if (early !== undefined) throw new Error(`The event store ended: ${early.errors}`);
    return /esdb:\S+?tls=false/.exec(this.output)?.[0] ?? '';
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exit;
  }

  /** Resident memory in bytes (proc(5), `VmRSS`). */
  residentBytes(): number {
    const [, kilobytes] =
      /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(this.child.pid)}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  }
}
