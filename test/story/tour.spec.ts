import { execFile } from 'node:child_process';
import { readdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BOOTSTRAP = fileURLToPath(new URL('../../apps/launcher/bootstrap.mjs', import.meta.url));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pli-tour-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('npm run tour starts an instance of its own, leads one letter to each end and leaves pictures and PDFs', async () => {
  const environment = { ...process.env, PLI_DATA: join(folder, 'nothing-runs-here'), PLI_TOUR: join(folder, 'tour') };
  const { stdout } = await promisify(execFile)(process.execPath, [BOOTSTRAP, 'tour'], {
    env: environment,
    timeout: 160_000,
  });
  const ends = [...stdout.matchAll(/^ +→ (.*)$/gm)].map(([, end]) => end);
  expect(ends).toEqual(['signed', 'refused', 'expired', 'notification-failed']);
  // Each step with the events that were stored for it.
  expect(stdout).toMatch(/« Accord »\n +\d+ +\S+ +Accepted\n +« Signer »\n +\d+ +\S+ +Signed\n/);
  const left = readdirSync(join(folder, 'tour'));
  expect(left.filter((name) => name.endsWith('.pdf')).length).toBeGreaterThanOrEqual(2);
  expect(left.filter((name) => name.endsWith('.png')).length).toBeGreaterThanOrEqual(10);
}, 170_000);
