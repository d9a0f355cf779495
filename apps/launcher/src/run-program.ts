import { spawn, type ChildProcess } from 'node:child_process';

/** How a program ended: `output` is stdout and stderr as they came, or why it could not be started; `stdout` is it alone. */
export interface ProgramResult {
  readonly ok: boolean;
  readonly output: string;
  readonly stdout: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Aborting it kills the program. */
  readonly signal?: AbortSignal;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a program to its end and keeps its output; it does not outlive this process. Never rejects. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, environment, timeoutMs, signal }: RunOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    });
    running.add(child);
    // Not the option of spawn: its timer outlives a program that cannot be started.
    const tooLate = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let output = '';
    let stdout = '';
    const collect = (chunk: string) => (output += chunk);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stdout.on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const end = (result: ProgramResult) => {
      running.delete(child);
      clearTimeout(tooLate);
      resolve(result);
    };
    child.on('error', (error) => {
      end({ ok: false, output: error.message, stdout });
    });
    child.on('close', (code, signal) => {
      const how = `ended with ${signal ?? `code ${String(code)}`}`;
      end({ ok: code === 0, output: output.trim() || how, stdout });
    });
  });
}
