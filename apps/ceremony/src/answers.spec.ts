import { CeremonyUnderTest, SENDER, type LetterUnderTest } from './spec/ceremony-under-test.js';
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
});

const post = (path: string, form: Record<string, string> = {}, from = browser) =>
  from.post(`${letter.address}/${path}`, form);
const page = (path = '') => browser.get(`${letter.address}${path}`);
const sign = (from = browser) => post('signature', { consentement: 'fr-1' }, from);
const otherBrowser = async () => {
  const other = ceremony.browser();
  await other.get(await letter.link());
  return other;
};

describe('the acknowledgement', () => {
  test('is shown with its deadline, the three answers and its PDF, and never the sender', async () => {
    const { text } = await page();
    expect(text).toContain('LETTRE RECOMMANDÉE ÉLECTRONIQUE AVEC AVIS DE RÉCEPTION');
    expect(text).toMatch(/LRE_9998_\w+_\d{14}/);
    expect(text).toContain('Document 1 de 3');
    expect(text).toContain('M. et Mme CHARPENTIER Jean Luc');
    expect(text).toContain('Vous devez signer ce document afin d’accéder au contenu du dossier');
    expect(text).toContain('mercredi 25 mars 2026');
    for (const answer of ['Refus de signer', 'Retour', 'Accord']) expect(text).toContain(answer);
    const pdf = await page('/documents/1');
    expect(pdf.bytes.equals(letter.acknowledgement)).toBe(true);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.headers.get('content-security-policy')).toContain("default-src 'none'; object-src 'self'");
    expect(pdf.headers.get('content-disposition')).toMatch(/^inline; filename="Accuse de reception LRE_9998_\w+\.pdf"/);
    const kept = await page('/documents/1/telechargement');
    expect(kept.headers.get('content-disposition')).toMatch(/^attachment; /);
  });

  test('«Retour» records nothing and says until when the link works', async () => {
    const { text } = await page('/retour');
    expect(text).toContain('Rien n’a été enregistré');
    expect(text).toContain('mercredi 25 mars 2026');
    expect((await letter.story()).at(-1)).toBe('Notified');
  });
});

