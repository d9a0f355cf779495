import type { Answer, Browser } from '../spec/clients.js';
import { pdf } from '../spec/papers.js';
import { consentForm, partyFields, png } from '../spec/parties.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let browser: Browser;
let count = 0;

beforeAll(async () => {
  running = await RunningAgency.start();
  browser = await running.signedIn(await running.register('9998'));
});
afterAll(() => running.close());

const messageBeside = ({ text }: Answer, field: string): string | undefined =>
  new RegExp(`id="${field}-fault"[^>]*>([^<]+)`).exec(text)?.[1];

async function registered(changes: Record<string, string> = {}): Promise<string> {
  count += 1;
  const code = `6${String(count).padStart(4, '0')}`;
  const answer = await browser.submit('/tiers/nouveau', partyFields({ code, ...changes }));
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `/tiers/${code}`]);
  return code;
}

const todayInParis = () => new Intl.DateTimeFormat('fr-CA', { timeZone: 'Europe/Paris' }).format(new Date());

describe('the list', () => {
  test('of an agency without third parties says how to begin', async () => {
    const empty = await running.signedIn(await running.register('VIDE'));
    const { text } = await empty.get('/tiers');
    expect(text).toContain('Aucun tiers pour l’instant');
    expect(text).toContain('href="/tiers/nouveau"');
    expect(text).toContain('href="/tiers/import"');
  });

  test('shows what was just registered, and finds it by each filter', async () => {
    const code = await registered({
      name: 'ÉLUARD Bénédicte',
      secondName: '',
      kind: 'owner',
      email: 'beluard@exemple.example',
    });
    expect((await browser.get('/tiers')).text).toContain(`href="/tiers/${code}"`);
    for (const query of [
      'recherche=eluard',
      `recherche=${code}`,
      'recherche=beluard@exemple.example',
      'qualite=owner',
      'accord=no',
    ]) {
      expect([query, (await browser.get(`/tiers?${query}`)).text.includes(`/tiers/${code}"`)]).toEqual([query, true]);
    }
    for (const query of ['recherche=personne', 'qualite=tenant&recherche=eluard', 'accord=yes', 'archives=yes']) {
      expect([query, (await browser.get(`/tiers?${query}`)).text.includes(`/tiers/${code}"`)]).toEqual([query, false]);
    }
    expect((await browser.get('/tiers?recherche=personne')).text).toContain('Aucun tiers ne correspond');
    const wrong = await browser.get('/tiers?qualite=agent');
    expect([wrong.status, messageBeside(wrong, 'qualite')]).toEqual([422, expect.stringContaining('Choisissez')]);
  });
});

describe('a third party', () => {
  test('is registered, changed, and tells its changes with who made them', async () => {
    const code = await registered();
    const page = await browser.get(`/tiers/${code}`);
    expect(page.text).toContain('M. et Mme CHARPENTIER Jean Luc et CHARPENTIER Marie');
    expect(page.text).toContain('+33612345678');
    expect(page.text).toContain('1 rue de la Tour<br>57000 Metz');
    expect(page.text).toContain('aucune lettre recommandée électronique ne peut lui être envoyée');

    const form = await browser.get(`/tiers/${code}/modifier`);
    expect(form.text).toContain('value="CHARPENTIER Marie"');
    expect(form.text).not.toContain('name="code"');
    const answer = await browser.submit(
      `/tiers/${code}/modifier`,
      partyFields({ email: 'marie@exemple.example', street: '', postcode: '', city: '' }),
    );
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/tiers/${code}`]);
    const changed = (await browser.get(`/tiers/${code}`)).text;
    expect(changed).toContain('adresse e-mail « jl.charpentier@exemple.example » devient « marie@exemple.example »');
    expect(changed).toContain('Camille Martin</time>Fiche modifiée');
    expect((await browser.get('/tiers?recherche=marie@exemple')).text).toContain(`/tiers/${code}"`);
  });

  test('is refused with each wrong field named, the form filled in', async () => {
    const answer = await browser.submit(
      '/tiers/nouveau',
      partyFields({ code: 'a b', name: '', email: 'x', mobile: '0712345678', postcode: '5700', street: 'Rue & place' }),
    );
    expect(answer.status).toBe(422);
    for (const field of ['code', 'name', 'email', 'mobile', 'postcode'])
      expect(messageBeside(answer, field)).toBeTruthy();
    expect(answer.text).toContain('value="Rue &amp; place"');
    const code = await registered();
    const wrong = await browser.submit(`/tiers/${code}/modifier`, partyFields({ email: 'x' }));
    expect([wrong.status, messageBeside(wrong, 'email')]).toEqual([422, expect.stringContaining('e-mail')]);
  });

  test('under the code of another one is refused beside the code', async () => {
    const code = await registered();
    const again = await browser.submit('/tiers/nouveau', partyFields({ code }));
    expect(again.status).toBe(303);
    const answer = await browser.submit('/tiers/nouveau', partyFields({ code, name: 'ROSE Armance' }));
    expect([answer.status, messageBeside(answer, 'code')]).toEqual([
      422,
      expect.stringContaining('porte déjà ce code'),
    ]);
  });

  test('is archived out of the list, and reactivated', async () => {
    const code = await registered();
    await browser.submit(`/tiers/${code}/archivage`, {});
    expect((await browser.get(`/tiers?recherche=${code}`)).text).not.toContain(`/tiers/${code}"`);
    expect((await browser.get(`/tiers?recherche=${code}&archives=yes`)).text).toContain(`/tiers/${code}"`);
    const refused = await browser.submit(`/tiers/${code}/modifier`, partyFields({ name: 'ROSE' }));
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('réactivez-le')]);
    await browser.submit(`/tiers/${code}/reactivation`, {});
    expect((await browser.get(`/tiers?recherche=${code}`)).text).toContain(`/tiers/${code}"`);
  });
});

