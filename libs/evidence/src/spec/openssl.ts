import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a program beside files of these names and contents. @returns what it printed, and its exit code */
export async function runBeside(
  files: Readonly<Record<string, Uint8Array | string>>,
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'pli-evidence-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return await new Promise((resolve, reject: (reason: Error) => void) => {
      execFile(program, args, { cwd: folder, encoding: 'utf8' }, (error, stdout, stderr) => {
        // A string is why it could not be started.
        if (typeof error?.code === 'string') reject(new Error(`${program} cannot be run: ${error.code}`));
        else resolve({ code: error?.code ?? 0, output: `${stdout}${stderr}` });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
