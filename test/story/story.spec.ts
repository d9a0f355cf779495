import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer';
import { headingOf, openBrowser, press, printLetter, SCREEN, textOf, type } from '../../apps/tour/src/browser.js';
import { Recipient } from '../../apps/tour/src/recipient.js';
import { until } from '../../apps/tour/src/waiting.js';
import { wholeInstance, type WholeInstance } from './instance.js';

const NOTICE = 'lettre recommandée électronique';
const AGENCY_NAME = 'Agence Latour';

let whole: WholeInstance;
let browser: Browser;
let agency: Page;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pli-letters-'));
  whole = await wholeInstance();
  browser = await openBrowser(process.env['PUPPETEER_EXECUTABLE_PATH']);
  const bytes = await printLetter(browser, 'Rappel recommandé', 'Votre loyer reste impayé.');
  writeFileSync(join(folder, 'Rappel_recommande.pdf'), bytes);
  agency = await browser.newPage();
  await agency.setViewport(SCREEN);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await whole?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Form {
  readonly name: string;
  readonly email: string;
  readonly mobile?: string;
}

/** Fills in and sends the form for a new letter; answers the letter's id. */
async function createLetter({ name, email, mobile }: Form): Promise<string> {
  await agency.goto(`${whole.instance.addresses.agency}/lettres/nouvelle`);
  await type(agency, 'name', name);
  await type(agency, 'email', email);
  await type(agency, 'dossier', '001');
  await type(agency, 'partyCode', '40017');
  if (mobile) {
    await type(agency, 'mobile', mobile);
    await agency.locator('input[type="checkbox"][name="otp"]').click();
  }
  const input = (await agency.$('input[type="file"]')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(join(folder, 'Rappel_recommande.pdf'));
  await press(agency, 'Envoyer la lettre');
  return /[0-9a-f-]{36}/.exec(agency.url())?.[0] ?? '';
}

/** The history's row of a recipient, as soon as it says what is expected. */
async function historyRow(name: string, tag: string): Promise<string> {
  return until(`the row of ${name} to say ${tag}`, async () => {
    await agency.goto(`${whole.instance.addresses.agency}/lettres`);
    const rows = await agency.$$eval('tbody tr', (all) => all.map((row) => (row as HTMLElement).innerText));
    return rows.find((row) => row.includes(name) && row.includes(tag));
  });
}

test('the agency logs in', async () => {
  await agency.goto(whole.instance.addresses.agency);
  await type(agency, 'email', whole.login.email);
  await type(agency, 'password', whole.login.password);
  await press(agency, 'Se connecter');
  expect(agency.url()).toBe(`${whole.instance.addresses.agency}/lettres`);
});

test('a letter goes from the agency to the recipient’s signature', async () => {
  const name = 'CHARPENTIER Jean Luc';
  const letterId = await createLetter({ name, email: 'jl.charpentier@exemple.example', mobile: '06 12 34 56 78' });
  await historyRow(name, 'Notifié');

  const recipient = await Recipient.open(browser, whole.inbox, 'jl.charpentier@exemple.example', NOTICE);
  const notice = await whole.inbox.mail('jl.charpentier@exemple.example', NOTICE);
  expect(JSON.stringify(notice)).not.toMatch(/latour/i);

  await press(recipient.page, 'Recevoir mon code par SMS');
  const code = await whole.inbox.code('+33612345678', 1);
  await recipient.enter(code === '000000' ? '111111' : '000000');
  expect(await textOf(recipient.page)).toMatch(/4 (essais|tentatives)/);
  await recipient.enter(code);

  expect(await textOf(recipient.page)).toContain('Vous avez reçu une lettre recommandée électronique');
  expect(await recipient.page.content()).not.toMatch(/latour|Rappel_recommande/i);
  await recipient.accept();
  expect(await textOf(recipient.page)).toContain(AGENCY_NAME);

  const secondTab = await recipient.page.browserContext().newPage();
  await secondTab.goto(recipient.page.url());
  await recipient.sign();
  await press(secondTab, 'Signer');
  expect(await headingOf(secondTab)).toBe(await headingOf(recipient.page));

  const documents = await recipient.readDocuments();
  expect(documents.length).toBeGreaterThanOrEqual(1);
  for (const document of documents) expect(document.subarray(0, 5).toString()).toBe('%PDF-');
  const { reference, packageNumber } = await recipient.finish();
  await recipient.close();

  const letter = await whole.api.hasEvents(letterId, 'Signed', 'ContentAccessed', 'Informed');
  expect(letter.reference).toBe(reference);
  const signed = letter.events.filter((event) => event.type === 'Signed');
  expect(signed).toEqual([expect.objectContaining({ data: expect.objectContaining({ packageNumber }) })]);

  const confirmation = await whole.inbox.mail('info@latour.example', 'Un locataire a signé un document');
  expect(confirmation.text).toContain(reference);
  expect(confirmation.subject).toMatch(/001.*40017|40017.*001/);
  await whole.inbox.mail('jl.charpentier@exemple.example', 'Vos documents signés');
  await historyRow(name, 'Signé');
});

test('a recipient refuses; the agency is told', async () => {
  const name = 'GALLISSOT Philippe';
  const letterId = await createLetter({ name, email: 'p.gallissot@exemple.example' });
  await whole.api.hasEvents(letterId, 'Notified');
  const recipient = await Recipient.open(browser, whole.inbox, 'p.gallissot@exemple.example', NOTICE);
  await recipient.refuse();
  await recipient.close();
  const { reference } = await whole.api.hasEvents(letterId, 'Refused', 'Informed');
  const refusal = await whole.inbox.mail('info@latour.example', 'a refusé une lettre recommandée');
  expect(refusal.text).toContain(reference);
  await historyRow(name, 'Refusé');

  const again = await Recipient.open(browser, whole.inbox, 'p.gallissot@exemple.example', NOTICE);
  expect(await again.page.$('::-p-aria(Accord)')).toBeNull();
  expect(await textOf(again.page)).toMatch(/refus/i);
  await again.close();
});

test('the deadline passes; the ceremony is closed and the agency is told', async () => {
  const name = 'ROSE Armance';
  const letterId = await createLetter({ name, email: 'a.rose@exemple.example' });
  const { events } = await whole.api.hasEvents(letterId, 'Notified');
  const end = String(events.find((event) => event.type === 'Notified')?.data['windowEndsAt']);

  const early = await whole.pli('letter', 'expire', letterId, '--as-of', new Date(Date.parse(end) - 1).toISOString());
  expect(early).toMatchObject({ code: 1 });
  expect(await whole.pli('letter', 'expire', letterId, '--as-of', end)).toMatchObject({ code: 0 });

  await whole.api.hasEvents(letterId, 'Expired', 'Informed');
  const late = await Recipient.open(browser, whole.inbox, 'a.rose@exemple.example', NOTICE);
  expect(await late.page.$('::-p-aria(Accord)')).toBeNull();
  await late.close();
  await historyRow(name, 'Expiré');
});

test('the mail system refuses the notice; the agency is told and the history shows it', async () => {
  const name = 'BENSEHIL Cherifa';
  const letterId = await createLetter({ name, email: 'inconnue@refus.example' });
  const { events, reference } = await whole.api.hasEvents(letterId, 'NotificationFailed', 'Informed');
  expect(events.some((event) => event.type === 'Notified')).toBe(false);
  const bounce = await whole.inbox.mail('info@latour.example', 'n’a pas pu être remis');
  expect(bounce.text).toContain(reference);
  await historyRow(name, 'Échec');
});
