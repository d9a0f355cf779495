import type { LetterCommand } from '#libs/letter';
import { jsonOf, type Answer, type Browser, type Program } from '../spec/clients.js';
import { form, formFields, letter, pdf } from '../spec/papers.js';
import { RunningAgency } from '../spec/running-agency.js';
import { newLetterId } from './letter-form.js';

let running: RunningAgency;
let browser: Browser;
let program: Program;
let lastPosition: string;

const people = [
  ['Armande Rose', 'tenant', '001'],
  ['Bénédicte Éluard', 'tenant', '001'],
  ['Jean Luc Charpentier', 'owner', '002'],
  ['SCI des Lilas', 'owner', '002'],
  ['Zoé Martin', 'tenant', '003'],
] as const;
const ids: string[] = [];

/** Submits one letter a day for five days. */
beforeAll(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('9998');
  browser = await running.signedIn(latour);
  program = running.program(latour.apiKey);
  const document = await pdf('bail.pdf');
  for (const [name, partyKind, dossier] of people) {
    const recipient = { name, email: 'a@example.fr' };
    const answer = await program.submit(letter({ recipient, partyKind, dossier, otp: false }), [document]);
    ids.push(String(jsonOf(answer)['id']));
    lastPosition = answer.headers.get('pli-position') ?? '';
    running.clock.advance(24 * 3_600_000);
  }
  browser = await running.signedIn(latour);
});
afterAll(() => running.close());

const list = async (query: string): Promise<Record<string, unknown>> =>
  jsonOf(await program.request(`/api/letters?atLeast=${lastPosition}&${query}`));
const namesOf = (answer: Record<string, unknown>) =>
  (answer['letters'] as { recipientName: string }[]).map(({ recipientName }) => recipientName);
const namesOn = ({ text }: Answer) =>
  [...text.matchAll(/<a href="\/lettres\/[^"]+" title="[^"]+">([^<]+)</g)].map(([, name]) => name);
const hrefOf = ({ text }: Answer, label: string) =>
  new RegExp(`href="([^"]+)"[^>]*>${label}<`).exec(text)?.[1]?.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
const latestFirst = people.map(([name]) => name).toReversed();

/** The Paris day on which the letter of that place was submitted. */
async function dayOf(index: number): Promise<string> {
  const { submittedAt } = jsonOf(await program.request(`/api/letters/${ids[index] ?? ''}`));
  const format = new Intl.DateTimeFormat('fr-CA', { timeZone: 'Europe/Paris', dateStyle: 'short' });
  return format.format(new Date(String(submittedAt)));
}

