import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { wholeInstance, type WholeInstance } from './instance.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let whole: WholeInstance;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pli-readme-'));
  cpSync(join(ROOT, 'docs', 'rappel.pdf'), join(folder, 'docs', 'rappel.pdf'));
  whole = await wholeInstance();
}, 180_000);

afterAll(async () => {
  await whole?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The shell lines of the README's section on programs, as they stand there. */
function shellLines(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const section = /## The same by program\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, lines]) => lines).join('\n');
}

test('the README’s lines send a letter, sign it and see it signed', async () => {
  const { addresses } = whole.instance;
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ addresses, apiKey: whole.apiKey }));
  const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', shellLines()], {
    cwd: folder,
    env: { ...process.env, PLI_DATA: folder },
    timeout: 100_000,
  });
  expect(stdout).toContain('"status":"signed"');
  expect((await whole.inbox.mail('info@latour.example', 'LRE_9998_001_')).text).toContain('40017');
}, 120_000);
