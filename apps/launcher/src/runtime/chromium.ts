import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

import { LauncherFailure } from '../failure.js';
import { cacheFolder, repositoryRoot } from '../paths.js';
import type { Progress } from '../progress.js';
import { runProgram } from '../run-program.js';
import { keptInCache } from './cache.js';
import { askVersion, checkReachable, firstWay, onPath, wayFailed, withLibraries, type Part, type Way } from './ways.js';

/**
 * A Chromium that runs on this machine: PUPPETEER_EXECUTABLE_PATH, else the one that the lock file pins, so that documents
 * come out the same everywhere, else the machine's own, else Puppeteer's download.
 * @throws LauncherFailure `PART_MISSING`; `USAGE` when PUPPETEER_EXECUTABLE_PATH does not run
 */
export async function resolveChromium(progress: Progress): Promise<Part> {
  const own = process.env['PUPPETEER_EXECUTABLE_PATH'];
  if (own) return chosenByUser(own);
  const ways: Way[] = [
    { title: 'the npm package @sparticuz/chromium', find: () => pinnedChromium(progress) },
    { title: 'chromium on PATH', find: chromiumOnPath },
    { title: "Puppeteer's own download", find: () => downloadedChromium(progress) },
  ];
  return firstWay(
    'Chromium',
    ways,
    'Install Chromium (Debian: apt-get install chromium), or set PUPPETEER_EXECUTABLE_PATH to the one to use.',
  );
}

async function chosenByUser(executable: string): Promise<Part> {
  const part = { executable, environment: {} };
  const answer = await askVersion(part);
  if (answer.ok) return part;
  throw new LauncherFailure(
    'USAGE',
    `PUPPETEER_EXECUTABLE_PATH is ${executable}, which does not run: ${answer.output}. Correct it or unset it.`,
  );
}

/**
 * The fonts of the package and no others: a Chromium that finds none crashes, and documents shall not depend on those of the
 * machine. fonts-conf(5): a relative folder is beside this file.
 */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/**
 * The package unpacks into a folder under /tmp that all users and versions share, and not in one step; so its archives are
 * unpacked here, into the cache.
 */
async function pinnedChromium(progress: Progress): Promise<Part> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw wayFailed('it is made for Linux on x86_64');
  const require = createRequire(import.meta.url);
  const home = dirname(dirname(require.resolve('@sparticuz/chromium')));
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  const name = `headless-chromium-${version}-linux-x64`;
  const unpack = () => keptInCache(name, (folder) => unpackChromium(join(home, 'bin'), folder));
  const unpacked = existsSync(join(cacheFolder(), name))
    ? await unpack()
    : await progress.step(`Chromium ${version} from the npm packages, unpacking`, unpack);
  const fonts = { FONTCONFIG_FILE: join(unpacked, 'fonts.conf') };
  const part = { executable: join(unpacked, 'chromium'), environment: fonts };
  const answer = await askVersion(part);
  if (answer.ok) return part;
  // Without NSS on the machine, the libraries come from the package too (made for Amazon Linux 2023).
  const helped = { ...part, environment: { ...fonts, ...withLibraries(join(unpacked, 'al2023', 'lib')) } };
  const second = answer.missingLibrary === undefined ? answer : await askVersion(helped);
  if (second.ok) return helped;
  throw wayFailed(`it does not run here: ${second.output}`);
}

async function unpackChromium(archives: string, folder: string): Promise<void> {
  const brotli = (archive: string, target: string, mode: number) =>
    pipeline(
      createReadStream(join(archives, archive)),
      createBrotliDecompress(),
      createWriteStream(join(folder, target), { mode }),
    );
  await brotli('chromium.br', 'chromium', 0o755);
  for (const [archive, target] of [
    ['al2023.tar.br', 'al2023'],
    ['swiftshader.tar.br', '.'],
    ['fonts.tar.br', '.'],
  ] as const) {
    await brotli(archive, 'archive.tar', 0o600);
    await mkdir(join(folder, target), { recursive: true });
    const { ok, output } = await runProgram('tar', ['-xf', 'archive.tar', '--no-same-owner', '-C', target], {
      cwd: folder,
    });
    if (!ok) throw wayFailed(`tar could not unpack ${archive}: ${output}`);
    await rm(join(folder, 'archive.tar'));
  }
  await writeFile(join(folder, 'fonts.conf'), FONTS_CONF);
}

async function chromiumOnPath(): Promise<Part> {
  const found = await onPath('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome');
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  if (existsSync(mac)) found.push(mac);
  for (const executable of found) {
    const part = { executable, environment: {} };
    if ((await askVersion(part)).ok) return part;
  }
  throw wayFailed(found.length === 0 ? 'there is none' : `${found.join(', ')} do not run here`);
}

async function downloadedChromium(progress: Progress): Promise<Part> {
  const environment = { PUPPETEER_CACHE_DIR: join(cacheFolder(), 'puppeteer') };
  const cli = join(repositoryRoot, 'node_modules', '.bin', 'puppeteer');
  await checkReachable('https://storage.googleapis.com/');
  const { ok, output } = await progress.step("Chromium by Puppeteer's own download", () =>
    runProgram(process.execPath, [cli, 'browsers', 'install', 'chrome-headless-shell'], { environment }),
  );
  // Its last line is "chrome-headless-shell@<version> <path>".
  const executable = /^chrome-headless-shell@\S+ (.+)$/m.exec(output)?.[1];
  if (!ok || executable === undefined) throw wayFailed(output.trim().split('\n').at(-1) ?? 'it gave no path');
  const part = { executable, environment: {} };
  const answer = await askVersion(part);
  if (answer.ok) return part;
  throw wayFailed(`it does not run here: ${answer.output}`);
}
