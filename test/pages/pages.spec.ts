import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer';
import { draftCampaign } from '../../apps/agency/src/spec/campaigns.js';
import { Program } from '../../apps/agency/src/spec/clients.js';
import { putLine, reminderLine } from '../../apps/agency/src/spec/reminders.js';
import { TOTP } from 'otpauth';
import { viewOf } from '../../apps/ceremony/src/views.js';
import { openBrowser, press, printLetter } from '../../apps/tour/src/browser.js';
import { until } from '../../apps/tour/src/waiting.js';
import { Pages } from '#libs/web';
import { wholeInstance, type WholeInstance } from '../story/instance.js';
import { AgencyWalk } from './agency-walk.js';
import { Album } from './album.js';
import { CeremonyWalk } from './ceremony-walk.js';
import { faultsOf } from './inspection.js';
import { pagesOf, PASSING } from './page-templates.js';

const isForManual = process.env['PLI_MANUAL'] === '1';
const MOBILE = '06 12 34 56 78';

let whole: WholeInstance;
let browser: Browser;
let album: Album;
/** Letters in each state, by it. */
const letters: Record<string, string> = {};
/** One in the wizard, and one that was sent. */
let campaigns: readonly string[] = [];
let files: string;

beforeAll(async () => {
  album = new Album(isForManual);
  files = mkdtempSync(join(tmpdir(), 'pli-files-'));
  whole = await wholeInstance();
  browser = await openBrowser(process.env['PUPPETEER_EXECUTABLE_PATH']);
  const bytes = await printLetter(browser, 'Rappel recommandé', 'Sauf erreur de notre part, votre loyer reste impayé.');
  const documents = [{ name: 'Rappel_recommandé.pdf', bytes }];
  const send = async (
    state: string,
    email: string,
    more: { otp?: boolean; partyCode?: string } = {},
  ): Promise<void> => {
    const { otp = false, partyCode = '40017' } = more;
    const recipient = { civility: 'M. et Mme', name: 'CHARPENTIER Jean Luc', email, ...(otp && { mobile: MOBILE }) };
    letters[state] = await whole.api.send(
      { dossier: '001', partyCode, partyKind: 'tenant', recipient, otp },
      documents,
    );
  };
  await send('signed', 'signe@exemple.example', { otp: true });
  await send('refused', 'refuse@exemple.example');
  await send('expired', 'echu@exemple.example');
  await send('bounced', 'absent@refus.example');
  await send('notified', 'attend@exemple.example');
  const program = new Program(whole.instance.addresses.agency, whole.apiKey);
  for (const partyCode of ['40017', '40038'])
    await putLine(program, `impaye-${partyCode}`, reminderLine({ partyCode }));
  campaigns = [await draftCampaign(program, ['impaye-40038']), await draftCampaign(program, ['impaye-40017'])];
  const start = { method: 'POST' };
  await until('a campaign to be started', async () => {
    const { status } = await program.request(`/api/campaigns/${campaigns[1] ?? ''}/start`, start);
    return status === 202 || undefined;
  });
  for (const state of ['signed', 'refused', 'expired', 'notified']) {
    await whole.api.hasEvents(letters[state] ?? '', 'Notified');
  }
  await whole.api.hasEvents(letters['bounced'] ?? '', 'NotificationFailed');
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await whole?.close();
  rmSync(files, { recursive: true, force: true });
  if (!isForManual) rmSync(album.folder, { recursive: true, force: true });
});

test('the inspection finds what it is there for', async () => {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.setContent(`<!doctype html><html lang="fr"><title>x</title><main><h1>a</h1><h1>b</h1>
    <style>.bare:focus { outline: none } .wide { width: 500px }</style>
    <p style="color: #ccc">pâle</p><div class="wide">large</div>
    <a class="bare" href="#a">nu</a><a href="#b" tabindex="2">second</a><div tabindex="0"><button tabindex="1">premier</button></div>
    <input aria-label="x" onfocus="this.blur()"></main>`);
  const faults = (await faultsOf(page)).join('\n');
  for (const fault of [
    'main headings',
    'color-contrast',
    'scrolls sideways',
    'not show that it is at <a class="bare"',
    'goes back to',
    'not reach <input',
  ]) {
    expect(faults).toContain(fault);
  }
  await page.close();
});

