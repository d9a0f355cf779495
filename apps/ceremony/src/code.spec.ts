import { randomUUID } from 'node:crypto';
import type { Answer, Browser } from './spec/browser.js';
import { CeremonyUnderTest, type LetterUnderTest } from './spec/ceremony-under-test.js';

let ceremony: CeremonyUnderTest;
let letter: LetterUnderTest;
let browser: Browser;
beforeAll(async () => {
  ceremony = await CeremonyUnderTest.start();
});
afterAll(() => ceremony.close());
beforeEach(async () => {
  letter = await ceremony.notified({ otp: true });
  browser = ceremony.browser();
  await browser.get(await letter.link());
});

const ask = () => browser.submit(`${letter.address}/code`);
const formOf = ({ text }: Answer): string => /name="formulaire" value="([^"]+)"/.exec(text)?.[1] ?? '';
const enter = async (code: string, from = browser) => {
  const formulaire = formOf(await from.get(letter.address));
  return from.submit(`${letter.address}/code/verification`, { formulaire: formulaire || randomUUID(), code });
};
const wrong = async (challenge = 1) => ((await letter.code(challenge)) === '000000' ? '000001' : '000000');

test('the page shows which telephone is meant, nothing else of the letter, and sends nothing by itself', async () => {
  const page = await browser.get(letter.address);
  expect(page.status).toBe(200);
  expect(page.text).toContain('Authentification');
  expect(page.text).toContain('06 •• •• •• 78');
  expect(page.text).toContain('Recevoir mon code par SMS');
  expect(page.text).not.toMatch(/612345678|12 34 56|CHARPENTIER|LRE_9998/);
  expect(await letter.story()).not.toContain('OtpRequested');
});

test('the button asks for a code, the code opens the letter in this browser', async () => {
  const asked = await ask();
  expect(asked.text).toContain('Code reçu par SMS');
  expect(asked.text).toContain('5 essais');
  const opened = await enter(await letter.code(1));
  expect(opened.text).toContain('Document 1 de 3');
  expect((await letter.story()).slice(-2)).toEqual(['OtpRequested', 'OtpVerified']);
});

test('blanks in the code do not matter', async () => {
  await ask();
  const code = await letter.code(1);
  expect((await enter(` ${code.slice(0, 3)} ${code.slice(3)}`)).text).toContain('Document 1 de 3');
});

test('another browser with the same link has to give a code of its own', async () => {
  await ask();
  await enter(await letter.code(1));
  const other = ceremony.browser();
  expect((await other.follow(await letter.link())).text).toContain('Recevoir mon code par SMS');
  const stolen = await other.post(`${letter.address}/code/verification`, {
    formulaire: randomUUID(),
    code: await letter.code(1),
  });
  expect([stolen.status, stolen.text]).toEqual([409, expect.stringContaining('Aucun code en cours')]);
});

test('a wrong code counts, and the page says how many tries are left', async () => {
  await ask();
  const page = await enter(await wrong());
  expect([page.status, page.text]).toEqual([200, expect.stringMatching(/Ce code n’est pas le bon.*4 essais/)]);
  expect((await letter.story()).at(-1)).toBe('OtpRejected');
});

test('the same form sent twice counts once; another code from the same page is another try', async () => {
  const formulaire = formOf(await ask());
  const form = { formulaire, code: await wrong() };
  await Promise.all([1, 2].map(() => browser.post(`${letter.address}/code/verification`, form)));
  expect((await letter.story()).filter((type) => type === 'OtpRejected')).toHaveLength(1);
  const right = { formulaire, code: await letter.code(1) };
  expect((await browser.submit(`${letter.address}/code/verification`, right)).text).toContain('Document 1 de 3');
});

test('what is no code at all is said beside the field and does not count', async () => {
  await ask();
  for (const code of ['', '12345', '1234567', 'abcdef']) {
    const page = await enter(code);
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('Le code comporte six chiffres')]);
    expect(page.text).toContain('5 essais');
  }
  const form = { formulaire: formOf(await browser.get(letter.address)), code: await letter.code(1), extra: '1' };
  expect((await browser.post(`${letter.address}/code/verification`, form)).status).toBe(422);
  expect(await letter.story()).not.toContain('OtpRejected');
});

test('after five wrong codes even the right one is refused; a new one opens', async () => {
  await ask();
  for (let count = 0; count < 5; count += 1) await enter(await wrong());
  const blocked = await browser.get(letter.address);
  expect(blocked.text).toContain('ce code est bloqué');
  expect(blocked.text).not.toContain('Connexion');
  const late = await enter(await letter.code(1));
  expect([late.status, late.text]).toEqual([429, expect.stringContaining('Trop d’essais')]);
  ceremony.clock.advance({ seconds: 30 });
  await ask();
  expect((await enter(await letter.code(2))).text).toContain('Document 1 de 3');
});

test('a code is over after ten minutes', async () => {
  await ask();
  ceremony.clock.advance({ minutes: 10 });
  expect((await browser.get(letter.address)).text).toContain('n’est plus valable');
  const late = await enter(await letter.code(1));
  expect([late.status, late.text]).toEqual([410, expect.stringContaining('Ce code n’est plus valable')]);
});

test('a new code too soon is refused with the reason, and the old one still works', async () => {
  await ask();
  const soon = await browser.post(`${letter.address}/code`);
  expect([soon.status, soon.text]).toEqual([429, expect.stringContaining('patientez trente secondes')]);
  expect(soon.text).toContain('Code reçu par SMS');
  expect((await enter(await letter.code(1))).text).toContain('Document 1 de 3');
});

test('an SMS that cannot be delivered is said', async () => {
  await ask();
  const failure = { challenge: 1, deliveryId: 'sms-1', reason: 'unreachable' };
  await letter.command({ type: 'failOtp', ...failure, at: ceremony.clock.now() });
  const page = await browser.get(letter.address);
  expect(page.text).toContain('Le SMS n’a pas pu être remis');
  expect(page.text).toContain('Demander un nouveau code');
});

test('without the code nothing can be answered or read', async () => {
  const before = await letter.story();
  for (const [path, form] of [
    ['accord', {}],
    ['refus', {}],
    ['signature', { consentement: 'fr-1' }],
    ['documents/2', {}],
  ] as const) {
    const answer = await browser.post(`${letter.address}/${path}`, form);
    expect([path, answer.status, answer.text]).toEqual([path, 403, expect.stringContaining('Identifiez-vous d’abord')]);
    expect(answer.text).toContain('Recevoir mon code par SMS');
  }
  for (const path of ['retour', 'refus', 'relecture', 'fin', 'confirmation', 'documents/1', 'documents/2'])
    expect((await browser.get(`${letter.address}/${path}`)).location).toBe(letter.address);
  expect(await letter.story()).toEqual(before);
});

test('a letter without a code by SMS refuses to send one', async () => {
  letter = await ceremony.notified();
  await browser.get(await letter.link());
  const answer = await browser.post(`${letter.address}/code`);
  expect([answer.status, answer.text]).toEqual([409, expect.stringContaining('ne demande pas de code')]);
});
