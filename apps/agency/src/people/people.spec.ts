import { QueryBus } from '@nestjs/cqrs';
import { TOTP, Secret } from 'otpauth';
import { accessToken, AgencyById } from '#libs/commands';
import type { AgencyUser } from '#libs/directory';
import { Keyring } from '#libs/event-store';
import type { Answer, Browser } from '../spec/clients.js';
import { jsonOf } from '../spec/clients.js';
import { PASSWORD, RunningAgency, type Registered } from '../spec/running-agency.js';

let running: RunningAgency;
let strict: RunningAgency;
let latour: Registered;
let manager: Browser;

beforeAll(async () => {
  running = await RunningAgency.start();
  strict = await RunningAgency.start({ secondFactor: 'required' });
  latour = await running.register('LATOUR', 'manager');
  manager = await running.signedIn(latour);
}, 60_000);
afterAll(async () => {
  await running.close();
  await strict.close();
});

const NEW_PASSWORD = 'la vieille girouette grince';

async function users(of: RunningAgency, { agencyId }: Registered): Promise<readonly AgencyUser[]> {
  const { state } = await of.app.get(QueryBus).execute(new AgencyById(agencyId));
  return state.status === 'registered' ? state.users : [];
}

async function userOf(of: RunningAgency, registered: Registered, email = registered.email): Promise<AgencyUser> {
  const found = (await users(of, registered)).find(({ personal }) => personal !== 'erased' && personal.email === email);
  if (!found) throw new Error(`Nobody has the address ${email}.`);
  return found;
}

/** The address in the mail that the worker sends. */
async function linkOf(
  registered: Registered,
  purpose: 'invitation' | 'password-reset',
  linkId: string,
): Promise<string> {
  const key = await running.app.get(Keyring).get(`agency-${registered.agencyId}`);
  const token = accessToken(key, purpose, registered.agencyId, linkId);
  return purpose === 'invitation' ? `/invitation/${token}` : `/mot-de-passe/${token}`;
}

async function invite(email: string, role = 'clerk'): Promise<string> {
  expect((await manager.submit('/equipe/invitations', { email, role })).headers.get('location')).toBe(
    '/equipe?fait=invitation',
  );
  const { invitation } = await userOf(running, latour, email);
  return linkOf(latour, 'invitation', invitation?.linkId ?? '');
}

const logIn = async (of: RunningAgency, email: string, password = PASSWORD): Promise<[Browser, Answer]> => {
  const browser = of.browser();
  return [browser, await browser.submit('/connexion', { email, password })];
};

const answers = { name: 'Paul Durand', password: NEW_PASSWORD, again: NEW_PASSWORD };

describe('an invitation', () => {
  test('leads to an account, once', async () => {
    const link = await invite('paul@latour.example');
    const browser = running.browser();
    const page = await browser.get(link);
    expect(page.text).toContain('Rejoindre Agence LATOUR');
    expect(page.text).toContain('paul@latour.example');
    const weak = await browser.submit(link, { ...answers, password: 'paul', again: 'paul' });
    expect([weak.status, weak.text.includes('au moins 12 caractères'), weak.text.includes('Paul Durand')]).toEqual([
      422,
      true,
      true,
    ]);
    expect((await browser.submit(link, answers)).headers.get('location')).toBe('/connexion?fait=invitation');
    expect((await browser.get(link)).status).toBe(410);
    expect((await browser.submit(link, answers)).status).toBe(410);
    const [paul, entered] = await logIn(running, 'paul@latour.example', NEW_PASSWORD);
    expect(entered.status).toBe(303);
    expect((await paul.get('/equipe')).status).toBe(403);
  });

  test('of several who accept it at the same moment, one does', async () => {
    const link = await invite('vite@latour.example');
    const all = await Promise.all([1, 2, 3, 4].map(() => running.browser().submit(link, answers)));
    expect(all.map(({ status }) => status).toSorted()).toEqual([303, 410, 410, 410]);
  });

  test('is replaced by a later one, withdrawn, and over after seven days', async () => {
    const first = await invite('tard@latour.example');
    const second = await invite('tard@latour.example');
    const browser = running.browser();
    expect([(await browser.get(first)).status, (await browser.get(second)).status]).toEqual([410, 200]);
    const { userId } = await userOf(running, latour, 'tard@latour.example');
    await manager.submit(`/equipe/${userId}/desactivation`, {});
    expect((await browser.get(second)).status).toBe(410);
    const third = await invite('tard@latour.example');
    running.clock.advance(7 * 24 * 3_600_000);
    const late = await browser.get(third);
    expect([late.status, late.text.includes('son délai est passé')]).toEqual([410, true]);
    manager = await running.signedIn(latour);
  });

  test('is not sent to somebody who has an account, here or elsewhere', async () => {
    const other = await running.register('AUTRE', 'manager');
    for (const email of [latour.email, other.email, other.email.toUpperCase()]) {
      const answer = await manager.submit('/equipe/invitations', { email, role: 'clerk' });
      expect([answer.status, answer.text.includes('id="email-fault"')]).toEqual([409, true]);
    }
    const faulty = await manager.submit('/equipe/invitations', { email: 'pas une adresse', role: 'chef' });
    expect([faulty.status, faulty.text.includes('value="pas une adresse"')]).toEqual([422, true]);
  });

  test('a link that is altered or of another purpose leads nowhere', async () => {
    const link = await invite('altere@latour.example');
    const altered = `${link.slice(0, -2)}${link.endsWith('AA') ? 'BB' : 'AA'}`;
    const browser = running.browser();
    expect((await browser.get(altered)).status).toBe(410);
    expect((await browser.get(link.replace('/invitation/', '/mot-de-passe/'))).status).toBe(410);
    expect((await browser.get('/invitation/x')).status).toBe(410);
  });
});