describe('the ceremony', () => {
  let walk: CeremonyWalk;
  beforeAll(async () => {
    walk = await CeremonyWalk.begin(browser, whole.inbox, album);
  });

  test('leads from the link to the last page', async () => {
    const steps = [
      await walk.goto(whole.instance.addresses.ceremony),
      await walk.openLink('signe@exemple.example'),
      await walk.press('Recevoir mon code par SMS'),
      await walk.enterCode('000000'),
      await walk.enterCode(await whole.inbox.code('+33612345678', 1)),
      await walk.press('Retour'),
    ];
    expect(steps).toEqual(['accueil', 'code', 'code', 'code', 'accuse', 'retour']);
    const url = walk.page.url().replace(/\/retour$/, '');
    await walk.goto(url);
    await walk.press('Accord');
    await walk.press('Annuler');
    await walk.goto(url);
    expect(await walk.press('Signer')).toBe('documents');
    expect(await walk.press('Accepter')).toBe('fin');
    expect(await walk.press('Terminer')).toBe('confirmation');
  });

  test('ends by a refusal, by the deadline, at a wrong link', async () => {
    await walk.openLink('refuse@exemple.example');
    const opened = walk.page.url();
    expect(await walk.goto(`${opened}/papier`)).toBe('papier');
    await walk.goto(opened);
    await walk.press('Refus de signer');
    expect(await walk.press('Confirmer le refus')).toBe('refusee');
    const { events } = await whole.api.letter(letters['expired'] ?? '');
    const end = String(events.find((event) => event.type === 'Notified')?.data['windowEndsAt']);
    await whole.pli('letter', 'expire', letters['expired'] ?? '', '--as-of', end);
    expect(await walk.openLink('echu@exemple.example')).toBe('expiree');
    expect(
      await walk.goto(`${whole.instance.addresses.ceremony}/lre/${letters['signed'] ?? ''}/${'x'.repeat(43)}`),
    ).toBe('lien');
    expect(await walk.goto(`${whole.instance.addresses.ceremony}/nulle-part`)).toBe('failure');
  });

  test('says when a letter is not ready yet, and when it was erased', async () => {
    const pages = new Pages(new URL('../../apps/ceremony/src/pages/', import.meta.url), { name: 'Lettre recommandée' });
    // Nobody can be led to these two in a minute: they are put into a page of the ceremony, under its policy and style.
    for (const name of ['waiting', 'erased'] as const) {
      const { template, data } = viewOf({ name }, new Date().toISOString());
      await walk.page.goto(whole.instance.addresses.ceremony);
      await walk.page.setContent(pages.render(template, { ...data, narrow: true }));
      expect(await walk.look()).toBe(template);
    }
  });

  test('has no fault on any page, and no page was forgotten', () => {
    expect(walk.faults).toEqual({});
    expect(pagesOf('ceremony').filter((name) => !walk.templates.has(name))).toEqual([]);
  });
});

