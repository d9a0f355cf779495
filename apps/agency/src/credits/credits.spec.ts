import { creditBalanceProjection } from '#projections/credit-balance';
import { ReadModel } from '#projections/engine';
import { Db } from 'mongodb';
import { positionOf } from '../access/position-text.js';
import { jsonOf, type Answer, type Program } from '../spec/clients.js';
import { form, formFields, letter, pdf } from '../spec/papers.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let codes = 0;
const newCode = (): string => `A${(codes += 1)}`;

beforeAll(async () => {
  running = await RunningAgency.start();
});
afterAll(() => running.close());

const enter = (program: Program, key: unknown): Promise<Answer> =>
  program.request('/api/keys', {
    method: 'POST',
    body: JSON.stringify({ key }),
    headers: { 'content-type': 'application/json' },
  });

const refusal = (answer: Answer): unknown[] => [answer.status, jsonOf(answer)['code']];

async function credits(program: Program, after?: Answer): Promise<Record<string, unknown>> {
  const position = after?.headers.get('pli-position');
  return jsonOf(await program.request(`/api/credits${position ? `?atLeast=${position}` : ''}`));
}

/** The text of a page's element of class `balance`. */
const counter = (page: Answer): string | undefined =>
  /class="balance[^>]*>([\s\S]*?)<\/p>/.exec(page.text)?.[1]?.replace(/<[^>]+>/g, '');

describe('by program', () => {
  it('a key is entered once and shows in the balance and its movements', async () => {
    const agency = await running.registerInactive(newCode());
    const program = running.program(agency.apiKey);
    expect(await credits(program)).toMatchObject({ active: false, remaining: 0, movements: [], next: null });
    const key = running.key(agency, { signatures: 698 });
    const entered = await enter(program, key);
    expect([entered.status, jsonOf(entered)]).toMatchObject([
      201,
      { kind: 'activation', signatures: 698, remaining: 698, reserved: 0, consumed: 0 },
    ]);
    expect(await credits(program, entered)).toMatchObject({
      active: true,
      remaining: 698,
      upToDate: true,
      movements: [{ number: 1, type: 'Activated', quantity: 698, balance: 698, letter: null }],
    });
    expect(refusal(await enter(program, key))).toEqual([409, 'KEY_USED']);
  });

  it('each fault of a key has its own answer and leaves the counter untouched', async () => {
    const [agency, other] = [await running.register(newCode()), await running.registerInactive(newCode())];
    const program = running.program(agency.apiKey);
    const key = running.key(agency);
    const altered = key.replace(/^./, (first) => (first === '0' ? '1' : '0'));
    expect(refusal(await enter(program, altered))).toEqual([422, 'KEY_ALTERED']);
    expect(refusal(await enter(program, key.slice(5)))).toEqual([422, 'KEY_MALFORMED']);
    expect(refusal(await enter(program, running.key(other)))).toEqual([422, 'KEY_OF_ANOTHER_AGENCY']);
    expect(refusal(await enter(program, running.key(agency, { expiresOn: '2020-02-29' })))).toEqual([
      422,
      'KEY_EXPIRED',
    ]);
    expect(refusal(await enter(program, undefined))).toEqual([422, 'INVALID_INPUT']);
    const recharge = running.key(other, { kind: 'recharge' });
    expect(refusal(await enter(running.program(other.apiKey), recharge))).toEqual([409, 'NOT_ACTIVATED']);
    expect(refusal(await enter(running.program(), key))).toEqual([401, 'API_KEY_NEEDED']);
    expect(await credits(program)).toMatchObject({ remaining: 1_000 });
    expect(await credits(running.program(other.apiKey))).toMatchObject({ active: false, remaining: 0 });
  });

  it('a letter reserves a signature, and shows with its reference', async () => {
    const agency = await running.register(newCode());
    const program = running.program(agency.apiKey);
    const sent = await program.submit(letter(), [await pdf('bail.pdf')]);
    expect(sent.status).toBe(202);
    const { id, reference } = jsonOf(sent);
    expect(await credits(program, sent)).toMatchObject({
      remaining: 999,
      reserved: 1,
      consumed: 0,
      movements: [{ type: 'Reserved', quantity: -1, letter: { id, reference } }, { type: 'Activated' }],
    });
    const page = jsonOf(await program.request('/api/credits?limit=1'));
    expect(page).toMatchObject({ movements: [{ number: 2 }], next: 2 });
    expect(jsonOf(await program.request('/api/credits?limit=1&before=2'))).toMatchObject({
      movements: [{ number: 1 }],
      next: null,
    });
  });

  it('without a signature nothing is taken in or stored, and the idempotency key stays free', async () => {
    const agency = await running.registerInactive(newCode());
    const program = running.program(agency.apiKey);
    const before = await running.app.get(Db).collection('documents.files').countDocuments();
    const headers = { 'idempotency-key': 'rappel-1' };
    const document = await pdf('bail.pdf');
    expect(refusal(await program.submit(letter(), [document]))).toEqual([409, 'NOT_ACTIVATED']);
    expect(refusal(await program.submit(letter(), [document], headers))).toEqual([409, 'NOT_ACTIVATED']);
    await running.recharge(agency, 1);
    const sent = await program.submit(letter({ dossier: '002' }), [document], headers);
    expect(sent.status).toBe(202);
    expect(refusal(await program.submit(letter(), [document]))).toEqual([409, 'NO_SIGNATURE_LEFT']);
    // What was taken in is answered again, although nothing could be sent now.
    const again = await program.submit(letter({ dossier: '002' }), [document], headers);
    expect([again.status, jsonOf(again)['id']]).toEqual([202, jsonOf(sent)['id']]);
    expect(await running.app.get(Db).collection('documents.files').countDocuments()).toBe(before + 1);
    const history = jsonOf(await program.request('/api/letters'));
    expect(history['letters']).toHaveLength(1);
    expect(await credits(program, sent)).toMatchObject({ remaining: 0, reserved: 1 });
  });

  it('an agency sees its own account alone', async () => {
    const [agency, other] = [await running.register(newCode()), await running.register(newCode())];
    const sent = await running.program(agency.apiKey).submit(letter(), [await pdf('bail.pdf')]);
    const position = positionOf(sent.headers.get('pli-position') ?? '');
    await new ReadModel(running.app.get(Db), creditBalanceProjection).atLeast(
      position ?? { commit: 0n, prepare: 0n },
      5_000,
    );
    const seen = await credits(running.program(other.apiKey));
    expect(seen).toMatchObject({ remaining: 1_000, reserved: 0 });
    expect(JSON.stringify(seen)).not.toContain(String(jsonOf(sent)['id']));
  });
});

