import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { silentProgress } from '../progress.js';
import { runProgram } from '../run-program.js';
import { resolveChromium } from './chromium.js';

const inherited = process.env['PUPPETEER_EXECUTABLE_PATH'];
afterEach(() => {
  if (inherited === undefined) delete process.env['PUPPETEER_EXECUTABLE_PATH'];
  else process.env['PUPPETEER_EXECUTABLE_PATH'] = inherited;
});

test('a PUPPETEER_EXECUTABLE_PATH that does not run stops the start instead of being passed over', async () => {
  process.env['PUPPETEER_EXECUTABLE_PATH'] = '/nowhere/chromium';
  const failure = resolveChromium(silentProgress);
  await expect(failure).rejects.toMatchObject({ code: 'USAGE' });
  await expect(failure).rejects.toThrow(/PUPPETEER_EXECUTABLE_PATH is \/nowhere\/chromium/);
});

test('finds a Chromium that runs here', async () => {
  delete process.env['PUPPETEER_EXECUTABLE_PATH'];
  const { executable, environment } = await resolveChromium(silentProgress);
  const { ok, output } = await runProgram(executable, ['--version'], { environment });
  expect({ ok, output }).toEqual({ ok: true, output: expect.stringMatching(/Chrom/) });
});

test('the pinned Chromium brings fonts, for machines that have none', async () => {
  delete process.env['PUPPETEER_EXECUTABLE_PATH'];
  const { executable, environment } = await resolveChromium(silentProgress);
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  expect(environment['FONTCONFIG_FILE']).toBe(join(dirname(executable), 'fonts.conf'));
  const [, folder = ''] =
    /<dir prefix="relative">(.+)<\/dir>/.exec(readFileSync(environment['FONTCONFIG_FILE'] ?? '', 'utf8')) ?? [];
  const files = readdirSync(join(dirname(executable), folder), { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => file.endsWith('.ttf'))).not.toEqual([]);
});