describe('a forgotten password', () => {
  test('is replaced by a mailed link; every session ends, a second use does nothing', async () => {
    const registered = await running.register('OUBLI');
    const [before] = await logIn(running, registered.email);
    const asked = await running.browser().submit('/mot-de-passe', { email: registered.email });
    const unknown = await running.browser().submit('/mot-de-passe', { email: 'personne@exemple.example' });
    expect([asked.status, asked.headers.get('location')]).toEqual([unknown.status, unknown.headers.get('location')]);
    const { reset } = await userOf(running, registered);
    const link = await linkOf(registered, 'password-reset', reset?.linkId ?? '');
    expect((await running.browser().get(link)).status).toBe(200);
    const changed = await running.browser().submit(link, { password: NEW_PASSWORD, again: NEW_PASSWORD });
    expect(changed.headers.get('location')).toBe('/connexion?fait=mot-de-passe');
    expect((await before.get('/lettres')).status).toBe(303);
    expect((await logIn(running, registered.email))[1].status).toBe(401);
    expect((await logIn(running, registered.email, NEW_PASSWORD))[1].status).toBe(303);
    expect((await running.browser().submit(link, { password: PASSWORD, again: PASSWORD })).status).toBe(410);
  });

  test('its e-mails to one address are few', async () => {
    const registered = await running.register('INSISTE');
    const links = new Set<string>();
    for (let time = 0; time < 5; time += 1) {
      expect((await running.browser().submit('/mot-de-passe', { email: registered.email })).status).toBe(303);
      links.add((await userOf(running, registered)).reset?.linkId ?? '');
    }
    expect(links.size).toBe(3);
  });
});

