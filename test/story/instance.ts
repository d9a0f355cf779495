import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startInstance, type Instance } from '../../apps/launcher/src/index.js';
import { AgencyApi } from '../../apps/tour/src/agency-api.js';
import { Inbox } from '../../apps/tour/src/inbox.js';

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A whole instance of its own: real processes, real stores, on free ports and in a folder that goes with it. */
export interface WholeInstance {
  readonly instance: Instance;
  readonly login: { readonly email: string; readonly password: string };
  readonly apiKey: string;
  readonly api: AgencyApi;
  readonly inbox: Inbox;
  /** Runs `pli` on the instance. */
  pli(...args: string[]): Promise<Ended>;
  close(): Promise<void>;
}

export async function wholeInstance(): Promise<WholeInstance> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pli-story-'));
  const instance = await startInstance({ dataFolder, quiet: true });
  const pli = (...args: string[]): Promise<Ended> => runCli(instance, args);
  const { login, apiKey } = JSON.parse((await pli('demo')).stdout) as Pick<WholeInstance, 'login' | 'apiKey'>;
  return {
    instance,
    login,
    apiKey,
    api: new AgencyApi(instance.addresses.agency, apiKey),
    inbox: new Inbox(instance.addresses.inbox),
    pli,
    close: async () => {
      await instance.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function runCli({ environment, dataFolder }: Instance, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PLI_DATA: dataFolder, ...environment },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