describe('on the pages', () => {
  it('a manager enters the activation key, and the page says so, with the counter as it is then', async () => {
    const agency = await running.registerInactive(newCode(), 'manager');
    const browser = await running.signedIn(agency);
    const before = await browser.get('/cles');
    expect(before.text).toContain('L’envoi de lettres n’est pas encore activé pour votre agence.');
    expect(before.text).toContain('Enregistrer la clé d’activation');
    expect((await browser.get('/lettres')).text).toContain('n’est pas encore activé');
    expect((await browser.get('/lettres/nouvelle')).text).toContain('n’est pas encore activé');

    const answer = await browser.submit('/cles', { cle: running.key(agency, { signatures: 1_698 }).toLowerCase() });
    expect(answer.status).toBe(303);
    const after = await browser.get(answer.headers.get('location') ?? '');
    expect(after.text).toMatch(/1\s698 signatures sont ajoutées à votre compteur/);
    expect(after.text).toContain('Enregistrer la clé de recharge');
    expect(after.text).toContain('Clé d’activation');
    expect(after.text).toContain('<svg viewBox=');
    expect(counter(await browser.get('/lettres'))).toMatch(/^Nombre de signatures restantes 1\s698$/);
    expect(counter(await browser.get('/lettres/nouvelle'))).toMatch(/1\s698$/);
  });

  it('a faulty key comes back with its sentence, as it was typed', async () => {
    const agency = await running.register(newCode(), 'manager');
    const browser = await running.signedIn(agency);
    const answer = await browser.submit('/cles', { cle: '<ABCD>-1234' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Cette clé n’est pas complète ou mal recopiée');
    expect(answer.text).toContain('&lt;ABCD&gt;-1234</textarea>');
    expect(answer.text).toMatch(/<dd><strong>1\s000<\/strong><\/dd>/);
  });

  it('a clerk and a reader see the account and enter no key', async () => {
    for (const role of ['clerk', 'reader'] as const) {
      const agency = await running.register(newCode(), role);
      const browser = await running.signedIn(agency);
      const page = await browser.get('/cles');
      expect([page.status, page.text.includes('<textarea')]).toEqual([200, false]);
      expect(page.text).toContain('Seul un gestionnaire de votre agence peut enregistrer une clé');
      const key = running.key(agency);
      expect((await browser.submit('/cles', { cle: key })).status).toBe(403);
      expect(refusal(await enter(running.program(agency.apiKey), key))[0]).toBe(201);
    }
  });

  it('two tabs at the same instant: one success', async () => {
    const agency = await running.register(newCode(), 'manager');
    const browser = await running.signedIn(agency);
    const cle = running.key(agency);
    const tabs = await Promise.all([1, 2, 3, 4].map(() => browser.submit('/cles', { cle })));
    expect(tabs.map(({ status }) => status).toSorted()).toEqual([303, 409, 409, 409]);
    expect(tabs.find(({ status }) => status === 409)?.text).toContain('Cette clé a déjà été enregistrée');
    expect(counter(await browser.get('/lettres'))).toMatch(/1\s010$/);
  });

  it('a letter for which no signature is left does not leave; the form comes back and says where to go', async () => {
    const agency = await running.registerInactive(newCode(), 'manager');
    await running.recharge(agency, 1);
    const browser = await running.signedIn(agency);
    const document = await pdf('bail.pdf');
    expect((await browser.upload('/lettres/nouvelle', form(formFields(), [document]))).status).toBe(303);
    expect(counter(await browser.get('/lettres'))).toMatch(/restantes 0$/);
    const answer = await browser.upload('/lettres/nouvelle', form(formFields({ name: 'Armande Rose' }), [document]));
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('Il ne reste aucune signature');
    expect(answer.text).toContain('href="/cles"');
    expect(answer.text).toContain('value="Armande Rose"');
    const movements = await browser.get('/cles');
    expect(movements.text).toContain('Réservation pour un envoi');
    expect(movements.text).toMatch(/<a class="mono" href="\/lettres\/[0-9a-f-]{36}">LRE_/);
  });
});