describe('roles and access', () => {
  test('a changed role, a deactivation and a new password end the sessions', async () => {
    const { userId, email } = await running.addUser(latour, 'clerk', 'marie@latour.example');
    const enter = async () => (await logIn(running, email))[0];
    let marie = await enter();
    await manager.submit(`/equipe/${userId}/role`, { role: 'reader' });
    expect((await marie.get('/lettres')).status).toBe(303);
    marie = await enter();
    expect((await marie.get('/lettres/nouvelle')).status).toBe(403);
    await manager.submit(`/equipe/${userId}/desactivation`, {});
    expect((await marie.get('/lettres')).status).toBe(303);
    expect((await logIn(running, email))[1].status).toBe(401);
    await manager.submit(`/equipe/${userId}/reactivation`, {});
    marie = await enter();
    const elsewhere = await enter();
    const passwords = { current: PASSWORD, password: NEW_PASSWORD, again: NEW_PASSWORD };
    const wrong = await marie.submit('/compte/mot-de-passe', { ...passwords, current: 'autre' });
    expect([wrong.status, wrong.text.includes('id="current-fault"')]).toEqual([422, true]);
    expect((await marie.submit('/compte/mot-de-passe', passwords)).headers.get('location')).toBe(
      '/compte?fait=mot-de-passe',
    );
    expect([(await marie.get('/compte')).status, (await elsewhere.get('/compte')).status]).toEqual([200, 303]);
  });

  test('the last manager stays', async () => {
    const alone = await running.register('SEULE', 'manager');
    const browser = await running.signedIn(alone);
    const { userId } = await userOf(running, alone);
    for (const [action, fields] of [
      ['role', { role: 'reader' }],
      ['desactivation', {}],
    ] as const) {
      const answer = await browser.submit(`/equipe/${userId}/${action}`, fields);
      expect([answer.status, answer.text.includes('doit garder un gestionnaire')]).toEqual([409, true]);
    }
  });

  test('of two managers who demote each other at the same moment, one stays', async () => {
    const pair = await running.register('DUEL', 'manager');
    const second = await running.addUser(pair, 'manager');
    const first = await userOf(running, pair);
    const [one, two] = [await running.signedIn(pair), await running.signedIn(second)];
    await Promise.all([
      one.submit(`/equipe/${second.userId}/role`, { role: 'clerk' }),
      two.submit(`/equipe/${first.userId}/role`, { role: 'clerk' }),
    ]);
    const roles = (await users(running, pair)).map(({ role }) => role);
    expect(roles.toSorted()).toEqual(['clerk', 'manager']);
  });

  test('programs keep users, too', async () => {
    const program = running.program(latour.apiKey);
    const json = { 'content-type': 'application/json' };
    const send = (path: string, method: string, body: unknown) =>
      program.request(path, { method, headers: json, body: JSON.stringify(body) });
    const invited = await send('/api/users', 'POST', { email: 'api@latour.example', role: 'reader' });
    expect([invited.status, jsonOf(invited)]).toMatchObject([201, { email: 'api@latour.example', status: 'invited' }]);
    const { userId } = await userOf(running, latour, 'api@latour.example');
    expect(jsonOf(await send(`/api/users/${userId}/role`, 'PUT', { role: 'clerk' }))).toMatchObject({ role: 'clerk' });
    expect((await send(`/api/users/${userId}/role`, 'PUT', { role: 'chef' })).status).toBe(422);
    const off = await send(`/api/users/${userId}/deactivation`, 'POST', {});
    expect(jsonOf(off)).toMatchObject({ status: 'deactivated' });
    expect((await send(`/api/users/${userId}/reactivation`, 'POST', {})).status).toBe(409);
    const { users: listed } = jsonOf(await program.request('/api/users')) as { users: object[] };
    expect(JSON.stringify(listed)).not.toMatch(/argon2|secret|hash/i);
  });

  test('an API key is shown once and ends with its revocation', async () => {
    const page = await manager.submit('/equipe/cles-api', { label: 'Compta' });
    const [apiKey = ''] = /pli_[\w-]{43}/.exec(page.text) ?? [];
    expect((await running.program(apiKey).request('/api/letters')).status).toBe(200);
    const list = await manager.get('/equipe');
    expect(list.text).not.toContain(apiKey);
    const [, keyId = ''] =
      /cles-api\/([^/"]+)\/revocation"><button class="link" aria-label="Révoquer la clé Compta/.exec(list.text) ?? [];
    await manager.submit(`/equipe/cles-api/${keyId}/revocation`, {});
    expect((await running.program(apiKey).request('/api/letters')).status).toBe(401);
  });
});

/** The code that an authenticator app shows. */
const codeOf = (secret: string, at: RunningAgency, ahead = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.parse(at.clock.now()) + ahead });

describe('a second factor', () => {
  let registered: Registered;
  let secret: string;
  let recoveryCodes: string[];

  beforeAll(async () => {
    registered = await strict.register('DOUBLE', 'manager');
  });

  test('must be set up by a manager before he gets in; a clerk may do without', async () => {
    const [browser, entered] = await logIn(strict, registered.email);
    expect(entered.headers.get('location')).toBe('/compte/second-facteur?vers=%2Flettres');
    expect((await browser.get('/lettres')).headers.get('location')).toBe('/compte/second-facteur?vers=%2Flettres');
    expect((await browser.get('/compte')).status).toBe(303);
    expect((await browser.get('/compte/second-facteur')).text).toContain('Les gestionnaires doivent');
    await browser.submit('/compte/second-facteur', {});
    const page = await browser.get('/compte/second-facteur');
    secret = (/<span class="mono">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
    const image = await browser.get('/compte/second-facteur/qr.svg');
    expect([image.headers.get('content-type'), image.text.startsWith('<svg')]).toEqual([
      'image/svg+xml; charset=utf-8',
      true,
    ]);
    const wrong = await browser.submit('/compte/second-facteur/confirmation', { code: '000000' });
    expect([wrong.status, wrong.text.includes('id="code-fault"')]).toEqual([422, true]);
    const old = browser.cookie('pli_session');
    const done = await browser.submit('/compte/second-facteur/confirmation', { code: codeOf(secret, strict) });
    recoveryCodes = done.text.match(/[A-Z2-9]{5}-[A-Z2-9]{5}/g) ?? [];
    expect(recoveryCodes).toHaveLength(10);
    expect(browser.cookie('pli_session')).not.toBe(old);
    expect((await browser.get('/lettres')).status).toBe(200);
    const clerk = await strict.addUser(registered, 'clerk');
    expect((await logIn(strict, clerk.email))[1].headers.get('location')).toBe('/lettres');
  });

  test('is asked for after the password; the code of a step lets in once', async () => {
    strict.clock.advance(60_000);
    const code = codeOf(secret, strict);
    const attempt = async (): Promise<Answer> => {
      const [browser, entered] = await logIn(strict, registered.email);
      expect(entered.headers.get('location')).toBe('/connexion/code?vers=%2Flettres');
      expect((await browser.get('/lettres')).headers.get('location')).toBe('/connexion/code?vers=%2Flettres');
      return browser.submit('/connexion/code', { code });
    };
    const all = await Promise.all([attempt(), attempt(), attempt()]);
    expect(all.map(({ status }) => status).toSorted()).toEqual([303, 401, 401]);
    expect((await attempt()).status).toBe(401);
  });

  test('a code of a minute ago is none', async () => {
    const stale = codeOf(secret, strict);
    strict.clock.advance(61_000);
    const [browser] = await logIn(strict, registered.email);
    expect((await browser.submit('/connexion/code', { code: stale })).status).toBe(401);
    expect((await browser.submit('/connexion/code', { code: codeOf(secret, strict) })).status).toBe(303);
  });

  test('a recovery code lets in once, whoever comes with it at the same moment', async () => {
    const attempt = async (code: string): Promise<number> => {
      const [browser] = await logIn(strict, registered.email);
      return (await browser.submit('/connexion/code', { code: code.toLowerCase() })).status;
    };
    const [one = '', two = ''] = recoveryCodes;
    expect((await Promise.all([attempt(one), attempt(one)])).toSorted()).toEqual([303, 401]);
    expect(await attempt(two)).toBe(303);
  });

  test('too many wrong codes end the log-in and lock it', async () => {
    const locked = await strict.register('CODES', 'manager');
    const [browser] = await logIn(strict, locked.email);
    await browser.submit('/compte/second-facteur', {});
    const page = await browser.get('/compte/second-facteur');
    const own = (/<span class="mono">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
    await browser.submit('/compte/second-facteur/confirmation', { code: codeOf(own, strict) });
    const [second] = await logIn(strict, locked.email);
    for (let time = 0; time < 5; time += 1) {
      expect((await second.submit('/connexion/code', { code: '000000' })).status).toBe(401);
    }
    strict.clock.advance(60_000);
    const refused = await second.submit('/connexion/code', { code: codeOf(own, strict) });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    expect((await userOf(strict, locked)).lock).not.toBeNull();
  });

  test('is removed by who knows the password, and then has to be set up again', async () => {
    strict.clock.advance(60_000);
    const [browser] = await logIn(strict, registered.email);
    await browser.submit('/connexion/code', { code: codeOf(secret, strict) });
    expect((await browser.submit('/compte/second-facteur/desactivation', { password: 'autre' })).status).toBe(422);
    const removed = await browser.submit('/compte/second-facteur/desactivation', { password: PASSWORD });
    expect(removed.headers.get('location')).toBe('/connexion?fait=second-facteur');
    const [, entered] = await logIn(strict, registered.email);
    expect(entered.headers.get('location')).toContain('/compte/second-facteur');
  });
});

describe('wrong passwords', () => {
  test('slow down, then lock the account, even for the right one; a manager lifts it', async () => {
    const { userId, email } = await running.addUser(latour, 'clerk', 'lent@latour.example');
    // Pauses double from the fourth attempt on: sooner or later the next attempt falls into one.
    let slowed = (await logIn(running, email, 'faux'))[1];
    for (let time = 1; time < 10 && slowed.status === 401; time += 1) slowed = (await logIn(running, email, 'faux'))[1];
    expect([slowed.status, slowed.text.includes('Trop d’essais')]).toEqual([429, true]);
    expect(slowed.text).toContain(`value="${email}"`);
    await running.exhaustLogIn(email);
    const locked = (await logIn(running, email))[1];
    expect([locked.status, Number(locked.headers.get('retry-after')) > 60]).toEqual([429, true]);
    await manager.submit(`/equipe/${userId}/deblocage`, {});
    expect((await logIn(running, email))[1].status).toBe(303);
  });

  test('the last one before the lock-out is written down, for the worker to tell the owner', async () => {
    const { email } = await running.addUser(latour, 'clerk', 'verrou@latour.example');
    await running.exhaustLogIn(email, 1);
    expect((await userOf(running, latour, email)).lock).toBeNull();
    expect((await logIn(running, email, 'faux'))[1].status).toBe(401);
    expect((await userOf(running, latour, email)).lock).not.toBeNull();
    const page = await manager.get('/equipe');
    expect(page.text).toContain('Bloqué');
  });

  test('an address that nobody has is locked just the same', async () => {
    await running.exhaustLogIn('personne@nulle-part.example');
    expect((await logIn(running, 'personne@nulle-part.example'))[1].status).toBe(429);
  });
});
