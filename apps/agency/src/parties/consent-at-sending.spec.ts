import { jsonOf, type Browser, type Program } from '../spec/clients.js';
import { form, formFields, letter, pdf } from '../spec/papers.js';
import { giveConsent, png, putParty, thirdParty, withdraw } from '../spec/parties.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let browser: Browser;
let program: Program;

beforeAll(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('9998');
  browser = await running.signedIn(latour);
  program = running.program(latour.apiKey);
  await putParty(program, '40017', thirdParty());
  await giveConsent(program, '40017', png());
  await putParty(program, '40038', thirdParty({ name: 'BENSEHIL Philippe', secondName: 'BEN SAÏD Cherifa' }));
  await putParty(
    program,
    'PRO',
    thirdParty({ name: 'SCI des Lilas', secondName: null, civility: 'SARL', professional: true }),
  );
});
afterAll(() => running.close());

const submit = async (partyCode: string, key?: string, changes: Record<string, unknown> = {}) =>
  program.submit(letter({ partyCode, ...changes }), [await pdf('bail.pdf')], key ? { 'Idempotency-Key': key } : {});

describe('a letter to a third party of the directory', () => {
  test('who has not consented is refused, by the API and on the page, whatever the letter says of him', async () => {
    for (const answer of [
      await submit('40038'),
      await submit('40038', undefined, { professional: true }),
      await submit('40038', 'k1'),
    ]) {
      expect(jsonOf(answer)).toMatchObject({
        status: 422,
        code: 'CONSENT_MISSING',
        errors: [{ field: 'partyCode', message: expect.stringContaining('n’a pas donné son accord') }],
      });
    }
    const fields = formFields({ partyCode: '40038' });
    const page = await browser.upload('/lettres/nouvelle', form(fields, [await pdf('bail.pdf')]));
    expect(page.status).toBe(422);
    expect(page.text).toMatch(/id="partyCode-fault">[^<]*n’a pas donné son accord/);
    expect((await browser.get(`/lettres/${fields['letterId'] ?? ''}`)).status).toBe(404);
  });

  test('who has consented, who is a professional, or who is not in the directory goes out', async () => {
    for (const code of ['40017', 'PRO', 'INCONNU']) expect([code, (await submit(code)).status]).toEqual([code, 202]);
  });

  test('goes out under the same idempotency key once the consent is there, and stays when it is withdrawn', async () => {
    await putParty(program, '40213', thirdParty({ name: 'ROSE Armance', secondName: null }));
    const document = await pdf('bail.pdf');
    const send = () => program.submit(letter({ partyCode: '40213' }), [document], { 'Idempotency-Key': 'k2' });
    expect(jsonOf(await send())).toMatchObject({ code: 'CONSENT_MISSING' });
    await giveConsent(program, '40213', png());
    const sent = await send();
    expect(sent.status).toBe(202);
    await withdraw(program, '40213', { withdrawnOn: '2026-01-06', how: 'email' });
    const again = await send();
    expect([again.status, jsonOf(again)['id']]).toEqual([202, jsonOf(sent)['id']]);
    expect(jsonOf(await submit('40213', 'k3'))).toMatchObject({ code: 'CONSENT_MISSING' });
  });
});

describe('the form of a new letter', () => {
  test('is filled in from the directory, by code or by words that lead to one only', async () => {
    for (const asked of ['40017', 'jean luc']) {
      const { status, text } = await browser.get(`/lettres/nouvelle?tiers=${encodeURIComponent(asked)}`);
      expect(status).toBe(200);
      expect(text).toContain('value="CHARPENTIER Jean Luc et CHARPENTIER Marie"');
      expect(text).toContain('value="jl.charpentier@exemple.example"');
      expect(text).toContain('value="+33612345678"');
      expect(text).toContain('<option value="M. et Mme" selected>');
      expect(text).toMatch(/name="partyCode"[^>]*value="40017"/);
      expect(text).toContain('<option value="40017">CHARPENTIER Jean Luc et CHARPENTIER Marie</option>');
      expect(text).not.toContain('La lettre n’est pas partie');
    }
  });

  test('keeps a civility of its own and the professional standing', async () => {
    const { text } = await browser.get('/lettres/nouvelle?tiers=PRO');
    expect(text).toContain('<option value="SARL" selected>');
    expect(text).toMatch(/name="professional" value="yes" checked/);
  });

  test('says why one who has not consented cannot be written to, and offers only who can', async () => {
    const { text } = await browser.get('/lettres/nouvelle?tiers=40038');
    expect(text).toMatch(/id="partyCode-fault">[^<]*n’a pas donné son accord/);
    expect(text).not.toContain('<option value="40038">');
  });

  test('says that nobody, or not only one, was found', async () => {
    for (const asked of ['personne', 'exemple']) {
      const { text } = await browser.get(`/lettres/nouvelle?tiers=${encodeURIComponent(asked)}`);
      expect(text).toMatch(/id="tiers-fault">Aucun tiers/);
    }
  });
});
