import { spawn, type ChildProcess } from 'node:child_process';

/** How a program ended: `output` is stdout and stderr as they came, or why it could not be started. */
export interface ProgramResult {
  readonly ok: boolean;
  readonly output: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a program to its end and keeps its output; it does not outlive this process. Never rejects. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, environment, timeoutMs }: RunOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      ...(cwd === undefined ? {} : { cwd }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' as const }),
    });
    running.add(child);
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const end = (result: ProgramResult) => {
      running.delete(child);
      resolve(result);
    };
    child.on('error', (error) => {
      end({ ok: false, output: error.message });
    });
    child.on('close', (code, signal) => {
      end({ ok: code === 0, output: output.trim() || `ended with ${signal ?? `code ${code ?? 1}`}` });
    });
  });
}