describe('its consent', () => {
  test('is given with a proof that opens, then withdrawn; both are in the history', async () => {
    const code = await registered();
    const given = await consentForm(browser, code, { day: '2026-01-05', how: 'contract' }, png());
    expect([given.status, given.headers.get('location')]).toEqual([303, `/tiers/${code}`]);
    const page = await browser.get(`/tiers/${code}`);
    expect(page.text).toContain('Accord donné le 05/01/2026 (clause du bail ou du mandat)');
    expect(page.text).toContain(`href="/lettres/nouvelle?tiers=${code}"`);
    const href = /href="(\/tiers\/[^"]+\/preuves\/[0-9a-f]{64})">Accord signé.png</.exec(page.text)?.[1] ?? '';
    const proof = await browser.get(href);
    expect([proof.status, proof.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(proof.bytes.equals(Buffer.from(await png().arrayBuffer()))).toBe(true);
    expect(proof.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(proof.headers.get('x-content-type-options')).toBe('nosniff');

    const withdrawn = await browser.submit(`/tiers/${code}/retrait`, { day: todayInParis(), how: 'email' });
    expect(withdrawn.status).toBe(303);
    const after = await browser.get(`/tiers/${code}`);
    expect(after.text).toContain('Accord retiré');
    expect(after.text).toContain('Enregistrer un accord');
    expect((await browser.get(href)).status).toBe(200);
    expect((await consentForm(browser, code, { day: '2026-01-06', how: 'email' }, await pdf('a.pdf'))).status).toBe(
      303,
    );
  });

  const yesterday = { day: '2026-01-05', how: 'letter' };
  test.each([
    ['without a proof', yesterday, undefined, [422, 'proof', 'Joignez le justificatif']],
    ['with a text as proof', yesterday, () => new File(['x'], 'a.pdf'), [422, 'proof', 'ni un PDF']],
    [
      'with too large a proof',
      yesterday,
      () => new File([Buffer.alloc(10 * 1024 * 1024 + 1)], 'a.pdf'),
      [413, 'proof', '10 Mo'],
    ],
    ['without a day', { day: '', how: 'letter' }, png, [422, 'day', 'date']],
    ['with a day to come', { day: '2999-01-01', how: 'letter' }, png, [422, 'day', 'à venir']],
    ['without a means', { day: '2026-01-05', how: '' }, png, [422, 'how', 'Choisissez comment']],
  ] as [string, Record<string, string>, (() => File) | undefined, [number, string, string]][])(
    '%s is refused beside the field',
    async (_name, fields, proof, [status, field, sentence]) => {
      const code = await registered();
      const answer = await consentForm(browser, code, fields, proof?.());
      expect([answer.status, messageBeside(answer, field)]).toEqual([status, expect.stringContaining(sentence)]);
      expect((await browser.get(`/tiers/${code}`)).text).toContain('Sans accord');
    },
  );

  test('is not withdrawn before it was given', async () => {
    const code = await registered();
    await consentForm(browser, code, { day: '2026-01-05', how: 'letter' }, png());
    const answer = await browser.submit(`/tiers/${code}/retrait`, { day: '2026-01-04', how: 'email' });
    expect([answer.status, messageBeside(answer, 'day')]).toEqual([422, expect.stringContaining('précéder')]);
    expect(answer.text).toContain('value="2026-01-04"');
    expect((await browser.get(`/tiers/${code}/retrait`)).headers.get('location')).toBe(`/tiers/${code}`);
  });
});

describe('who may do what', () => {
  test('another agency’s third party does not exist, whatever the route', async () => {
    const code = await registered();
    await consentForm(browser, code, { day: '2026-01-05', how: 'letter' }, png());
    const href =
      /href="(\/tiers\/[^"]+\/preuves\/[0-9a-f]{64})"/.exec((await browser.get(`/tiers/${code}`)).text)?.[1] ?? '';
    const stranger = await running.signedIn(await running.register('ETRANGER'));
    for (const path of [`/tiers/${code}`, `/tiers/${code}/modifier`, href]) {
      expect([path, (await stranger.get(path)).status]).toEqual([path, 404]);
    }
    for (const path of ['modifier', 'retrait', 'archivage', 'reactivation']) {
      const answer = await stranger.submit(`/tiers/${code}/${path}`, partyFields({ day: '2026-01-06', how: 'email' }));
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect((await consentForm(stranger, code, { day: '2026-01-05', how: 'letter' }, png())).status).toBe(404);
    expect((await stranger.get(`/tiers?recherche=${code}`)).text).not.toContain(`/tiers/${code}"`);
  });

  test('a reader looks and changes nothing', async () => {
    const reader = await running.signedIn(await running.register('LECTEUR', 'reader'));
    const list = await reader.get('/tiers');
    expect(list.status).toBe(200);
    expect(list.text).not.toContain('href="/tiers/nouveau"');
    for (const path of ['/tiers/nouveau', '/tiers/import']) expect((await reader.get(path)).status).toBe(403);
    for (const path of ['/tiers/nouveau', '/tiers/1/modifier', '/tiers/1/retrait', '/tiers/1/archivage']) {
      const answer = await reader.submit(path, partyFields());
      expect([path, answer.status, answer.text.includes('de modifier les tiers')]).toEqual([path, 403, true]);
    }
    expect((await consentForm(reader, '1', { day: '2026-01-05', how: 'letter' }, png())).status).toBe(403);
  });

  test('nobody is sent to the log-in', async () => {
    const answer = await running.browser().get('/tiers');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/connexion?vers=%2Ftiers']);
  });
});
