import type { LetterCommand } from '#libs/letter';
import { jsonOf, type Browser, type Program } from '../spec/clients.js';
import { letter, pdf } from '../spec/papers.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let browser: Browser;
let reader: Browser;
let program: Program;
let foreign: string;
let position: string;

const names = ['Armande Rose', '=HYPERLINK("x")', 'Zoé; "Martin"'] as const;
const ids: string[] = [];

async function submit(by: Program, name: string): Promise<string> {
  const recipient = { name, email: 'a@example.fr' };
  const answer = await by.submit(letter({ recipient, otp: false }), [await pdf('bail.pdf')]);
  position = answer.headers.get('pli-position') ?? '';
  return String(jsonOf(answer)['id']);
}

beforeAll(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('9998', 'manager');
  const other = await running.register('9999');
  program = running.program(latour.apiKey);
  foreign = await submit(running.program(other.apiKey), 'Étrangère');
  for (const name of names) ids.push(await submit(program, name));
  browser = await running.signedIn(latour);
  reader = await running.signedIn(await running.addUser(latour, 'reader'));
}, 60_000);
afterAll(() => running.close());

const shown = async (query = ''): Promise<string[]> => {
  const answer = jsonOf(await program.request(`/api/letters?atLeast=${position}${query}`));
  return (answer['letters'] as { id: string }[]).map(({ id }) => id);
};
const ticked = (letters: readonly string[], also: Record<string, string> = {}): URLSearchParams =>
  new URLSearchParams([...letters.map((id): [string, string] => ['lettre', id]), ...Object.entries(also)]);
const post = (path: string, body: URLSearchParams, by = browser) => by.request(path, { method: 'POST', body });

