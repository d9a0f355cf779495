import { createHash } from 'node:crypto';
import { jsonOf, type Answer, type Program } from '../spec/clients.js';
import { fileDocuments, sendDocuments } from '../spec/filed-documents.js';
import { encryptedPdf, file, oversizedPdf, pdf } from '../spec/papers.js';
import { putParty, thirdParty } from '../spec/parties.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let program: Program;
let neighbour: Program;

beforeAll(async () => {
  running = await RunningAgency.start();
  program = running.program((await running.register('9998')).apiKey);
  neighbour = running.program((await running.register('VOISINE')).apiKey);
  for (const by of [program, neighbour]) await putParty(by, '40017', thirdParty());
});
afterAll(() => running.close());

const LEASE = { category: 'lease', partyCode: '40017' } as const;
const documentsOf = (answer: Answer) => jsonOf(answer)['documents'] as Record<string, unknown>[];
const names = (answer: Answer) => documentsOf(answer).map(({ name }) => name);
const print = async (document: File) =>
  createHash('sha256')
    .update(await document.bytes())
    .digest('hex');

async function replace(id: string, document: File | undefined, by = program): Promise<Answer> {
  const form = new FormData();
  if (document) form.append('document', document);
  return by.request(`/api/documents/${id}/file`, { method: 'PUT', body: form });
}

