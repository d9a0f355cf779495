import type { Answer, Browser } from '../spec/clients.js';
import { fileDocuments } from '../spec/filed-documents.js';
import { file, pdf } from '../spec/papers.js';
import { putParty, thirdParty } from '../spec/parties.js';
import { RunningAgency, type Registered } from '../spec/running-agency.js';

let running: RunningAgency;
let latour: Registered;
let clerk: Browser;
let reader: Browser;

beforeAll(async () => {
  running = await RunningAgency.start();
  latour = await running.register('LATOUR');
  await putParty(running.program(latour.apiKey), '40017', thirdParty());
  clerk = await running.signedIn(latour);
  reader = await running.signedIn(await running.addUser(latour, 'reader'));
});
afterAll(() => running.close());

const FORM_ID = '0198f2a8-7c1f-7000-8000-0000000000';
let forms = 10;

function formOf(texts: Record<string, string>, documents: readonly File[], name = 'documents'): FormData {
  const form = new FormData();
  for (const [field, text] of Object.entries(texts)) form.append(field, text);
  for (const document of documents) form.append(name, document);
  return form;
}

async function send(texts: Record<string, string>, documents: readonly File[], by = clerk): Promise<Answer> {
  forms += 1;
  const fields = { formId: `${FORM_ID}${String(forms)}`, category: 'lease', partyCode: '40017', ...texts };
  return by.upload('/documents/nouveaux', formOf(fields, documents));
}

const addressIn = (page: string): string => /href="(\/documents\/[\da-f-]{36})"/.exec(page)?.[1] ?? '';

test('the list is empty, then shows what was filed, with its number in each category', async () => {
  expect((await clerk.get('/documents')).text).toContain('Aucun document pour l’instant');
  const answer = await send({}, [await pdf('Bail <Latour>.pdf'), await pdf('Avenant.pdf')]);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/documents?categorie=lease&tiers=40017']);
  const { text } = await clerk.get('/documents?categorie=lease&tiers=40017');
  expect(text).toContain('Bail &lt;Latour&gt;.pdf');
  expect(text).toContain('CHARPENTIER Jean Luc et CHARPENTIER Marie');
  expect(text).toMatch(/aria-current="true">Bail <span class="count">2</);
  expect((await clerk.get('/documents?categorie=insurance')).text).toContain('Aucun document dans « Assurance »');
  expect((await clerk.get('/documents?recherche=charpentier')).text).toContain('Avenant.pdf');
  expect((await clerk.get('/tiers/40017')).text).toContain('Avenant.pdf');
});

test('the form files once, and for the agency where there is no third party', async () => {
  const fields = { formId: `${FORM_ID}01`, category: 'correspondence', partyCode: '' };
  const note = await pdf('Note interne.pdf');
  for (const _time of [1, 2]) {
    const answer = await clerk.upload('/documents/nouveaux', formOf(fields, [note]));
    expect(answer.headers.get('location')).toBe('/documents?categorie=correspondence&pour=agency');
  }
  const { text } = await clerk.get('/documents?categorie=correspondence&pour=agency');
  expect(text.match(/Note interne\.pdf/g)).toHaveLength(1);
});

test.each([
  ['no category', { category: '' }, 'Choisissez la catégorie'],
  ['a third party who is unknown', { partyCode: '77777' }, 'Ce tiers n’existe pas'],
  ['a code that is none', { partyCode: '40017/..' }, 'n’est pas celui d’un tiers'],
])('the form comes back filled in after %s', async (_name, texts, sentence) => {
  const answer = await send(texts, [await pdf('Refusé.pdf')]);
  expect(answer.status).toBe(422);
  expect(answer.text).toContain(sentence);
  expect(answer.text).toContain('Rien n’est classé.');
  if (!('partyCode' in texts)) expect(answer.text).toContain('value="40017"');
  if (!('category' in texts)) expect(answer.text).toMatch(/value="lease" selected/);
  expect((await clerk.get('/documents?recherche=refuse')).text).not.toContain('Refusé.pdf');
});

test('each faulty file is told by its name', async () => {
  const answer = await send({}, [await pdf('Bon.pdf'), file('Photo.pdf', 'JFIF'), file('Vide.pdf', '')]);
  expect(answer.status).toBe(422);
  expect(answer.text).toContain('« Photo.pdf »');
  expect(answer.text).toContain('« Vide.pdf »');
  expect((await send({}, [])).text).toContain('Choisissez au moins un fichier PDF');
});

test('a document is opened, downloaded, replaced and removed', async () => {
  await send({ category: 'charges' }, [await pdf('Décompte.pdf')]);
  const address = addressIn((await clerk.get('/documents?categorie=charges')).text);
  expect((await clerk.get(address)).text).toContain('Retirer ce document');
  const opened = await clerk.get(`${address}/fichier`);
  const kept = await clerk.get(`${address}/fichier?telecharger=1`);
  expect([opened, kept].map(({ headers }) => headers.get('content-disposition')?.split(';')[0])).toEqual([
    'inline',
    'attachment',
  ]);
  const refused = await clerk.upload(`${address}/remplacement`, formOf({}, [file('x.pdf', 'x')], 'document'));
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('« x.pdf »')]);
  const replaced = await clerk.upload(`${address}/remplacement`, formOf({}, [await pdf('Solde.pdf')], 'document'));
  expect(replaced.headers.get('location')).toBe(address);
  expect((await clerk.get(address)).text).toContain('Fichier remplacé : Solde.pdf');
  const removed = await clerk.submit(`${address}/retrait`, {});
  expect(removed.headers.get('location')).toBe('/documents?tiers=40017');
  expect((await clerk.get('/documents?categorie=charges')).text).not.toContain('Solde.pdf');
  expect((await clerk.get(address)).status).toBe(404);
});

test('a reader looks, and changes nothing', async () => {
  const [id = ''] = await fileDocuments(running.program(latour.apiKey), { category: 'test' }, [await pdf('Lu.pdf')]);
  const { text } = await reader.get(`/documents/${id}`);
  expect(text).toContain('Ouvrir le document');
  expect(text).not.toContain('Retirer');
  expect((await reader.get('/documents')).text).not.toContain('Classer');
  expect((await reader.submit(`/documents/${id}/retrait`, {})).status).toBe(403);
  expect((await send({}, [await pdf('Non.pdf')], reader)).status).toBe(403);
});

test('a faulty question is told beside its field, and asks nothing', async () => {
  const answer = await clerk.get('/documents?categorie=baux&tiers=%2F');
  expect(answer.status).toBe(422);
  expect(answer.text).toContain('La recherche n’a pas été faite');
  expect(answer.text).toContain('id="tiers-fault"');
});
