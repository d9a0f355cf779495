import { spawn } from 'node:child_process';
import { constants } from 'node:os';

interface HandOver {
  readonly nodeArguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Runs a Node.js program on this terminal to its end. Signals are handed on to it; it decides what they mean.
 * @returns its exit code, 128 + n after signal n as a shell has it
 */
export function handOver({ nodeArguments, environment = {} }: HandOver): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, nodeArguments, {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    });
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    const kill = () => child.kill('SIGKILL');
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, forward);
    process.on('exit', kill);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      process.off('exit', kill);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