describe('a refusal', () => {
  test('is confirmed first, then final', async () => {
    expect((await page('/refus')).text).toContain('Un refus est définitif');
    expect((await letter.story()).at(-1)).toBe('Notified');
    const refused = await browser.submit(`${letter.address}/refus`);
    expect(refused.text).toContain('Vous avez refusé cette lettre');
    expect(refused.text).toContain('10/03/2026 à');
    expect((await letter.story()).at(-1)).toBe('Refused');
  });

  test('twice by the same browser is one refusal', async () => {
    const answers = await Promise.all([post('refus'), post('refus')]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect((await letter.story()).filter((type) => type === 'Refused')).toHaveLength(1);
  });

  test.each([
    ['accord', {}],
    ['signature', { consentement: 'fr-1' }],
    ['documents/2', {}],
  ])('makes %s in another tab impossible', async (path, form) => {
    await post('refus');
    const before = await letter.story();
    const answer = await post(path, form);
    expect([answer.status, answer.text]).toEqual([409, expect.stringContaining('cette réponse est définitive')]);
    expect(answer.text).toContain('Vous avez refusé cette lettre');
    expect(await letter.story()).toEqual(before);
  });

  test('closes the pages beside and the documents', async () => {
    await post('refus');
    for (const path of ['/retour', '/refus', '/relecture', '/fin', '/confirmation', '/documents/1', '/documents/2'])
      expect((await page(path)).location).toBe(letter.address);
  });
});

describe('an acceptance', () => {
  test('shows the sender, the consent and what will be signed', async () => {
    const { text } = await browser.submit(`${letter.address}/accord`);
    expect(text).toContain('Agence Mirabeau &amp; Filles');
    expect(text).toContain(SENDER.email);
    expect(text).toContain('J’ai lu entièrement le document que je suis sur le point de signer');
    expect(text).toMatch(/Nombre de signatures à apposer<\/dt><dd>1</);
    expect(text).toMatch(/Nom<\/dt><dd>M\. et Mme CHARPENTIER Jean Luc</);
    expect(text).toMatch(/Date<\/dt><dd>\d{4}-\d\d-\d\d \d\d:\d\d GMT</);
    for (const button of ['Annuler', 'Signer']) expect(text).toContain(button);
    expect((await letter.story()).at(-1)).toBe('Accepted');
  });

  test('twice, in two tabs or two browsers, is one acceptance', async () => {
    const other = await otherBrowser();
    const answers = await Promise.all([post('accord'), post('accord'), post('accord', {}, other)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect((await letter.story()).filter((type) => type === 'Accepted')).toHaveLength(1);
  });

  test('leaves the way back to the acknowledgement, without a refusal', async () => {
    await post('accord');
    const { text } = await page('/relecture');
    expect(text).toContain('Document 1 de 3');
    expect(text).toContain('Poursuivre vers la signature');
    expect(text).not.toContain('Refus de signer');
    const refusal = await post('refus');
    expect([refusal.status, refusal.text]).toEqual([409, expect.stringContaining('elle ne peut plus être refusée')]);
  });

  test('does not open the documents yet', async () => {
    await post('accord');
    const early = await post('documents/2');
    expect([early.status, early.text]).toEqual([403, expect.stringContaining('signez d’abord la lettre')]);
    expect((await page('/documents/2')).location).toBe(letter.address);
    expect((await page('/fin')).location).toBe(letter.address);
  });
});

describe('a signature', () => {
  test('is recorded with the consent that was shown and the name that it bears', async () => {
    await post('accord');
    const signed = await browser.submit(`${letter.address}/signature`, { consentement: 'fr-1' });
    expect(signed.text).toContain('Vos documents');
    expect((await letter.last('Signed'))?.event).toMatchObject({
      data: { consent: 'fr-1', signatures: 1, packageNumber: expect.stringMatching(/^[0-9A-F]{12}$/) },
      personal: { signatory: 'M. et Mme CHARPENTIER Jean Luc' },
    });
    expect((await letter.last('Signed'))?.metadata).toMatchObject({
      actor: 'recipient',
      correlationId: letter.letterId,
    });
  });

  test('by a double click is one signature, and both clicks lead to the documents', async () => {
    await post('accord');
    const answers = await Promise.all([sign(), sign(), sign()]);
    expect(answers.map(({ status, location }) => [status, location])).toEqual(answers.map(() => [303, letter.address]));
    expect((await letter.story()).filter((type) => type === 'Signed')).toHaveLength(1);
  });

  test('is one even when two browsers sign at once; the slower is told and sees the documents', async () => {
    await post('accord');
    const other = await otherBrowser();
    const answers = await Promise.all([sign(), sign(other)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    const slower = answers.find(({ status }) => status === 409);
    expect(slower?.text).toContain('Cette lettre est déjà signée');
    expect(slower?.text).toContain('Vos documents');
    expect((await letter.story()).filter((type) => type === 'Signed')).toHaveLength(1);
  });

  test('needs the accord', async () => {
    const early = await sign();
    expect([early.status, early.text]).toEqual([409, expect.stringContaining('Donnez d’abord votre accord')]);
    expect(early.text).toContain('Document 1 de 3');
    expect((await letter.story()).at(-1)).toBe('Notified');
  });

  test('needs the text that is in force', async () => {
    await post('accord');
    for (const form of [{ consentement: 'fr-0' }, {}]) {
      const answer = await post('signature', form);
      expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('Le texte à accepter a changé')]);
      expect(answer.text).toContain('Nombre de signatures à apposer');
    }
    expect((await letter.story()).at(-1)).toBe('Accepted');
  });

  test.each(['accord', 'refus'])('makes %s in another tab harmless', async (path) => {
    await post('accord');
    await sign();
    const before = await letter.story();
    const answer = await post(path);
    expect([303, 409]).toContain(answer.status);
    expect((await page()).text).toContain('Vos documents');
    expect(await letter.story()).toEqual(before);
  });
});

describe('a passed deadline', () => {
  test.each([
    ['not answered', () => Promise.resolve()],
    ['accepted and not signed', () => post('accord')],
  ])(
    'closes a letter that was %s, before and after the expiry is recorded',
    async (_, prepare: () => Promise<unknown>) => {
      await prepare();
      ceremony.clock.advance({ days: 17 });
      const before = await letter.story();
      const closed = await page();
      expect([closed.status, closed.text]).toEqual([
        410,
        expect.stringContaining('Le délai pour répondre est dépassé'),
      ]);
      expect(closed.text).not.toContain('Mirabeau');
      for (const answer of [await post('accord'), await post('refus'), await sign(), await post('documents/2')])
        expect([answer.status, answer.text]).toEqual([410, expect.stringContaining('délai')]);
      expect(await letter.story()).toEqual(before);
      await letter.command({ type: 'expire', at: ceremony.clock.now() });
      expect((await page()).text).toBe(closed.text);
      expect((await page('/documents/1')).location).toBe(letter.address);
    },
  );

  test('does not close a letter that was signed in time', async () => {
    await post('accord');
    await sign();
    ceremony.clock.advance({ days: 30 });
    expect((await page()).text).toContain('Vos documents');
    expect((await browser.submit(`${letter.address}/documents/2`)).status).toBe(200);
  });
});
