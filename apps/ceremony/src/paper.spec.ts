import { CeremonyUnderTest, SENDER, type LetterUnderTest } from './spec/ceremony-under-test.js';
import type { Browser } from './spec/browser.js';

let ceremony: CeremonyUnderTest;
beforeAll(async () => {
  ceremony = await CeremonyUnderTest.start();
});
afterAll(() => ceremony.close());

async function arrived(terms: Parameters<CeremonyUnderTest['notified']>[0] = {}): Promise<[LetterUnderTest, Browser]> {
  const letter = await ceremony.notified(terms);
  const browser = ceremony.browser();
  await browser.get(await letter.link());
  return [letter, browser];
}

const ADDRESS = { voie: '12  rue des Clercs ', complement: '', codePostal: '57000', ville: 'METZ', pays: '' };

test('a recipient asks for paper at the address that he gives, and is told that it is on its way', async () => {
  const [letter, browser] = await arrived();
  expect((await browser.get(letter.address)).text).toContain(`href="${letter.address}/papier"`);
  const form = await browser.get(`${letter.address}/papier`);
  expect(form.text).toContain('M. et Mme CHARPENTIER Jean Luc');
  expect(form.text).not.toContain(SENDER.name);
  const asked = await browser.post(`${letter.address}/papier`, ADDRESS);
  expect([asked.status, asked.headers.get('location')]).toEqual([303, `${letter.address}/papier`]);
  expect((await letter.story()).at(-1)).toBe('PrintRequested');
  const page = await browser.get(`${letter.address}/papier`);
  expect(page.text).toContain('est enregistrée');
  expect(page.text).not.toContain('<form');
});

test('an address that cannot be one comes back with the reason beside its field', async () => {
  const [letter, browser] = await arrived();
  const wrong = await browser.post(`${letter.address}/papier`, { ...ADDRESS, voie: '', codePostal: '5700' });
  expect(wrong.status).toBe(422);
  expect(wrong.text).toContain('Indiquez le numéro et la voie');
  expect(wrong.text).toContain('Un code postal français a cinq chiffres');
  expect(wrong.text).toContain('value="METZ"');
  expect((await letter.story()).at(-1)).toBe('Notified');
  const abroad = await browser.post(`${letter.address}/papier`, {
    ...ADDRESS,
    codePostal: 'L-1234',
    pays: 'Luxembourg',
  });
  expect(abroad.status).toBe(303);
});

test('a professional is not offered paper, and does not get it', async () => {
  const [letter, browser] = await arrived({ professional: true });
  expect((await browser.get(letter.address)).text).not.toContain('papier');
  expect((await browser.get(`${letter.address}/papier`)).status).toBe(404);
  expect((await browser.post(`${letter.address}/papier`, ADDRESS)).status).toBe(404);
  expect((await letter.story()).at(-1)).toBe('Notified');
});
