import { SESSION_COOKIE } from './browser-sessions.js';
import type { Answer } from './spec/browser.js';
import { CeremonyUnderTest } from './spec/ceremony-under-test.js';

let ceremony: CeremonyUnderTest;
beforeAll(async () => {
  ceremony = await CeremonyUnderTest.start();
});
afterAll(() => ceremony.close());

const expectNotValid = (answer: Answer) => {
  expect(answer.status).toBe(404);
  expect(answer.text).toContain('Ce lien n’est pas valable');
  expect(answer.text).toContain('ouvrez de nouveau le lien depuis l’e-mail le plus récent');
};

describe('a good link', () => {
  test('starts a session for this letter alone and takes the token out of the address', async () => {
    const letter = await ceremony.notified();
    const browser = ceremony.browser();
    const answer = await browser.get(await letter.link());
    expect([answer.status, answer.location]).toEqual([303, letter.address]);
    const [cookie] = browser.cookieLines;
    expect(cookie).toContain(`Path=${letter.address};`);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Secure/);
    expect((await browser.get(letter.address)).status).toBe(200);
  });

  test('opened again in the same browser keeps the session: two tabs are one', async () => {
    const letter = await ceremony.notified();
    const browser = ceremony.browser();
    await browser.get(await letter.link());
    const again = await browser.get(await letter.link());
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(again.location).toBe(letter.address);
  });

  test('has no effect on the letter, whoever opens it and how often', async () => {
    const letter = await ceremony.notified({ otp: true });
    const before = await letter.story();
    for (let scanner = 0; scanner < 3; scanner += 1) {
      const browser = ceremony.browser();
      await browser.follow(await letter.link());
      for (const page of [
        '',
        '/code',
        '/code/verification',
        '/accord',
        '/refus',
        '/retour',
        '/relecture',
        '/signature',
        '/fin',
      ])
        await browser.get(`${letter.address}${page}`);
      for (const page of ['/confirmation', '/documents/1', '/documents/2', '/documents/2/telechargement'])
        await browser.get(`${letter.address}${page}`);
    }
    expect(await letter.story()).toEqual(before);
  });

  test('is answered without traces: not stored, not indexed, no referrer to other sites', async () => {
    const letter = await ceremony.notified();
    const browser = ceremony.browser();
    await browser.follow(await letter.link());
    await browser.get(`${letter.address}/documents/1`);
    for (const { headers } of browser.answers) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-robots-tag')).toBe('noindex, nofollow');
      expect(headers.get('referrer-policy')).toBe('same-origin');
    }
  });
});

test('the addresses of forms lead back to the page', async () => {
  const letter = await ceremony.notified();
  const browser = ceremony.browser();
  await browser.get(await letter.link());
  for (const path of ['code', 'code/verification', 'accord', 'signature'])
    expect((await browser.get(`${letter.address}/${path}`)).location).toBe(letter.address);
  expectNotValid(await ceremony.browser().get(`${letter.address}/accord`));
});

