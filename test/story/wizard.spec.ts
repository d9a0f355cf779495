import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer';
import { Program } from '../../apps/agency/src/spec/clients.js';
import { putParty, thirdParty } from '../../apps/agency/src/spec/parties.js';
import { postLines, reminderLine } from '../../apps/agency/src/spec/reminders.js';
import { openBrowser, press, printLetter, type } from '../../apps/tour/src/browser.js';
import { until } from '../../apps/tour/src/waiting.js';
import { wholeInstance, type WholeInstance } from './instance.js';

const RECIPIENTS = ['SCI des Lilas', 'SARL Durand', 'Cabinet Petit'];

let whole: WholeInstance;
let browser: Browser;
let files: string;

beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), 'pli-files-'));
  whole = await wholeInstance();
  browser = await openBrowser(process.env['PUPPETEER_EXECUTABLE_PATH']);
  const program = new Program(whole.instance.addresses.agency, whole.apiKey);
  for (const [row, name] of RECIPIENTS.entries()) {
    const party = {
      ...thirdParty({ professional: true, name }),
      secondName: null,
      email: `w${String(row)}@exemple.example`,
    };
    await putParty(program, `W${String(row)}`, party);
  }
  const lines = RECIPIENTS.map((_name, row) => ({
    lineId: `W-${String(row)}`,
    ...reminderLine({ partyCode: `W${String(row)}` }),
  }));
  await postLines(program, lines);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await whole?.close();
  rmSync(files, { recursive: true, force: true });
});

const textOf = (page: Page): Promise<string> => page.$eval('main', ({ textContent }) => textContent ?? '');

test('ticked reminders become letters by the three steps, whose progress and result the page shows by itself', async () => {
  const page = await (await browser.createBrowserContext()).newPage();
  const { agency } = whole.instance.addresses;
  await page.goto(`${agency}/connexion`);
  await type(page, 'email', whole.login.email);
  await type(page, 'password', whole.login.password);
  await press(page, 'Se connecter');
  await page.goto(`${agency}/relances?liste=unpaid`);
  for (const row of RECIPIENTS.keys()) await page.click(`input[name="ligne"][value="W-${String(row)}"]`);
  await press(page, 'LRE : les lignes cochées');

  expect(await textOf(page)).toMatch(/Étape 1\/3.*signatures restantes/s);
  await press(page, 'Suivant');
  expect(await textOf(page)).toContain('Étape 2/3');
  const path = join(files, 'Règlement.pdf');
  writeFileSync(path, await printLetter(browser, 'Règlement', 'Règlement de l’immeuble.'));
  const input = (await page.$('input[type="file"]')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(path);
  await press(page, 'Suivant');

  expect(await textOf(page)).toMatch(/Étape 3\/3.*Nombre de destinataires 3\/3/s);
  // A double click on a document's row opens it, as its name does; where it would lead to is noted instead of opened.
  await page.evaluate(() =>
    document.addEventListener('click', (event) => {
      const link = (event.target as Element).closest('a');
      if (!link) return;
      event.preventDefault();
      document.body.dataset['opened'] = link.pathname;
    }),
  );
  await page.$eval('tr[data-open] td', (cell) => cell.dispatchEvent(new MouseEvent('dblclick', { bubbles: true })));
  expect(await page.evaluate(() => document.body.dataset['opened'])).toBe('/relances/lignes/W-0/lettre');
  await page.click('#coche-1');
  await press(page, 'Envoyer');

  const address = page.url();
  await until(
    'the page to show the end of the campaign',
    async () => (await textOf(page)).includes('Toutes les lettres sont transmises') || undefined,
  );
  expect(page.url()).toBe(address);
  const rows = await page.$$eval('tbody tr', (found) => found.map((row) => row.textContent ?? ''));
  expect(rows).toHaveLength(2);
  expect(rows.join()).toMatch(/SCI des Lilas.*Transmise.*LRE_.*Cabinet Petit.*Transmise/s);
  await Promise.all([page.waitForNavigation(), page.click('tbody tr a')]);
  expect(await textOf(page)).toContain('SCI des Lilas');
}, 180_000);
