import { createHash } from 'node:crypto';
import { PDFDocument } from '@cantoo/pdf-lib';
import { jsonOf, type Browser, type Program } from '../spec/clients.js';
import { letter, pdf } from '../spec/papers.js';
import { putParty, thirdParty } from '../spec/parties.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let browser: Browser;
let program: Program;

beforeAll(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('9998', 'manager');
  program = running.program(latour.apiKey);
  browser = await running.signedIn(latour);
}, 60_000);
afterAll(() => running.close());

async function submitted(changes: Record<string, unknown> = {}): Promise<{ id: string; sha256: string }> {
  const document = await pdf('bail.pdf');
  const answer = await program.submit(letter({ otp: false, ...changes }), [document]);
  const sha256 = createHash('sha256')
    .update(await document.bytes())
    .digest('hex');
  return { id: String(jsonOf(answer)['id']), sha256 };
}

async function deposited(changes: Record<string, unknown> = {}): Promise<string> {
  const { id } = await submitted(changes);
  const acknowledgement = { sha256: 'a'.repeat(64), size: 1, pages: 1 };
  await running.tell(id, { type: 'confirmDeposit', at: running.clock.now(), acknowledgement });
  return id;
}

async function prepared(): Promise<{ id: string; job: string }> {
  const { id, sha256 } = await submitted();
  return { id, job: await running.printJob(id, sha256) };
}

const jobOf = async (job: string) => jsonOf(await program.request(`/api/print-jobs/${job}`));
const post = (path: string, sent: unknown) =>
  program.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sent),
  });
const eventsOf = async (id: string) =>
  jsonOf(await program.request(`/api/letters/${id}`))['events'] as { type: string; data: Record<string, unknown> }[];

describe('paper is asked for', () => {
  const address = { street: '12 rue des Clercs', postcode: '57000', city: 'METZ' };

  test('from the letter’s page, to the address that is given there', async () => {
    const id = await deposited();
    expect((await browser.get(`/lettres/${id}`)).text).toContain('Envoyer aussi sur papier');
    const faulty = await browser.submit(`/lettres/${id}/papier`, { ...address, postcode: '5700' });
    expect(faulty.status).toBe(422);
    expect(faulty.text).toContain('Un code postal français a cinq chiffres');
    expect(faulty.text).toContain('value="12 rue des Clercs"');
    const asked = await browser.submit(`/lettres/${id}/papier`, address);
    expect([asked.status, asked.headers.get('location')]).toEqual([303, `/lettres/${id}`]);
    const page = await browser.get(`/lettres/${id}`);
    expect(page.text).toContain('en préparation');
    expect(page.text).toContain('12 rue des Clercs');
    expect(page.text).not.toContain('Envoyer aussi sur papier');
  });

  test('by a program, to the address of the directory; without one it is asked for', async () => {
    await putParty(program, '50001', thirdParty({ professional: true, address }));
    const known = await deposited({ partyCode: '50001' });
    const answer = await post(`/api/letters/${known}/print`, {});
    expect(answer.status).toBe(202);
    expect((await browser.get(`/lettres/${known}`)).text).toContain('12 rue des Clercs');
    const unknown = await deposited();
    expect(jsonOf(await post(`/api/letters/${unknown}/print`, {}))['code']).toBe('PRINT_ADDRESS_MISSING');
    expect((await post(`/api/letters/${unknown}/print`, { address: { street: 'x' } })).status).toBe(422);
    expect((await post(`/api/letters/${unknown}/print`, { address })).status).toBe(202);
    expect(jsonOf(await post(`/api/letters/${unknown}/print`, { address }))['code']).toBe('PRINT_PENDING');
  });
});

describe('a job that is ready', () => {
  test('shows who took it, and when, so that nobody prints it twice unknowingly', async () => {
    const { id, job } = await prepared();
    const fresh = await browser.get('/impression');
    expect(fresh.text).toContain('Télécharger le pli');
    const answer = await browser.submit('/impression/telechargement', { seul: job });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect((await eventsOf(id)).filter(({ type }) => type === 'PrintDownloaded')).toHaveLength(1);
    const taken = (await browser.get('/impression')).text;
    expect(taken).toMatch(/le \d\d\/\d\d\/\d{4} à \d\d:\d\d par Camille Martin/);
    expect(taken).toContain('Télécharger de nouveau');
    expect((await jobOf(job))['downloads']).toHaveLength(1);
  });

  test('has a ticket, and is one file with others', async () => {
    const jobs = [(await prepared()).job, (await prepared()).job];
    expect((await browser.get(`/impression/${jobs[0] ?? ''}/bon`)).headers.get('content-disposition')).toContain(
      'Bon ',
    );
    const together = await post('/api/print-jobs/download', { jobs });
    expect(together.status).toBe(200);
    // Each begins on the front of a sheet.
    expect((await PDFDocument.load(together.bytes)).getPageCount()).toBe(4);
    for (const job of jobs) expect((await jobOf(job))['downloads']).toHaveLength(1);
    expect((await browser.submit('/impression/telechargement', {})).status).toBe(422);
  });

  test('is dispatched under a tracking number that can be one, and then done with', async () => {
    const { id, job } = await prepared();
    const wrong = await browser.submit(`/impression/${job}/expedition`, { suivi: 'RA 34135671 4 FR' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('Ce numéro de suivi n’est pas valable');
    expect(wrong.text).toContain('value="RA 34135671 4 FR"');
    const right = await browser.submit(`/impression/${job}/expedition`, { suivi: 'ra 34135671 3 fr' });
    expect([right.status, right.headers.get('location')]).toEqual([303, '/impression']);
    expect((await browser.get('/impression?etat=termine')).text).toContain('RA341356713FR');
    expect((await browser.get(`/lettres/${id}`)).text).toContain('Pli papier expédié, suivi RA341356713FR');
    expect(jsonOf(await post(`/api/print-jobs/${job}/dispatch`, { trackingNumber: '1A12345678901' }))['code']).toBe(
      'ALREADY_DISPATCHED',
    );
  });
});

test('a letter is put away and taken out again from its page', async () => {
  const id = await deposited();
  expect((await browser.submit(`/lettres/${id}/archivage`, {})).status).toBe(303);
  expect((await browser.get(`/lettres/${id}`)).text).toContain('Sortir des archives');
  await browser.submit(`/lettres/${id}/activation`, {});
  expect((await eventsOf(id)).map(({ type }) => type).slice(-2)).toEqual(['Archived', 'Reactivated']);
});
