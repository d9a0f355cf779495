import { randomUUID } from 'node:crypto';
import { CeremonyUnderTest, DOCUMENT_NAMES, SENDER } from './spec/ceremony-under-test.js';
import type { Answer, Browser } from './spec/browser.js';

let ceremony: CeremonyUnderTest;
beforeAll(async () => {
  ceremony = await CeremonyUnderTest.start();
});
afterAll(() => ceremony.close());

/** Whatever tells who writes: in clear, escaped, percent-encoded or without accents. */
const TELLTALES = /mirabeau|filles|mise[ %_]*20?en|demeure|loyer|decompte|d%C3%A9compte|décompte|mars"|40017/i;

const wholeAnswer = ({ status, headers, text }: Answer): string =>
  [status, ...[...headers].map(([name, value]) => `${name}: ${value}`), text].join('\n');

const PAGES = ['', '/retour', '/refus', '/relecture', '/fin', '/confirmation'];
const FILES = ['/documents/1', '/documents/1/telechargement', '/documents/2', '/documents/3/telechargement'];

async function everyGet(browser: Browser, address: string): Promise<void> {
  for (const path of [...PAGES, ...FILES]) await browser.get(`${address}${path}`);
}

async function everyWrongPost(browser: Browser, address: string): Promise<void> {
  await browser.post(`${address}/signature`, { consentement: 'fr-1' });
  await browser.post(`${address}/signature`, { consentement: 'other' });
  await browser.post(`${address}/code/verification`, { formulaire: randomUUID(), code: '1' });
  await browser.post(`${address}/code`);
  for (const path of ['/documents/2', '/documents/3/telechargement', '/documents/9'])
    await browser.post(`${address}${path}`);
}

test.each([
  ['with a code by SMS', true],
  ['without', false],
])('no answer before acceptance tells who writes, %s', async (_, otp) => {
  const letter = await ceremony.notified({ otp });
  const browser = ceremony.browser();
  await browser.get(`${letter.address}/wrong`);
  await browser.get(await letter.link());
  await everyGet(browser, letter.address);
  await everyWrongPost(browser, letter.address);
  if (otp) {
    await everyGet(browser, letter.address);
    const { text } = await browser.get(letter.address);
    const formulaire = /name="formulaire" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await browser.post(`${letter.address}/code/verification`, { formulaire, code: await letter.code(1) });
    await everyGet(browser, letter.address);
    await everyWrongPost(browser, letter.address);
  }
  expect(browser.answers.length).toBeGreaterThan(15);
  for (const answer of browser.answers) expect(wholeAnswer(answer)).not.toMatch(TELLTALES);

  // The same eyes do see it afterwards: the pages know the sender, they only keep silent.
  await browser.post(`${letter.address}/accord`);
  expect(wholeAnswer(await browser.get(letter.address))).toMatch(TELLTALES);
});

test.each(['refused', 'expired'])('nor does a letter that was %s', async (end) => {
  const letter = await ceremony.notified();
  const browser = ceremony.browser();
  await browser.get(await letter.link());
  if (end === 'refused') await browser.post(`${letter.address}/refus`);
  else ceremony.clock.advance({ days: 17 });
  await everyGet(browser, letter.address);
  await everyWrongPost(browser, letter.address);
  for (const answer of browser.answers) expect(wholeAnswer(answer)).not.toMatch(TELLTALES);
});

test('the telltales are those of the letter', () => {
  for (const text of [SENDER.name, SENDER.email, ...DOCUMENT_NAMES, ...DOCUMENT_NAMES.map(encodeURIComponent)])
    expect(text).toMatch(TELLTALES);
});
