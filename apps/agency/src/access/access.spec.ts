import { jsonOf } from '../spec/clients.js';
import { PASSWORD, RunningAgency, type Registered } from '../spec/running-agency.js';

let running: RunningAgency;
let latour: Registered;

beforeAll(async () => {
  running = await RunningAgency.start();
  latour = await running.register('LATOUR');
});
afterAll(() => running.close());

describe('log-in', () => {
  test('the front door leads to the letters, the letters to the log-in, and the log-in back to them', async () => {
    const browser = running.browser();
    expect((await browser.get('/')).headers.get('location')).toBe('/lettres');
    const turned = await browser.get('/lettres?statut=signed');
    expect([turned.status, turned.headers.get('location')]).toEqual([
      303,
      '/connexion?vers=%2Flettres%3Fstatut%3Dsigned',
    ]);
    expect((await browser.get('/connexion?vers=%2Flettres%3Fstatut%3Dsigned')).text).toContain(
      'name="vers" value="/lettres?statut&#x3D;signed"',
    );
    const fields = { email: latour.email, password: PASSWORD, vers: '/lettres?statut=signed' };
    const entered = await browser.submit('/connexion', fields);
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/lettres?statut=signed']);
    expect((await browser.get('/lettres')).status).toBe(200);
    expect((await browser.get('/connexion')).headers.get('location')).toBe('/lettres');
  });

  test('the address is the same in any case and with spaces around it', async () => {
    const answer = await running
      .browser()
      .submit('/connexion', { email: ` ${latour.email.toUpperCase()} `, password: PASSWORD });
    expect(answer.status).toBe(303);
  });

  test('an unknown user and a wrong password get the very same page', async () => {
    const wrong = await running.browser().submit('/connexion', { email: latour.email, password: 'autre' });
    const unknown = await running.browser().submit('/connexion', { email: 'personne@example.fr', password: 'autre' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(unknown.text.replace('personne@example.fr', latour.email)).toBe(wrong.text);
    expect(wrong.text).toContain('Adresse e-mail ou mot de passe incorrect');
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  test('a form without fields is a wrong log-in, not an error', async () => {
    expect((await running.browser().submit('/connexion', {})).status).toBe(401);
  });

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'lettres', '/connexion?vers=x', ''])(
    'never leads to %j',
    async (vers) => {
      const answer = await running.browser().submit('/connexion', { email: latour.email, password: PASSWORD, vers });
      expect(answer.headers.get('location')).toBe('/lettres');
    },
  );

  test('a form of another site is refused', async () => {
    const fields = { email: latour.email, password: PASSWORD };
    const answer = await running.browser().submit('/connexion', fields, { origin: 'https://evil.example' });
    expect(answer.status).toBe(403);
  });
});

describe('session', () => {
  test('the cookie is for HTTP only, of this site only, and new at each log-in', async () => {
    const browser = running.browser();
    const fields = { email: latour.email, password: PASSWORD };
    const [first] = (await browser.submit('/connexion', fields)).headers.getSetCookie();
    const [second] = (await browser.submit('/connexion', fields)).headers.getSetCookie();
    expect(first).toMatch(/^pli_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(second).not.toBe(first);
  });

  test('an altered token opens nothing', async () => {
    const browser = running.browser();
    browser.setCookie('pli_session', 'A'.repeat(43));
    expect((await browser.get('/lettres')).status).toBe(303);
  });

  test('after the log-out the old token opens nothing', async () => {
    const browser = await running.signedIn(latour);
    const token = browser.cookie('pli_session') ?? '';
    const answer = await browser.submit('/deconnexion', {});
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/connexion']);
    expect(browser.cookie('pli_session')).toBeUndefined();
    browser.setCookie('pli_session', token);
    expect((await browser.get('/lettres')).status).toBe(303);
  });

  test('ends after twelve hours, used or not', async () => {
    const browser = await running.signedIn(latour);
    running.clock.advance(11 * 3_600_000);
    expect((await browser.get('/lettres')).status).toBe(200);
    running.clock.advance(1 * 3_600_000 + 1_000);
    expect((await browser.get('/lettres')).status).toBe(303);
  });

  test('pages are never kept by a cache', async () => {
    const browser = await running.signedIn(latour);
    expect((await browser.get('/lettres')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('a reader', () => {
  test('looks, but sends nothing', async () => {
    const browser = await running.signedIn(await running.register('LECTURE', 'reader'));
    const list = await browser.get('/lettres');
    expect(list.status).toBe(200);
    expect(list.text).not.toContain('/lettres/nouvelle');
    expect((await browser.get('/lettres/nouvelle')).status).toBe(403);
    expect((await browser.upload('/lettres/nouvelle', new FormData())).status).toBe(403);
  });
});

describe('API key', () => {
  test.each([
    ['none', {}],
    ['an unknown one', { authorization: `Bearer pli_${'A'.repeat(43)}` }],
    ['one of another form', { authorization: 'Bearer x' }],
    ['another scheme', { authorization: 'Basic cGxpOnBsaQ==' }],
  ])('%s is answered with 401 and what to send', async (_name, headers) => {
    const answer = await running.program().request('/api/letters', { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="pli"');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(jsonOf(answer)).toMatchObject({
      status: 401,
      code: 'API_KEY_NEEDED',
      type: 'urn:pli:problem:API_KEY_NEEDED',
    });
  });

  test('a session opens no API, a key opens no page', async () => {
    const browser = await running.signedIn(latour);
    expect((await browser.get('/api/letters')).status).toBe(401);
    expect((await running.program(latour.apiKey).request('/api/letters')).status).toBe(200);
    const page = await running.browser().get('/lettres', { authorization: `Bearer ${latour.apiKey}` });
    expect(page.status).toBe(303);
  });
});

test('behind https the cookie travels by https only', async () => {
  const secure = await RunningAgency.start({ publicUrl: 'https://agence.example.fr' });
  try {
    const { email } = await secure.register('SECURE');
    const [cookie] = (
      await secure.browser().submit('/connexion', { email, password: PASSWORD })
    ).headers.getSetCookie();
    expect(cookie).toContain('; Secure');
  } finally {
    await secure.close();
  }
});

test('says that it is up', async () => {
  const answer = await running.program().request('/health/live');
  expect([answer.status, answer.text]).toEqual([200, '{"status":"up"}']);
});
