import { CeremonyUnderTest, DOCUMENT_NAMES, type LetterUnderTest } from './spec/ceremony-under-test.js';
import type { Browser } from './spec/browser.js';

let ceremony: CeremonyUnderTest;
let letter: LetterUnderTest;
let browser: Browser;
beforeAll(async () => {
  ceremony = await CeremonyUnderTest.start();
});
afterAll(() => ceremony.close());
beforeEach(async () => {
  letter = await ceremony.notified();
  browser = ceremony.browser();
  await browser.get(await letter.link());
  await browser.post(`${letter.address}/accord`);
  await browser.post(`${letter.address}/signature`, { consentement: 'fr-1' });
});

const accesses = async () => (await letter.story()).filter((type) => type === 'ContentAccessed').length;

test('every document is listed with its number, and the acknowledgement is the first', async () => {
  const { text } = await browser.get(letter.address);
  expect(text).toContain(DOCUMENT_NAMES[0]);
  expect(text).toContain('Décompte &quot;mars&quot; 2026.pdf');
  for (const number of [1, 2, 3]) expect(text).toMatch(new RegExp(`Document ${number}(?!\\d)`));
});

test('opening records the access before the bytes go out, and shows the PDF in the browser', async () => {
  const opened = await browser.post(`${letter.address}/documents/2`);
  expect([opened.status, opened.location]).toEqual([303, `${letter.address}/documents/2`]);
  expect((await letter.last('ContentAccessed'))?.event.data).toMatchObject({ mode: 'opened' });
  const pdf = await browser.get(`${letter.address}/documents/2`);
  expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.headers.get('content-disposition')).toBe(
    `inline; filename="Mise en demeure _ loyer impaye.pdf"; filename*=UTF-8''Mise%20en%20demeure%20%E2%80%93%20loyer%20impay%C3%A9.pdf`,
  );
  expect(pdf.headers.get('cache-control')).toBe('no-store');
  expect((await browser.get(letter.address)).text).toContain('Ouvert');
});

test('downloading is recorded as such and keeps the French name', async () => {
  const saved = await browser.submit(`${letter.address}/documents/3/telechargement`);
  expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename="Decompte -mars- 2026\.pdf"; /);
  expect((await letter.last('ContentAccessed'))?.event.data).toMatchObject({ mode: 'downloaded' });
  expect((await browser.get(letter.address)).text).toContain('Téléchargé');
});

test('each document is the one that its number names', async () => {
  const second = await browser.submit(`${letter.address}/documents/2`);
  const third = await browser.submit(`${letter.address}/documents/3`);
  expect(second.bytes.equals(third.bytes)).toBe(false);
});

test('the same document twice is one access, in two tabs too', async () => {
  await Promise.all([1, 2].map(() => browser.post(`${letter.address}/documents/2`)));
  await browser.post(`${letter.address}/documents/2`);
  expect(await accesses()).toBe(1);
});

test('a GET sends nothing that was not recorded', async () => {
  for (const path of ['documents/2', 'documents/2/telechargement'])
    expect((await browser.get(`${letter.address}/${path}`)).location).toBe(letter.address);
  await browser.post(`${letter.address}/documents/2`);
  expect((await browser.get(`${letter.address}/documents/2/telechargement`)).location).toBe(letter.address);
  expect(await accesses()).toBe(1);
});

test.each(['0', '4', '-1', '1.5', 'x', '2e0x'])('a document of number %s does not exist', async (number) => {
  for (const answer of [
    await browser.get(`${letter.address}/documents/${number}`),
    await browser.post(`${letter.address}/documents/${number}`),
  ]) {
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('n’existe pas');
  }
  expect(await accesses()).toBe(0);
});

test('the acknowledgement stays open', async () => {
  const pdf = await browser.get(`${letter.address}/documents/1`);
  expect(pdf.bytes.equals(letter.acknowledgement)).toBe(true);
});

test('«Accepter» leads to «Terminer», and that to the references and the documents', async () => {
  expect((await browser.get(letter.address)).text).toContain(`href="${letter.address}/fin">Accepter`);
  expect((await browser.get(`${letter.address}/fin`)).text).toContain(`href="${letter.address}/confirmation">Terminer`);
  const { text } = await browser.get(`${letter.address}/confirmation`);
  const signed = await letter.last('Signed');
  expect(signed?.event.data).toHaveProperty(
    'packageNumber',
    /N° de Package<\/dt><dd class="mono">(\w+)</.exec(text)?.[1],
  );
  expect(text).toMatch(/Référence Signature<\/dt><dd class="mono">LRE_9998_/);
  expect(text).toMatch(/Signataire<\/dt><dd>M\. et Mme CHARPENTIER Jean Luc</);
  expect(text).toMatch(/Date et Heure de Signature \(GMT\)<\/dt><dd>\d{4}-\d\d-\d\d \d\d:\d\d GMT</);
  expect(text).toContain(`action="${letter.address}/documents/2"`);
});

test('another browser that opens the link later finds the documents', async () => {
  const other = ceremony.browser();
  expect((await other.follow(await letter.link())).text).toContain('Vos documents');
});

test('with a code by SMS, another browser gives a code first', async () => {
  letter = await ceremony.notified({ otp: true });
  const first = ceremony.browser();
  const enter = async (from: Browser, challenge: number) => {
    await from.get(await letter.link());
    const { text } = await from.submit(`${letter.address}/code`);
    const formulaire = /name="formulaire" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await from.post(`${letter.address}/code/verification`, { formulaire, code: await letter.code(challenge) });
  };
  await enter(first, 1);
  await first.post(`${letter.address}/accord`);
  await first.post(`${letter.address}/signature`, { consentement: 'fr-1' });
  await first.post(`${letter.address}/documents/2`);
  const other = ceremony.browser();
  const before = await other.follow(await letter.link());
  expect(before.text).toContain('Recevoir mon code par SMS');
  expect(before.text).not.toContain('Mirabeau');
  expect((await other.get(`${letter.address}/documents/2`)).location).toBe(letter.address);
  ceremony.clock.advance({ seconds: 30 });
  await enter(other, 2);
  expect((await other.get(letter.address)).text).toContain('Vos documents');
});
