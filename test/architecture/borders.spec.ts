import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));

/** A clone in small: what each file imports, and the rules that it breaks. */
const FILES: readonly { path: string; imports: readonly string[]; breaks: readonly string[] }[] = [
  { path: 'libs/letter/src/index.ts', imports: ['#libs/legal-profile', '#libs/directory'], breaks: [] },
  { path: 'libs/letter/src/letter.spec.ts', imports: ['fast-check'], breaks: [] },
  { path: 'libs/letter/src/stores.ts', imports: ['#libs/event-store'], breaks: ['border-of-libs-letter'] },
  { path: 'libs/letter/src/reads.ts', imports: ['node:fs'], breaks: ['pure-domain'] },
  { path: 'libs/letter/src/injects.ts', imports: ['@nestjs/common'], breaks: ['pure-domain'] },
  { path: 'libs/directory/src/index.ts', imports: [], breaks: [] },
  { path: 'libs/directory/src/draws.ts', imports: ['rxjs'], breaks: ['pure-domain'] },
  { path: 'libs/directory/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-libs-directory'] },
  { path: 'libs/credit/src/index.ts', imports: ['#libs/letter'], breaks: [] },
  { path: 'libs/credit/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-libs-credit'] },
  { path: 'libs/campaign/src/index.ts', imports: ['#libs/letter'], breaks: [] },
  { path: 'libs/campaign/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-libs-campaign'] },
  { path: 'libs/reminders/src/index.ts', imports: ['#libs/directory'], breaks: [] },
  { path: 'libs/reminders/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-libs-reminders'] },
  { path: 'libs/proof/src/index.ts', imports: ['#libs/letter'], breaks: [] },
  { path: 'libs/proof/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-libs-proof'] },
  { path: 'libs/filing/src/index.ts', imports: ['#libs/letter'], breaks: [] },
  { path: 'libs/filing/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-libs-filing'] },
  { path: 'libs/templates/src/index.ts', imports: ['#libs/letter'], breaks: [] },
  { path: 'libs/templates/src/renders.ts', imports: ['handlebars'], breaks: ['pure-domain'] },
  { path: 'libs/templates/src/mails.ts', imports: ['#libs/documents'], breaks: ['border-of-libs-templates'] },
  { path: 'libs/legal-profile/src/index.ts', imports: [], breaks: [] },
  { path: 'libs/legal-profile/src/knows.ts', imports: ['#libs/letter'], breaks: ['border-of-libs-legal-profile'] },
  { path: 'libs/configuration/src/index.ts', imports: ['class-validator'], breaks: [] },
  { path: 'libs/keys/src/stores.ts', imports: ['#libs/event-store'], breaks: ['border-of-libs-keys'] },
  { path: 'libs/configuration/src/knows.ts', imports: ['#libs/web'], breaks: ['border-of-libs-configuration'] },
  { path: 'libs/chain/src/index.ts', imports: ['node:crypto'], breaks: [] },
  { path: 'libs/chain/src/knows.ts', imports: ['#libs/event-store'], breaks: ['border-of-libs-chain'] },
  {
    path: 'libs/event-store/src/index.ts',
    imports: ['#libs/letter', '#libs/chain', '@eventstore/db-client'],
    breaks: [],
  },
  { path: 'libs/event-store/src/prints.ts', imports: ['#libs/documents'], breaks: ['border-of-libs-event-store'] },
  {
    path: 'libs/event-store/src/store.spec.ts',
    imports: ['#libs/embedded-event-store', './spec/stores.js'],
    breaks: [],
  },
  { path: 'libs/event-store/src/spec/stores.ts', imports: ['#libs/embedded-event-store', 'fast-check'], breaks: [] },
  {
    path: 'libs/event-store/src/print.spec.ts',
    imports: ['#libs/documents'],
    breaks: ['border-of-specs-of-libs-event-store'],
  },
  { path: 'projections/history/src/history.spec.ts', imports: ['#libs/embedded-event-store'], breaks: [] },
  { path: 'apps/agency/src/spec/running.ts', imports: ['#libs/embedded-event-store'], breaks: [] },
  {
    path: 'projections/history/src/store.ts',
    imports: ['#libs/embedded-event-store'],
    breaks: ['only-the-event-store-application-is-a-store'],
  },
  { path: 'libs/embedded-event-store/src/index.ts', imports: ['node:sqlite'], breaks: [] },
  {
    path: 'libs/embedded-event-store/src/knows.ts',
    imports: ['#libs/letter'],
    breaks: ['border-of-libs-embedded-event-store'],
  },
  { path: 'libs/evidence/src/index.ts', imports: ['#libs/letter', '#libs/chain'], breaks: [] },
  { path: 'libs/evidence/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-libs-evidence'] },
  { path: 'libs/dossier/src/index.ts', imports: ['#libs/proof', '#libs/chain', '#libs/evidence'], breaks: [] },
  { path: 'libs/dossier/src/reads.ts', imports: ['#libs/commands'], breaks: ['border-of-libs-dossier'] },
  { path: 'libs/documents/src/index.ts', imports: ['mongodb', 'handlebars'], breaks: [] },
  { path: 'libs/documents/src/knows.ts', imports: ['#libs/letter'], breaks: ['border-of-libs-documents'] },
  { path: 'libs/messaging/src/index.ts', imports: ['nodemailer'], breaks: [] },
  { path: 'libs/messaging/src/knows.ts', imports: ['#libs/letter'], breaks: ['border-of-libs-messaging'] },
  { path: 'libs/web/src/index.ts', imports: ['#libs/configuration'], breaks: [] },
  { path: 'libs/web/src/knows.ts', imports: ['#libs/commands'], breaks: ['border-of-libs-web'] },
  {
    path: 'libs/commands/src/index.ts',
    imports: ['#libs/letter', '#libs/event-store', '#libs/configuration', '#libs/documents'],
    breaks: [],
  },
  { path: 'libs/commands/src/queries.ts', imports: ['#projections/history'], breaks: ['border-of-libs-commands'] },
  { path: 'libs/novelty/src/index.ts', imports: [], breaks: [] },
  { path: 'libs/novelty/src/knows.ts', imports: ['#libs/letter'], breaks: ['library-without-border'] },
  { path: 'projections/engine/src/index.ts', imports: ['#libs/event-store'], breaks: [] },
  {
    path: 'projections/engine/src/knows.ts',
    imports: ['#projections/history'],
    breaks: ['border-of-projections-engine'],
  },
  { path: 'projections/history/src/index.ts', imports: ['#projections/engine', '#libs/letter'], breaks: [] },
  { path: 'projections/all/src/index.ts', imports: ['#projections/history', '#projections/engine'], breaks: [] },
  { path: 'projections/all/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-projections-all'] },
  { path: 'projections/balance/src/index.ts', imports: [], breaks: [] },
  { path: 'projections/balance/src/mails.ts', imports: ['#libs/messaging'], breaks: ['border-of-every-projection'] },
  {
    path: 'projections/balance/src/peeks.ts',
    imports: ['#projections/history'],
    breaks: ['border-of-every-projection'],
  },
  { path: 'apps/agency/src/main.ts', imports: ['#libs/commands', '#projections/history', '#libs/web'], breaks: [] },
  { path: 'apps/ceremony/src/main.ts', imports: ['../../agency/src/main.js'], breaks: ['border-of-every-app'] },
  {
    path: 'apps/worker/src/main.ts',
    imports: ['#libs/embedded-event-store'],
    breaks: ['only-the-event-store-application-is-a-store'],
  },
  { path: 'apps/event-store/src/main.ts', imports: ['#libs/embedded-event-store'], breaks: [] },
  {
    path: 'apps/cli/src/main.ts',
    imports: ['../../../libs/letter/src/stores.js'],
    breaks: ['through-the-index'],
  },
  { path: 'apps/launcher/src/index.ts', imports: ['mongodb'], breaks: [] },
  { path: 'apps/tour/src/main.ts', imports: ['fast-check'], breaks: ['no-development-package-in-the-product'] },
  { path: 'apps/tour/src/egg.ts', imports: ['./hen.js'], breaks: ['no-circle'] },
  // A circle is reported once, where it was entered.
  { path: 'apps/tour/src/hen.ts', imports: ['./egg.js'], breaks: [] },
  { path: 'apps/tour/src/lost.ts', imports: ['./nowhere.js'], breaks: ['resolvable'] },
  { path: 'test/fault.spec.ts', imports: ['../apps/launcher/src/index.js', '#libs/letter'], breaks: [] },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-borders-'));
  for (const file of ['package.json', 'tsconfig.json', 'node_modules'])
    await symlink(join(root, file), join(folder, file));
  for (const { path, imports } of FILES) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const lines = imports.map((name, index) => `import * as i${String(index)} from '${name}';\n`);
    const used = imports.map((_, index) => `i${String(index)}`).join(', ');
    await writeFile(join(folder, path), `${lines.join('')}export const used = [${used}];\n`);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(): Promise<Report> {
  const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  const args = [program, '--config', config, '--output-type', 'json', 'apps', 'libs', 'projections', 'test'];
  return new Promise((resolve) => {
    // It ends with a code when it finds something; what it found is on stdout.
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (_, stdout) => {
      resolve(JSON.parse(stdout) as Report);
    });
  });
}

test('each border stops what crosses it, and nothing else', async () => {
  const { summary } = await cruise();
  const found = FILES.map(({ path }) => {
    const names = summary.violations.filter(({ from }) => from === path).map(({ rule }) => rule.name);
    return { path, breaks: [...new Set(names)].sort() };
  });
  expect(found).toEqual(FILES.map(({ path, breaks }) => ({ path, breaks: [...breaks].sort() })));
});

test('every rule is shown to fire', async () => {
  const { default: config } = (await import(join(root, '.dependency-cruiser.mjs'))) as {
    default: { forbidden: readonly { name: string }[] };
  };
  const shown = new Set(FILES.flatMap(({ breaks }) => breaks));
  const unshown = config.forbidden.map(({ name }) => name).filter((name) => !shown.has(name));
  // One rule for all, written out for each library: the specs of libs/event-store stand for the others.
  expect(unshown.filter((name) => !name.startsWith('border-of-specs-of-'))).toEqual([]);
  expect(shown).toContain('border-of-specs-of-libs-event-store');
});