describe('the agency', () => {
  let walk: AgencyWalk;
  beforeAll(async () => {
    walk = await AgencyWalk.logIn(browser, whole.instance.addresses.agency, whole.login, album);
  });

  test('forms that come back with what is wrong are without a fault, at a desk and on a phone, and so are the answers to those that go on', async () => {
    for (const [address, button] of [
      ['/lettres/nouvelle', 'Envoyer la lettre'],
      ['/tiers/nouveau', 'Enregistrer'],
      ['/documents/nouveaux', 'Classer'],
      ['/tiers/import', 'Vérifier le fichier'],
      ['/cles', 'Enregistrer la clé de recharge'],
    ] as const) {
      await walk.page.goto(`${whole.instance.addresses.agency}${address}`);
      await press(walk.page, button);
      await walk.inspect(`${address}, sent empty`);
    }
    await walk.page.goto(`${whole.instance.addresses.agency}/tiers/import`);
    await chooseFile(
      walk.page,
      'tiers.csv',
      'code;qualité;nom;e-mail\n40300;locataire;DURAND Paul;paul.durand@exemple.example\n',
    );
    await press(walk.page, 'Vérifier le fichier');
    await walk.inspect('/tiers/import, a file to confirm');
    await press(walk.page, 'Importer 1 fiche');
    await walk.inspect('/tiers/import, done');
    expect(walk.faults).toEqual({});
  }, 180_000);

  test('so is the way from reminder lines to the result of a send, and to paper', async () => {
    const { page } = walk;
    await page.goto(`${whole.instance.addresses.agency}/relances/import?liste=unpaid`);
    expect(await walk.submit({}, 'Vérifier le fichier')).toBe('reminder-import');
    const columns = 'ligne;code;dossier;niveau;période;montant dû;date limite';
    await chooseFile(
      page,
      'relances.csv',
      `${columns}\nimpaye-9;40035;002;rappel recommandé;novembre 2026;710,00;15/12/2026\n`,
    );
    expect(await walk.submit({}, 'Vérifier le fichier')).toBe('reminder-import-preview');
    expect(await walk.submit({}, 'Importer 1 ligne')).toBe('reminder-import-result');
    await until('the line to be taken in', async () => {
      const answer = await page.goto(`${whole.instance.addresses.agency}/relances/lignes/impaye-9`);
      return answer?.ok() || undefined;
    });
    expect(await walk.submit({}, 'LRE')).toBe('campaign-settings');
    const draft = new URL(page.url()).pathname.replace('/parametres', '');
    expect(await walk.submit({}, 'Suivant')).toBe('campaign-attachments');
    await page.select('#category', 'lease');
    expect(await walk.submit({}, 'Suivant')).toBe('campaign-recap');
    await press(page, 'Envoyer');
    await until('the result of the send', async () => {
      await page.goto(`${whole.instance.addresses.agency}${draft}`);
      return (await page.$('progress[value="1"]')) ?? undefined;
    });
    expect(await walk.inspect(draft)).toBe('campaign');
    await page.goto(`${whole.instance.addresses.agency}/lettres/${letters['notified'] ?? ''}`);
    await page.locator('::-p-text(Envoyer aussi sur papier)').click();
    await walk.submit({ street: '12 rue des Clercs', postcode: '57000', city: 'Metz' }, 'Préparer le pli');
    await until('the paper to be ready', async () => {
      await page.goto(`${whole.instance.addresses.agency}/impression`);
      return (await page.$('a[href$="/bon"]')) ?? undefined;
    });
    expect(walk.faults).toEqual({});
  }, 180_000);

  test('so are the pages by which people come in: invitation, password, second factor', async () => {
    const { agency } = whole.instance.addresses;
    const person = { email: 'camille@latour.example', password: 'quatre chevaux au galop' };
    const passwords = { password: person.password, again: person.password };
    await walk.page.goto(`${agency}/equipe`);
    await walk.page.select('select[name="role"]:not([id^="role-"])', 'reader');
    expect(await walk.submit({ email: person.email }, 'Envoyer l’invitation')).toBe('team');
    const visitor = await AgencyWalk.asVisitor(browser, agency, album);
    const invitation = await linkTo(person.email, '/invitation/');
    await visitor.look(invitation);
    await visitor.submit({ name: 'Camille Martin', ...passwords }, 'Créer mon compte');
    await visitor.look(invitation);
    await visitor.look('/mot-de-passe');
    await visitor.submit({ email: person.email }, 'Recevoir un lien');
    await visitor.look(await linkTo(person.email, '/mot-de-passe/'));

    const reader = await AgencyWalk.logIn(browser, agency, person, album);
    expect(await reader.look('/lettres/nouvelle')).toBe(403);
    await reader.look('/compte/second-facteur');
    expect(await reader.submit({}, 'Activer')).toBe('second-factor');
    const secret = await reader.page.$eval('.mono', (element) => element.textContent.replaceAll(/\s/g, ''));
    const code = new TOTP({ secret }).generate();
    expect(await reader.submit({ code }, 'Confirmer')).toBe('recovery-codes');
    const context = reader.page.browserContext();
    await context.deleteCookie(...(await context.cookies()));
    await reader.page.goto(`${agency}/connexion`);
    await reader.enter(person);
    expect(await reader.inspect('/connexion/code')).toBe('log-in-code');
    for (const each of [walk, visitor, reader]) expect(each.faults).toEqual({});
    for (const each of [visitor, reader]) walk.add(each);
  }, 180_000);

  test('so is every page that links lead to', async () => {
    const sent = Object.values(letters).map((id) => `/lettres/${id}`);
    await walk.follow('/modeles/mail-signature/PLI_LRE_SIGN', '/', ...sent, ...campaigns.map((id) => `/envois/${id}`));
    expect(walk.faults).toEqual({});
  }, 300_000);

  test('the menu of a phone opens by the keyboard and leads on', async () => {
    const { page } = walk;
    await page.goto(`${whole.instance.addresses.agency}/lettres`);
    await page.setViewport({ width: 360, height: 740 });
    await page.focus('.menu summary');
    await page.keyboard.press('Enter');
    await album.picture(page, 'menu', 360);
    await page.setViewport({ width: 360, height: 740 });
    await Promise.all([page.waitForNavigation(), page.locator('.menu nav a[href="/tiers"]').click()]);
    expect(new URL(page.url()).pathname).toBe('/tiers');
  });

  test('what is not there, or may not be seen, says so on a page like the others', async () => {
    expect(await walk.look('/lettres/01900000-0000-7000-8000-000000000000')).toBe(404);
    expect(await walk.look('/nulle-part')).toBe(404);
    expect(walk.faults).toEqual({});
  });

  test('no page was forgotten', async () => {
    expect(await walk.forgotten()).toEqual([]);
    const missed = pagesOf('agency').filter((name) => !walk.templates.has(name));
    expect(missed.filter((name) => !PASSING.has(name))).toEqual([]);
  });

  test('an agency that has nothing yet is told what each list is for', async () => {
    const login = await newAgency();
    const empty = await AgencyWalk.logIn(browser, whole.instance.addresses.agency, login);
    await empty.follow('/');
    expect(empty.faults).toEqual({});
    const lists = [...walk.filled].filter((path) => !path.includes(':') && empty.seen.has(path));
    expect(lists.filter((path) => !empty.empty.has(path) && !empty.filled.has(path))).toEqual([]);
    expect(empty.empty.size).toBeGreaterThan(2);
  }, 180_000);
});