describe('a link that is not good', () => {
  test('is answered in one way, whatever is wrong with it', async () => {
    const letter = await ceremony.notified();
    const other = await ceremony.notified();
    const link = await letter.link();
    const token = link.slice(letter.address.length + 1);
    const altered = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
    const answers: Answer[] = [];
    for (const path of [
      `${letter.address}/${altered}`,
      `${letter.address}/${token.slice(1)}`,
      `${letter.address}/${token}A`,
      `${letter.address}/x`,
      await other.link().then((own) => own.replace(other.letterId, letter.letterId)),
      link.replace(letter.letterId, '018f0000-0000-7000-8000-000000000000'),
      link.replace(letter.letterId, letter.letterId.toUpperCase()),
      link.replace(letter.letterId, 'no-letter'),
      letter.address,
    ])
      answers.push(await ceremony.browser().get(path));
    answers.forEach(expectNotValid);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
  });

  test('is the old one after a corrected address, for browsers that had opened it too', async () => {
    const letter = await ceremony.submitted();
    await letter.deposit();
    const browser = ceremony.browser();
    await browser.follow(await letter.link());
    await letter.bounce();
    await letter.command({ type: 'correctAddress', email: 'nouveau@charpentier.example', at: ceremony.clock.now() });
    await letter.notify(2);
    expectNotValid(await browser.get(await letter.link(1)));
    expectNotValid(await browser.get(letter.address));
    expectNotValid(await browser.post(`${letter.address}/accord`));
    expect((await browser.follow(await letter.link(2))).status).toBe(200);
    expect(await letter.story()).not.toContain('Accepted');
  });

  test('may be tried twenty times an hour, then even the good one has to wait', async () => {
    const letter = await ceremony.notified();
    const other = await ceremony.notified();
    const browser = ceremony.browser();
    for (let count = 0; count < 20; count += 1) expectNotValid(await browser.get(`${letter.address}/wrong-${count}`));
    const refused = await browser.get(await letter.link());
    expect(refused.status).toBe(429);
    expect(refused.text).toContain('réessayez dans 60 minutes');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect((await browser.get(await other.link())).status).toBe(303);
  });
});

describe('a session', () => {
  test('cannot be forged nor taken from another letter', async () => {
    const letter = await ceremony.notified();
    const other = await ceremony.notified();
    const browser = ceremony.browser();
    await browser.get(await other.link());
    const foreign = browser.cookie(other.address);
    const seal = foreign.split('.')[2] ?? '';
    for (const cookie of [
      foreign,
      `${SESSION_COOKIE}=1.${'A'.repeat(43)}.${seal}`,
      `${SESSION_COOKIE}=`,
      `${SESSION_COOKIE}=j:{}`,
    ]) {
      browser.setCookie(letter.address, cookie);
      expectNotValid(await browser.get(letter.address));
      expectNotValid(await browser.post(`${letter.address}/accord`));
      expectNotValid(await browser.get(`${letter.address}/documents/1`));
      expectNotValid(await browser.post(`${letter.address}/documents/2`));
    }
    expect(await letter.story()).not.toContain('Accepted');
  });

  test('is not used by the forms of another site', async () => {
    const letter = await ceremony.notified();
    const browser = ceremony.browser();
    await browser.get(await letter.link());
    const answer = await browser.post(`${letter.address}/accord`, {}, { 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('Cette demande vient d’un autre site');
    expect(await letter.story()).not.toContain('Accepted');
  });
});

describe('a link that is quicker than the records', () => {
  test.each(['submitted', 'deposited'])('waits for a letter that is only %s', async (state) => {
    const letter = await ceremony.submitted();
    if (state === 'deposited') await letter.deposit();
    const before = await letter.story();
    const browser = ceremony.browser();
    const page = await browser.follow(await letter.link());
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Votre lettre arrive')]);
    expect((await browser.get(`${letter.address}/documents/1`)).location).toBe(letter.address);
    const early = await browser.post(`${letter.address}/accord`);
    expect([early.status, early.text]).toEqual([409, expect.stringContaining('attendez l’envoi de l’avis')]);
    expect((await browser.post(`${letter.address}/signature`, { consentement: 'fr-1' })).status).toBe(409);
    expect(await letter.story()).toEqual(before);
  });

  test('leads to the letter, in the same session, as soon as the notice is recorded', async () => {
    const letter = await ceremony.submitted();
    await letter.deposit();
    const browser = ceremony.browser();
    await browser.follow(await letter.link());
    await letter.notify();
    expect((await browser.get(letter.address)).text).toContain('Document 1 de 3');
  });
});

test('the entrance says where to go, and the process says that it is up', async () => {
  const browser = ceremony.browser();
  expect((await browser.get('/')).text).toContain('Ouvrez le lien');
  expect((await browser.get('/health/live')).text).toBe('{"status":"up"}');
  expect((await browser.get('/nowhere')).status).toBe(404);
});