describe('by the API', () => {
  test('a row tells what the letter is and where it stands, under the names of the letter', async () => {
    const [row] = (await list('limit=1'))['letters'] as Record<string, unknown>[];
    const whole = jsonOf(await program.request(`/api/letters/${ids[4] ?? ''}`));
    expect(row).toMatchObject({ recipientName: 'Zoé Martin', documents: 1, archived: false, alert: false });
    for (const field of [
      'id',
      'reference',
      'status',
      'statusLabel',
      'partyKind',
      'partyCode',
      'dossier',
      'submittedAt',
    ])
      expect([field, row?.[field]]).toEqual([field, whole[field]]);
  });

  test('pages follow each other without a gap, the last one says so', async () => {
    const seen: string[] = [];
    let after = '';
    for (const size of [2, 2, 1]) {
      const page = await list(`limit=2${after}`);
      expect(page['letters']).toHaveLength(size);
      seen.push(...namesOf(page));
      after = `&after=${encodeURIComponent(String(page['next']))}`;
      if (size === 1) expect(page['next']).toBeNull();
    }
    expect(seen).toEqual(latestFirst);
  });

  test.each([
    ['kind=owner', ['SCI des Lilas', 'Jean Luc Charpentier']],
    ['search=eluard', ['Bénédicte Éluard']],
    ['search=charp%20jean', ['Jean Luc Charpentier']],
    ['search=nobody', []],
    ['search=003', ['Zoé Martin']],
    ['status=submitted&kind=owner', ['SCI des Lilas', 'Jean Luc Charpentier']],
    ['status=signed', []],
    ['status=archived', []],
  ])('%s', async (query, expected) => {
    expect(namesOf(await list(query))).toEqual(expected);
  });

  test('days are those of Paris, the last one included', async () => {
    const [from, to] = [await dayOf(1), await dayOf(3)];
    expect(namesOf(await list(`from=${from}&to=${to}`))).toEqual(latestFirst.slice(1, 4));
  });

  test.each([
    ['status=lost', 'status'],
    ['from=2026-02-30', 'from'],
    ['to=hier', 'to'],
    ['kind=agent', 'kind'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['atLeast=x', 'atLeast'],
    ['search=a&search=b', 'search'],
    ['page=2', 'page'],
  ])('%s is refused', async (query, field) => {
    const answer = await program.request(`/api/letters?${query}`);
    expect([answer.status, jsonOf(answer)['code']]).toEqual([422, 'INVALID_INPUT']);
    expect(jsonOf(answer)['errors']).toEqual([{ field, message: expect.any(String) }]);
  });

  test('a place in the list that was never given is refused', async () => {
    const answer = await program.request('/api/letters?after=x');
    expect([answer.status, jsonOf(answer)['code']]).toEqual([422, 'HISTORY_CURSOR_INVALID']);
  });

  test('a position that the list cannot reach is waited for, then answered with what there is', async () => {
    const answer = jsonOf(await program.request('/api/letters?atLeast=9999999999-9999999999'));
    expect(answer['upToDate']).toBe(false);
    expect(answer['letters']).toHaveLength(5);
    expect((await list(''))['upToDate']).toBe(true);
  });
});

describe('on the page', () => {
  test('has the columns of the manual and a row for each letter', async () => {
    await list('');
    const page = await browser.get('/lettres');
    const columns = [...page.text.matchAll(/<th scope="col">([^<]+)</g)].map(([, column]) => column);
    expect(columns).toEqual(['Numéro', 'Nom', 'Code', 'Date', 'Expiration', 'Commande', 'Message', 'Tag']);
    expect(namesOn(page)).toEqual(latestFirst);
    expect(page.text).toContain('<option value="current">Tous non archivés</option>');
    expect(page.text).toContain(`href="/lettres/${ids[0] ?? ''}"`);
  });

  test('filters and keeps what was asked', async () => {
    const [from, to] = [await dayOf(2), await dayOf(3)];
    const page = await browser.get(`/lettres?statut=submitted&qualite=owner&du=${from}&au=${to}&recherche=lilas`);
    expect(namesOn(page)).toEqual(['SCI des Lilas']);
    expect(page.text).toContain('<option value="submitted" selected>');
    expect(page.text).toContain('<option value="owner" selected>');
    expect(page.text).toContain(`value="${from}"`);
    expect(page.text).toContain('value="lilas"');
  });

  test('a date that does not exist is told beside its field', async () => {
    const page = await browser.get('/lettres?au=2026-02-30');
    expect(page.status).toBe(422);
    expect(page.text).toMatch(/id="au-fault">Cette date n’existe pas/);
    expect(page.text).toContain('La recherche n’a pas été faite');
  });

  test('nothing found is told, with a way back', async () => {
    const page = await browser.get('/lettres?recherche=personne');
    expect(page.text).toContain('Aucune lettre ne correspond');
    expect(hrefOf(page, 'Afficher toutes les lettres')).toBe('/lettres');
  });

  test('an agency without letters is invited to create one', async () => {
    const page = await (await running.signedIn(await running.register('VIDE'))).get('/lettres');
    expect(page.text).toContain('Aucune lettre pour l’instant');
    expect(hrefOf(page, 'Créer une première lettre')).toBe('/lettres/nouvelle');
  });

  test('older letters are one link away, the filters kept', async () => {
    const other = await running.register('LONGUE');
    for (let index = 0; index < 51; index += 1) await running.tell(newLetterId(), submission(other.agencyId, index));
    const neighbours = running.program(other.apiKey);
    while (jsonOf(await neighbours.request('/api/letters?search=D50&limit=1'))['letters']?.toString() === '') continue;
    const reader = await running.signedIn(other);
    const first = await reader.get('/lettres?qualite=tenant');
    expect(namesOn(first)).toHaveLength(50);
    const older = hrefOf(first, 'Plus anciennes') ?? '';
    expect(older).toContain('qualite=tenant');
    const second = await reader.get(older);
    expect(namesOn(second)).toHaveLength(1);
    expect(hrefOf(second, 'Plus anciennes')).toBeUndefined();
    expect(hrefOf(second, 'Les plus récentes')).toBe('/lettres?qualite=tenant');
  });
});

/** A letter as the service hands it to the domain once its documents are kept. */
const submission = (agencyId: string, index: number): LetterCommand => ({
  type: 'submit',
  at: running.clock.now(),
  agencyId,
  agencyCode: 'LONGUE',
  dossier: `D${index}`,
  partyCode: '1',
  partyKind: 'tenant',
  reference: `LRE_LONGUE_D${index}`,
  legalProfile: 'fr-cpce-2018',
  professional: false,
  otp: false,
  retentionDays: 15,
  alertDays: 5,
  documents: [{ name: 'bail.pdf', sha256: 'a'.repeat(64), size: 1, pages: 1 }],
  sender: { name: 'Agence', email: 'a@example.fr' },
  recipient: { name: 'Paul', email: 'p@example.fr' },
});

test('one’s own letter is in the list that follows at once', async () => {
  const fields = formFields({ name: 'Toute Neuve', dossier: 'NEUF' });
  expect((await browser.upload('/lettres/nouvelle', form(fields, [await pdf('bail.pdf')]))).status).toBe(303);
  expect(namesOn(await browser.get('/lettres?recherche=NEUF'))).toEqual(['Mme Toute Neuve']);
});