describe('POST /api/documents', () => {
  test('files each PDF under a category of a third party, and gives it back byte for byte', async () => {
    const lease = await pdf('Bail été.pdf');
    const answer = await sendDocuments(program, LEASE, [lease, await pdf('Avenant.pdf')]);
    expect([answer.status, answer.headers.get('pli-position')]).toEqual([201, expect.stringMatching(/^\d+-\d+$/)]);
    const [first, second] = documentsOf(answer);
    expect(first).toMatchObject({
      ...LEASE,
      name: 'Bail été.pdf',
      sha256: await print(lease),
      size: lease.size,
      pages: 1,
      events: [{ type: 'DocumentFiled' }],
    });
    expect(second).toMatchObject({ name: 'Avenant.pdf' });
    const { self, file: href, page } = first?.['links'] as Record<'self' | 'file' | 'page', string>;
    expect(page).toBe(`/documents/${String(first?.['id'])}`);
    expect(jsonOf(await program.request(self))).toEqual(first);
    // The name is personal: it is not in the public part of the event.
    expect(JSON.stringify(first?.['events'])).not.toContain('Bail');
    const kept = await program.request(href);
    expect([kept.status, kept.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(kept.bytes).toEqual(Buffer.from(await lease.bytes()));
  });

  test('files for the agency without a third party', async () => {
    const answer = await sendDocuments(program, { category: 'correspondence' }, [await pdf('Règlement.pdf')]);
    expect(documentsOf(answer)).toMatchObject([{ partyCode: null, category: 'correspondence' }]);
  });

  test('files once however often one Idempotency-Key comes, and nothing else under it', async () => {
    const documents = [await pdf('Attestation.pdf')];
    const filing = { category: 'insurance', partyCode: '40017' };
    const headers = { 'idempotency-key': 'attestation-40017' };
    const first = await sendDocuments(program, filing, documents, headers);
    const second = await sendDocuments(program, filing, documents, headers);
    expect([second.status, documentsOf(second)]).toEqual([201, documentsOf(first)]);
    const other = await sendDocuments(program, { ...filing, category: 'test' }, documents, headers);
    expect([other.status, jsonOf(other)['code']]).toEqual([409, 'DOCUMENT_ALREADY_FILED']);
    const malformed = await sendDocuments(program, filing, documents, { 'idempotency-key': 'a b' });
    expect([malformed.status, jsonOf(malformed)['code']]).toEqual([422, 'IDEMPOTENCY_KEY_MALFORMED']);
  });

  test.each([
    ['no file', LEASE, () => [], 422, 'NO_DOCUMENT'],
    ['a text', LEASE, () => [file('Note.pdf', 'Bonjour')], 422, 'NOT_A_PDF'],
    ['a web page', LEASE, () => [file('Page.pdf', '<!doctype html><script>alert(1)</script>')], 422, 'NOT_A_PDF'],
    ['a protected PDF', LEASE, async () => [await encryptedPdf('Secret.pdf')], 422, 'ENCRYPTED'],
    ['a PDF that is too large', LEASE, () => [oversizedPdf('Plan.pdf')], 413, 'TOO_LARGE'],
    ['no category', { partyCode: '40017' }, async () => [await pdf('Bail.pdf')], 422, 'INVALID_INPUT'],
    ['a category that is none', { category: 'baux' }, async () => [await pdf('Bail.pdf')], 422, 'INVALID_INPUT'],
    ['a code that is none', { ...LEASE, partyCode: '../x' }, async () => [await pdf('Bail.pdf')], 422, 'INVALID_INPUT'],
    ['an unknown field', { ...LEASE, tag: 'x' }, async () => [await pdf('Bail.pdf')], 422, 'INVALID_INPUT'],
    [
      'a third party who is unknown',
      { ...LEASE, partyCode: '1' },
      async () => [await pdf('B.pdf')],
      404,
      'UNKNOWN_PARTY',
    ],
    ['no place', undefined, async () => [await pdf('Bail.pdf')], 422, 'FILING_PART_MISSING'],
    ['broken JSON', '{', async () => [await pdf('Bail.pdf')], 400, 'BROKEN_JSON'],
  ] as [string, unknown, () => File[] | Promise<File[]>, number, string][])(
    'refuses %s',
    async (_name, filing, documents, status, code) => {
      const answer = await sendDocuments(program, filing, await documents());
      expect([answer.status, jsonOf(answer)['code']]).toEqual([status, code]);
    },
  );

  test('files none of several when one is faulty', async () => {
    const documents = [await pdf('Bon solo.pdf'), file('Mauvais.pdf', 'Bonjour')];
    const answer = await sendDocuments(program, LEASE, documents);
    expect(jsonOf(answer)).toMatchObject({
      code: 'NOT_A_PDF',
      errors: [{ field: 'document[1]', message: expect.stringContaining('Mauvais.pdf') }],
    });
    expect(names(await program.request('/api/documents?search=solo'))).toEqual([]);
  });
});

describe('GET /api/documents', () => {
  test('answers by category, third party and search, page by page, as new as asked for', async () => {
    await putParty(program, '40213', thirdParty({ name: 'ROSE Armance', secondName: undefined }));
    const filing = { category: 'revision', partyCode: '40213' };
    const filed = await sendDocuments(program, filing, [await pdf('Indice 2025.pdf'), await pdf('Indice 2026.pdf')]);
    const position = filed.headers.get('pli-position') ?? '';
    const list = (query: string) => program.request(`/api/documents?${query}&atLeast=${position}`);
    const both = ['Indice 2026.pdf', 'Indice 2025.pdf'];
    expect(names(await list('category=revision'))).toEqual(both);
    expect(names(await list('partyCode=40213'))).toEqual(both);
    expect(names(await list('search=rose'))).toEqual(both);
    expect(names(await list('search=indice+2025'))).toEqual(['Indice 2025.pdf']);
    expect(names(await list('category=revision&of=agency'))).toEqual([]);
    const first = await list('category=revision&limit=1');
    expect(names(first)).toEqual(['Indice 2026.pdf']);
    expect(names(await list(`category=revision&limit=1&after=${String(jsonOf(first)['next'])}`))).toEqual([
      'Indice 2025.pdf',
    ]);
  });

  test.each(['category=baux', 'limit=0', 'of=all', 'atLeast=x', 'after=x', 'tag=x'])('refuses %s', async (query) => {
    expect((await program.request(`/api/documents?${query}`)).status).toBe(422);
  });
});

describe('a filed document', () => {
  test('is replaced: its place stays, its file is the new one', async () => {
    const [id = ''] = await fileDocuments(program, LEASE, [await pdf('Bail A.pdf')]);
    const next = await pdf('Bail B.pdf');
    const answer = await replace(id, next);
    expect(jsonOf(answer)).toMatchObject({ ...LEASE, name: 'Bail B.pdf', sha256: await print(next) });
    expect((await program.request(`/api/documents/${id}/file`)).bytes).toEqual(Buffer.from(await next.bytes()));
    expect(jsonOf(await replace(id, next))['events']).toHaveLength(2);
    expect((await replace(id, undefined)).status).toBe(422);
    expect(jsonOf(await replace(id, file('x.pdf', 'x')))['code']).toBe('NOT_A_PDF');
  });

  test('is removed: neither it nor its file is there any more', async () => {
    const [id = ''] = await fileDocuments(program, LEASE, [await pdf('Bail à retirer.pdf')]);
    const answer = await program.request(`/api/documents/${id}`, { method: 'DELETE' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    const position = answer.headers.get('pli-position') ?? '';
    expect(names(await program.request(`/api/documents?search=retirer&atLeast=${position}`))).toEqual([]);
    for (const address of [`/api/documents/${id}`, `/api/documents/${id}/file`]) {
      expect((await program.request(address)).status).toBe(404);
    }
    expect((await program.request(`/api/documents/${id}`, { method: 'DELETE' })).status).toBe(404);
  });

  test('does not exist for another agency, nor does its third party', async () => {
    const [id = ''] = await fileDocuments(program, LEASE, [await pdf('Bail privé.pdf')]);
    for (const address of [`/api/documents/${id}`, `/api/documents/${id}/file`]) {
      expect((await neighbour.request(address)).status).toBe(404);
    }
    expect((await replace(id, await pdf('Autre.pdf'), neighbour)).status).toBe(404);
    expect((await neighbour.request(`/api/documents/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect(names(await neighbour.request('/api/documents'))).toEqual([]);
    expect((await program.request('/api/documents/x')).status).toBe(404);
  });
});
