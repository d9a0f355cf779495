import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { LauncherFailure } from '../failure.js';
import type { Progress } from '../progress.js';
import { runProgram } from '../run-program.js';
import { keptInCache } from './cache.js';
import { onPath, wayFailed, withLibraries } from './ways.js';

/** Debian's packages of the shared libraries that a mongod may miss on a minimal machine. */
const PACKAGES: Readonly<Record<string, string>> = {
  'libcurl.so.4': 'libcurl4',
  'libssl.so.3': 'libssl3',
  'libcrypto.so.3': 'libssl3',
  'liblzma.so.5': 'liblzma5',
};

/**
 * Provides a missing shared library on Debian and its kin: root installs the package; anybody else, and root where that
 * fails, unpacks it into the cache.
 * @returns the variables with which the library is found; empty once it is installed
 * @throws LauncherFailure `WAY_FAILED`
 */
export async function provideLibrary(library: string, progress: Progress): Promise<Record<string, string>> {
  const name = PACKAGES[library];
  if (name === undefined) throw wayFailed(`the shared library ${library} is missing`);
  if (!(await hasApt())) throw wayFailed(`the shared library ${library} is missing; install the package that has it`);
  if (isRoot() && (await installPackage(name, progress))) return {};
  return withLibraries(await progress.step(`${name} from Debian's archive`, () => unpack(name, library)));
}

const hasApt = async (): Promise<boolean> => (await onPath('apt-get')).length > 0;
const isRoot = (): boolean => process.getuid?.() === 0;

/** Whether {@link installPackage} can be tried. */
export const canInstallPackages = async (): Promise<boolean> => isRoot() && (await hasApt());

/** Installs a package of Debian, as root; answers whether that worked. */
export async function installPackage(name: string, progress: Progress): Promise<boolean> {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => runProgram('apt-get', ['install', '-y', '--no-install-recommends', name], { environment });
  try {
    await progress.step(`apt-get install ${name}`, async () => {
      if ((await install()).ok) return;
      // Images come without package lists; only then is the slower update needed.
      await runProgram('apt-get', ['update'], { environment });
      const { ok, output } = await install();
      if (!ok) throw wayFailed(`${name} could not be installed: ${lastLine(output)}`);
    });
    return true;
  } catch (error) {
    if (!(error instanceof LauncherFailure)) throw error;
    progress.say(`! ${error.message}`);
    return false;
  }
}

/** Works without root: apt keeps its lists and downloads in a folder of ours, `dpkg-deb` only unpacks. */
async function unpack(name: string, library: string): Promise<string> {
  const folder = await keptInCache(`debian-${name}`, async (temporary) => {
    const state = join(temporary, 'apt');
    await mkdir(join(state, 'lists', 'partial'), { recursive: true });
    await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true });
    const own = ['-o', `Dir::State::Lists=${join(state, 'lists')}`, '-o', `Dir::Cache=${join(state, 'cache')}`];
    const download = () => runProgram('apt-get', [...own, 'download', name], { cwd: temporary });
    await runProgram('apt-get', [...own, 'update']);
    const { ok, output } = await download();
    const archive = (await readdir(temporary)).find((file) => file.endsWith('.deb'));
    if (!ok || archive === undefined) {
      throw wayFailed(`it needs the package ${name}, and apt-get download said: ${lastLine(output)}`);
    }
    const unpacked = await runProgram('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: temporary });
    if (!unpacked.ok) throw wayFailed(`${archive} could not be unpacked: ${lastLine(unpacked.output)}`);
    const files = await readdir(join(temporary, 'unpacked'), { recursive: true });
    const found = files.find((file) => file.endsWith(`/${library}`));
    if (found === undefined) throw wayFailed(`${archive} does not hold ${library}`);
    await cp(dirname(join(temporary, 'unpacked', found)), join(temporary, 'lib'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    await Promise.all(
      [state, join(temporary, 'unpacked'), join(temporary, archive)].map((path) => rm(path, { recursive: true })),
    );
  });
  return join(folder, 'lib');
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