describe('archiving', () => {
  test('what is ticked leaves the list and comes back, and the page says how many', async () => {
    const [one = '', two = '', three = ''] = ids;
    const away = await post('/lettres/archivage', ticked([one, two], { qualite: 'tenant' }));
    expect(away.headers.get('location')).toBe('/lettres?qualite=tenant&fait=archive-2-0');
    const page = await browser.get('/lettres?fait=archive-2-0');
    expect(page.text).toContain('2 lettres archivées.');
    expect(page.text).toContain(`value="${three}"`);
    expect(page.text).not.toContain(`value="${one}"`);
    const archive = await browser.get('/lettres?statut=archived');
    expect(archive.text).toContain('action="/lettres/activation"');
    expect(archive.text).toContain(`value="${one}"`);
    const back = await post('/lettres/activation', ticked([one, two], { statut: 'archived' }));
    expect(back.headers.get('location')).toBe('/lettres?statut=archived&fait=reactivate-2-0');
    expect((await browser.get('/lettres')).text).toContain(`value="${one}"`);
  });

  test('without a tick nothing happens but a word', async () => {
    const { headers } = await post('/lettres/archivage', ticked([]));
    expect((await browser.get(headers.get('location') ?? '')).text).toContain('Cochez d’abord au moins une lettre.');
  });

  test('another agency’s letter does not exist, and the others are put away all the same', async () => {
    const [one = ''] = ids;
    const answer = await post('/lettres/archivage', ticked([foreign, one, 'rubbish']));
    expect(answer.headers.get('location')).toBe('/lettres?fait=archive-1-2');
    const page = await browser.get('/lettres?fait=archive-1-2');
    expect(page.text).toContain('1 lettre archivée. 2 lettres n’existent pas : actualisez la liste.');
    await post('/lettres/activation', ticked([one]));
  });

  test('a reader has no boxes and may not', async () => {
    expect((await reader.get('/lettres')).text).not.toContain('name="lettre"');
    expect((await post('/lettres/archivage', ticked(ids), reader)).status).toBe(403);
  });

  test('a program is told of each letter', async () => {
    const [one = '', two = ''] = ids;
    const send = (action: string, sent: unknown) =>
      program.request(`/api/letters/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(sent),
      });
    expect(jsonOf(await send('archive', { ids: [one, foreign] }))).toEqual({
      letters: [
        { id: one, outcome: 'done' },
        { id: foreign, outcome: 'failed', code: 'NOT_FOUND' },
      ],
    });
    expect(jsonOf(await send('reactivate', { ids: [one, two] }))).toEqual({
      letters: [
        { id: one, outcome: 'done' },
        { id: two, outcome: 'unchanged' },
      ],
    });
    for (const wrong of [{}, { ids: [] }, { ids: [one, one] }, { ids: ['x'] }, { ids: Array(101).fill(one) }, [one]]) {
      expect((await send('archive', wrong)).status).toBe(422);
    }
  });
});

describe('an export', () => {
  test('as CSV holds what is filtered, opens in a French spreadsheet program, and holds no formula', async () => {
    const { text, bytes, headers } = await browser.get('/lettres/export.csv?recherche=bail');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(text.split('\r\n')).toHaveLength(2);
    const whole = (await browser.get('/lettres/export.csv')).text.split('\r\n');
    expect(whole[0]).toMatch(/^\ufeffNuméro;Nom;Qualité;Code;Référence;Date;Expiration;/);
    expect(whole).toHaveLength(names.length + 2);
    expect(whole[1]).toContain(';"Zoé; ""Martin""";Locataire;');
    expect(whole[2]).toContain(`;"'=HYPERLINK(""x"")";`);
    expect(whole[1]).toMatch(/;\d\d\/\d\d\/\d{4} \d\d:\d\d;;1;En cours de dépôt;/);
  });

  test('is the same for a program, by the names of its own filters', async () => {
    const own = await program.request('/api/letters/export.csv?search=rose');
    expect(own.text).toBe((await browser.get('/lettres/export.csv?recherche=rose')).text);
    expect((await program.request('/api/letters/export.csv?status=none')).status).toBe(422);
    expect(own.text).not.toContain('Étrangère');
  });

  test('as a workbook is a ZIP archive of Office Open XML with a sheet', async () => {
    const { bytes, headers } = await browser.get('/lettres/export.xlsx');
    expect(headers.get('content-type')).toContain('spreadsheetml.sheet');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="?lettres-\d{4}-\d\d-\d\d\.xlsx/);
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    expect(bytes.includes('xl/worksheets/sheet1.xml')).toBe(true);
  });
});

describe('what nears its end', () => {
  const day = 24 * 3_600_000;

  test('is counted above the list, flagged in it and has a filter, until it is signed', async () => {
    const [one = '', two = ''] = ids;
    expect((await browser.get('/lettres')).text).not.toContain('à échéance');
    for (const id of [one, two]) for (const command of toNotice()) await running.tell(id, command);
    running.clock.advance(11 * day);
    await running.tell(one, { type: 'raiseAlert', at: running.clock.now() });
    // The session is over meanwhile.
    const later = await running.signedIn({ email: 'gestion@9998.example.fr', agencyId: '', apiKey: '' });
    const flagged = await eventually(
      () => later.get('/lettres?alerte=yes'),
      ({ text }) => text.includes('Échéance proche'),
    );
    expect(flagged.text).toContain('Une lettre arrive à échéance sans signature.');
    expect(flagged.text).toContain(`value="${one}"`);
    expect(flagged.text).not.toContain(`value="${two}"`);
    expect(await shown('&alert=yes')).toEqual([one]);
  });

  function toNotice(): LetterCommand[] {
    const at = running.clock.now();
    const acknowledgement = { sha256: 'a'.repeat(64), size: 1, pages: 1 };
    return [
      { type: 'confirmDeposit', at, acknowledgement },
      { type: 'confirmNotice', at, notice: 1, messageId: 'm', linkHash: 'b'.repeat(64) },
    ];
  }
});

describe('a live page', () => {
  test('names what it shows, and the stream tells when that is older', async () => {
    const [one = ''] = ids;
    const { text } = await (
      await running.signedIn({ email: 'gestion@9998.example.fr', agencyId: '', apiKey: '' })
    ).get(`/lettres/${one}`);
    expect(text).toMatch(new RegExp(`hx-sse:connect="/lettres/${one}/suivi\\?depuis(=|&#x3D;)\\d+"`));
    expect(text).toContain('src="/assets/htmx/htmx.min.js"');
    expect((await browser.get('/assets/htmx/htmx.min.js')).status).toBe(200);
    expect((await browser.get('/assets/htmx/ext/hx-sse.min.js')).status).toBe(200);
  });

  test('of somebody who is not logged in any more is told to come as a whole', async () => {
    const answer = await running.browser().get('/lettres/suivi', { 'hx-request': 'true' });
    expect([answer.status, answer.headers.get('hx-refresh')]).toEqual([401, 'true']);
  });
});

async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const answer = await ask();
    if (isRight(answer) || tries === 100) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