describe('the inbox of caught messages', () => {
  test('is without a fault, with and without messages', async () => {
    const page = await (await browser.createBrowserContext()).newPage();
    await (await page.createCDPSession()).send('Emulation.setFocusEmulationEnabled', { enabled: true });
    const { inbox } = whole.instance.addresses;
    await page.goto(inbox);
    const message = await page.$eval('a[href^="/messages/"]', ({ href }) => href);
    const faults: Record<string, readonly string[]> = { inbox: await faultsOf(page) };
    await album.picture(page, 'inbox');
    await page.goto(message);
    faults['message'] = await faultsOf(page);
    await album.picture(page, 'message');
    await page.goto(`${inbox}/?to=personne%40exemple.example`);
    faults['empty'] = await faultsOf(page);
    await page.goto(`${inbox}/nulle-part`);
    faults['failure'] = await faultsOf(page);
    expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
  });
});

test('the operator’s pages are without a fault, and closed to others', async () => {
  const page = await (await browser.createBrowserContext()).newPage();
  await (await page.createCDPSession()).send('Emulation.setFocusEmulationEnabled', { enabled: true });
  const { operator } = whole.instance.addresses;
  const faults: Record<string, readonly string[]> = {};
  const look = async (path: string): Promise<number | undefined> => {
    const answer = await page.goto(operator + path);
    faults[path] = await faultsOf(page);
    return answer?.status();
  };
  expect(await look('/')).toBe(401);
  const secrets = readFileSync(join(whole.instance.dataFolder, 'secrets.json'), 'utf8');
  const { operatorPassword: password } = JSON.parse(secrets) as { operatorPassword: string };
  await page.authenticate({ username: 'operator', password });
  const templates = pagesOf('operator');
  expect(templates.toSorted()).toEqual(['agencies', 'projections', 'reactions']);
  for (const path of ['/', '/projections', '/reactions']) expect(await look(path)).toBe(200);
  expect(await look('/nulle-part')).toBe(404);
  expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
}, 120_000);

// Last: nothing works afterwards.
test('a service that is away says so on a page like the others', async () => {
  const walk = await AgencyWalk.logIn(browser, whole.instance.addresses.agency, whole.login);
  await whole.instance.process('event-store').stop();
  expect(await walk.look(`/lettres/${letters['signed'] ?? ''}`)).toBe(503);
  expect(walk.faults).toEqual({});
});

/** An agency of its own with a manager; nothing was ever done in it. */
async function newAgency(): Promise<{ readonly email: string; readonly password: string }> {
  const email = 'direction@neuve.example';
  const { stdout } = await whole.pli(
    ...['agency', 'create', '--code', '9999', '--name', 'Agence neuve', '--email', 'agence@neuve.example'],
    ...['--user-email', email, '--user-name', 'Dominique Petit'],
  );
  return { email, password: /once: (\S+)/.exec(stdout)?.[1] ?? '' };
}

async function chooseFile(page: Page, name: string, content: string): Promise<void> {
  const path = join(files, name);
  writeFileSync(path, content);
  const input = (await page.$('input[type="file"]')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(path);
}

/** The link of an e-mail, as an address of the agency. */
async function linkTo(email: string, beginning: string): Promise<string> {
  const { links } = await whole.inbox.mail(email, beginning);
  const { pathname } = new URL(links.find((link) => link.includes(beginning)) ?? '');
  return pathname;
}
