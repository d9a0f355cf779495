import { jsonOf, type Answer, type Browser, type Program } from '../spec/clients.js';
import { encryptedPdf, file, form, formFields, letter, oversizedPdf, pdf } from '../spec/papers.js';
import { RunningAgency } from '../spec/running-agency.js';
import { newLetterId } from './letter-form.js';

let running: RunningAgency;
let browser: Browser;
let program: Program;

beforeAll(async () => {
  running = await RunningAgency.start();
  const latour = await running.register('9998');
  browser = await running.signedIn(latour);
  program = running.program(latour.apiKey);
});
afterAll(() => running.close());

/** How many letters the agency has. */
async function count(): Promise<number> {
  return (jsonOf(await program.request('/api/letters?limit=100'))['letters'] as unknown[]).length;
}

/** The message beside a field of the page, or undefined. */
function messageBeside(answer: Answer, field: string): string | undefined {
  const text = new RegExp(`id="${field}-fault">(?:<span class="fault">)?([^<]+)`).exec(answer.text)?.[1];
  return text?.replaceAll('&#x27;', "'");
}

describe('on the page', () => {
  test('the form is empty, under a new id each time, with the manual’s defaults and the last day', async () => {
    const [first, second] = [await browser.get('/lettres/nouvelle'), await browser.get('/lettres/nouvelle')];
    const idOf = (answer: Answer) => /name="letterId" value="([^"]+)"/.exec(answer.text)?.[1];
    expect(idOf(first)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(idOf(second)).not.toBe(idOf(first));
    expect(first.text).toMatch(/name="retentionDays" inputmode="numeric" value="15"/);
    expect(first.text).toMatch(/name="alertDays" inputmode="numeric" value="5"/);
    expect(first.text).toMatch(/Jusqu’au \d{2}\/\d{2}\/\d{4}/);
  });

  test('a letter leads to its page', async () => {
    const fields = formFields();
    const answer = await browser.upload('/lettres/nouvelle', form(fields, [await pdf('Relance été.pdf')]));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/lettres/${fields['letterId']}`]);
    const page = await browser.get(`/lettres/${fields['letterId']}`);
    expect(page.text).toMatch(/LRE_9998_001_\d{14}/);
    expect(page.text).toContain('Relance été.pdf');
    expect(page.text).toContain('+33612345678');
  });

  test('a double click submits once', async () => {
    const fields = formFields({ dossier: 'DOUBLE' });
    const document = await pdf('bail.pdf');
    const before = await count();
    const answers = await Promise.all(
      [1, 2, 3].map(() => browser.upload('/lettres/nouvelle', form(fields, [document]))),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toMatch(new RegExp(`^/lettres/${fields['letterId']}`));
    }
    const events = jsonOf(await program.request(`/api/letters/${fields['letterId']}`))['events'] as unknown[];
    expect(events).toHaveLength(1);
    expect((await browser.get('/lettres')).status).toBe(200);
    expect(await count()).toBe(before + 1);
  });

  test('the same form sent later says that nothing was sent again', async () => {
    const fields = formFields();
    await browser.upload('/lettres/nouvelle', form(fields, [await pdf('bail.pdf')]));
    running.clock.advance(5_000);
    const answer = await browser.upload('/lettres/nouvelle', form(fields, [await pdf('bail.pdf')]));
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe(`/lettres/${fields['letterId']}?deja`);
    expect((await browser.get(location)).text).toContain('n’est pas partie une seconde fois');
  });

  test('a failed form comes back filled in, to be sent again under the same id', async () => {
    const fields = formFields({ email: 'armande.rose@', name: 'Rose & fils' });
    const answer = await browser.upload('/lettres/nouvelle', form(fields, [await pdf('bail.pdf')]));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`name="letterId" value="${fields['letterId']}"`);
    expect(answer.text).toContain('value="Rose &amp; fils"');
    expect(answer.text).toContain('<option value="Mme" selected>');
    expect(answer.text).toMatch(/name="otp" value="yes" checked/);
    expect(answer.text).toMatch(/id="email"[^>]* aria-invalid="true" aria-describedby="[^"]*email-fault"/);
  });

  test('a foreign or altered id of the form is not taken', async () => {
    const answer = await browser.upload('/lettres/nouvelle', form(formFields({ letterId: 'x' }), [await pdf('a.pdf')]));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Ce formulaire n’était plus valable');
    const other = await running.register('VOISINE');
    const fields = formFields();
    await browser.upload('/lettres/nouvelle', form(fields, [await pdf('a.pdf')]));
    const stranger = await running.signedIn(other);
    expect((await stranger.upload('/lettres/nouvelle', form(fields, [await pdf('b.pdf')]))).status).toBe(404);
  });
});

describe('bad input', () => {
  const good = () => pdf('bail.pdf');
  const cases: [string, Record<string, string>, string, string][] = [
    ['an e-mail address without a domain', { email: 'rose@' }, 'email', 'adresse e-mail n’est pas valable'],
    ['no e-mail address', { email: '' }, 'email', 'adresse e-mail n’est pas valable'],
    ['no name', { name: ' ' }, 'name', 'Indiquez le nom'],
    ['a name of two lines', { name: 'Rose\nBcc: x' }, 'name', 'Indiquez le nom'],
    ['a mobile that no plan has assigned', { mobile: '0712345678' }, 'mobile', 'pas un mobile attribué'],
    ['a fixed line as a mobile', { mobile: '01 45 67 89 01' }, 'mobile', 'pas un mobile attribué'],
    ['OTP without a mobile', { mobile: '', otp: 'yes' }, 'mobile', 'demande un numéro de mobile'],
    ['neither tenant nor owner', { partyKind: 'agent' }, 'partyKind', 'locataire'],
    ['no dossier', { dossier: '' }, 'dossier', 'code du dossier'],
    ['a dossier with a slash', { dossier: '../1' }, 'dossier', 'code du dossier'],
    ['no code of the third party', { partyCode: '' }, 'partyCode', 'code du tiers'],
    ['less than fifteen days', { retentionDays: '14' }, 'retentionDays', 'quinze jours'],
    ['a retention in words', { retentionDays: 'quinze' }, 'retentionDays', 'nombre entier de jours'],
    ['an alert after the end', { alertDays: '15' }, 'alertDays', 'inférieur à la durée'],
  ];

  /** Where the API has the form's field. */
  const pathOf = (field: string) =>
    ['name', 'email', 'mobile', 'civility'].includes(field) ? `recipient.${field}` : field;

  test.each(cases)('on the page: %s', async (_name, changes, field, sentence) => {
    const before = await count();
    // Multipart line breaks in a text arrive as they were sent.
    const answer = await browser.upload('/lettres/nouvelle', form(formFields(changes), [await good()]));
    expect(answer.status).toBe(422);
    expect(messageBeside(answer, field)).toContain(sentence);
    expect(await count()).toBe(before);
  });

  test.each(cases)('by the API: %s', async (_name, changes, field, sentence) => {
    const { retentionDays, alertDays, otp, ...texts } = { ...formFields(), ...changes };
    const { civility, name, email, mobile, partyKind, partyCode, dossier } = texts;
    const days = (text: string | undefined) => (Number.isNaN(Number(text)) ? text : Number(text));
    const answer = await program.submit(
      {
        recipient: { civility, name, email, ...(mobile ? { mobile } : {}) },
        partyKind,
        partyCode,
        dossier,
        otp: otp === 'yes',
        retentionDays: days(retentionDays),
        alertDays: days(alertDays),
      },
      [await good()],
    );
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const errors = jsonOf(answer)['errors'] as { field: string; message: string }[];
    expect(errors).toContainEqual({ field: pathOf(field), message: expect.stringContaining(sentence) });
  });

  const papers: [string, () => Promise<File[]>, number, string, string][] = [
    ['a PDF over 25 MB', () => Promise.resolve([oversizedPdf('gros.pdf')]), 413, 'TOO_LARGE', '25 Mo'],
    ['not a PDF', () => Promise.resolve([file('note.pdf', 'Bonjour')]), 422, 'NOT_A_PDF', 'note.pdf'],
    ['an encrypted PDF', async () => [await encryptedPdf('secret.pdf')], 422, 'ENCRYPTED', 'secret.pdf'],
    ['an empty file', () => Promise.resolve([file('vide.pdf', '')]), 422, 'EMPTY', 'vide.pdf'],
    ['a good and a bad one', async () => [await good(), file('note.pdf', 'Bonjour')], 422, 'NOT_A_PDF', 'note.pdf'],
    ['no document', () => Promise.resolve([]), 422, 'NO_DOCUMENT', 'au moins un fichier PDF'],
    [
      'the same document twice',
      async () => [await pdf('a.pdf', 't'), await pdf('b.pdf', 't')],
      422,
      'DOCUMENT_TWICE',
      'deux fois',
    ],
    [
      'eleven documents',
      () => Promise.all(Array.from({ length: 11 }, (_, index) => pdf(`${index}.pdf`))),
      422,
      'TOO_MANY_DOCUMENTS',
      'dix documents au plus',
    ],
  ];

  test.each(papers)('on the page: %s', async (_name, documents, status, _code, sentence) => {
    const before = await count();
    const answer = await browser.upload('/lettres/nouvelle', form(formFields(), await documents()));
    expect(answer.status).toBe(status);
    expect(messageBeside(answer, 'documents')).toContain(sentence);
    expect(answer.text).toContain('value="armande.rose@example.fr"');
    expect(await count()).toBe(before);
  });

  test.each(papers)('by the API: %s', async (_name, documents, status, code, sentence) => {
    const before = await count();
    const answer = await program.submit(letter(), await documents());
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(jsonOf(answer)).toMatchObject({ status, code, title: expect.stringContaining(sentence) });
    expect(answer.status).toBe(status);
    expect(await count()).toBe(before);
  });

  test('all that is wrong is said at once, on the page and by the API', async () => {
    const fields = formFields({ email: 'x', mobile: 'y', dossier: '' });
    const page = await browser.upload('/lettres/nouvelle', form(fields, [file('note.pdf', 'x')]));
    for (const field of ['email', 'mobile', 'dossier', 'documents']) expect(messageBeside(page, field)).toBeTruthy();
    const answer = jsonOf(
      await program.submit(letter({ recipient: { name: 'A', email: 'x', mobile: 'y' }, dossier: 1 }), []),
    );
    expect((answer['errors'] as { field: string }[]).map(({ field }) => field).sort()).toEqual([
      'dossier',
      'recipient.email',
      'recipient.mobile',
    ]);
  });

  test.each([
    ['an unknown field', letter({ urgent: true }), 422, 'INVALID_INPUT', 'urgent'],
    [
      'an unknown field of the recipient',
      letter({ recipient: { name: 'A', email: 'a@b.fr', role: 'x' } }),
      422,
      'INVALID_INPUT',
      'recipient.role',
    ],
    ['a list as recipient', letter({ recipient: [] }), 422, 'INVALID_INPUT', 'recipient'],
    ['no recipient', letter({ recipient: undefined }), 422, 'INVALID_INPUT', 'recipient'],
    ['a text for a truth value', letter({ otp: 'yes' }), 422, 'INVALID_INPUT', 'otp'],
    ['a list for a letter', [], 422, 'INVALID_INPUT', ''],
  ])('by the API: %s', async (_name, body, status, code, field) => {
    const answer = await program.submit(body, [await good()]);
    expect(answer.status).toBe(status);
    const problem = jsonOf(answer);
    expect(problem['code']).toBe(code);
    expect((problem['errors'] as { field: string }[]).map((error) => error.field)).toEqual([field]);
  });

  test('by the API: broken JSON, a missing part, an unknown part, no multipart, a broken one', async () => {
    const codeOf = async (body: BodyInit, headers: Record<string, string> = {}) => {
      const answer = await program.request('/api/letters', { method: 'POST', body, headers });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      return [answer.status, jsonOf(answer)['code']];
    };
    const withParts = (parts: Record<string, string | Blob>) => {
      const data = new FormData();
      for (const [name, value] of Object.entries(parts)) data.append(name, value);
      return data;
    };
    const document = await good();
    expect(await codeOf(withParts({ letter: '{"dossier":', document }))).toEqual([400, 'BROKEN_JSON']);
    expect(await codeOf(withParts({ document }))).toEqual([422, 'LETTER_MISSING']);
    expect(await codeOf(withParts({ letter: '{}', note: 'x', document }))).toEqual([422, 'UNKNOWN_PART']);
    expect(await codeOf(withParts({ letter: JSON.stringify(letter()), annexe: document }))).toEqual([
      422,
      'UNKNOWN_PART',
    ]);
    expect(await codeOf(withParts({ letter: 'x'.repeat(65 * 1024), document }))).toEqual([413, 'TEXT_TOO_LARGE']);
    expect(await codeOf('{}', { 'content-type': 'application/json' })).toEqual([415, 'NOT_MULTIPART']);
    const torn = '--x\r\ncontent-disposition: form-data; name="letter"\r\n\r\n{';
    expect(await codeOf(torn, { 'content-type': 'multipart/form-data; boundary=x' })).toEqual([
      400,
      'BROKEN_MULTIPART',
    ]);
  });
});

describe('by the API', () => {
  test('a letter is taken in: 202 with id, reference, links and position', async () => {
    const answer = await program.submit(letter(), [await pdf('bail.pdf'), await pdf('relance.pdf')]);
    const { id, reference, links } = jsonOf(answer);
    expect(answer.status).toBe(202);
    expect(reference).toMatch(/^LRE_9998_001_\d{14}/);
    expect(links).toEqual({ self: `/api/letters/${String(id)}`, page: `/lettres/${String(id)}` });
    expect(answer.headers.get('location')).toBe(`/api/letters/${String(id)}`);
    expect(answer.headers.get('pli-position')).toMatch(/^\d+-\d+$/);
    const read = jsonOf(await program.request(`/api/letters/${String(id)}`));
    expect(read).toMatchObject({
      id,
      reference,
      status: 'submitted',
      retentionDays: 15,
      alertDays: 5,
      professional: false,
    });
    expect(read['recipient']).toMatchObject({ civility: 'Mme', mobile: '+33612345678' });
    expect((read['documents'] as { name: string }[]).map(({ name }) => name)).toEqual(['bail.pdf', 'relance.pdf']);
  });

  test('the letter may come as a file, too', async () => {
    const data = new FormData();
    data.append('letter', new File([JSON.stringify(letter())], 'letter.json', { type: 'application/json' }));
    data.append('document', await pdf('bail.pdf'));
    expect((await program.request('/api/letters', { method: 'POST', body: data })).status).toBe(202);
  });

  test.each([
    ['0690 12 34 56', '+590690123456'],
    ['+34601020304', '+34601020304'],
  ])('the mobile %s is kept as %s', async (written, kept) => {
    const recipient = { name: 'A', email: 'a@example.fr', mobile: written };
    const { id } = jsonOf(await program.submit(letter({ recipient }), [await pdf('bail.pdf')]));
    const read = jsonOf(await program.request(`/api/letters/${String(id)}`));
    expect(read['recipient']).toMatchObject({ mobile: kept });
  });
});

describe('idempotency key', () => {
  test('the same request again is the same letter, spaced and ordered as it may be', async () => {
    const headers = { 'idempotency-key': newLetterId() };
    const document = await pdf('bail.pdf');
    const first = jsonOf(await program.submit(letter(), [document], headers));
    running.clock.advance(3_000);
    const { recipient, ...rest } = letter();
    const again = await program.submit(JSON.stringify({ ...rest, recipient }, null, 2), [document], headers);
    expect(again.status).toBe(202);
    expect(jsonOf(again)).toEqual(first);
    expect(again.headers.get('pli-position')).toMatch(/^\d+-\d+$/);
  });

  test('the same request several times at once is one letter', async () => {
    const headers = { 'idempotency-key': newLetterId() };
    const document = await pdf('bail.pdf');
    const before = await count();
    const answers = await Promise.all([1, 2, 3, 4].map(() => program.submit(letter(), [document], headers)));
    const ids = new Set(answers.map((answer) => jsonOf(answer)['id']));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(ids.size).toBe(1);
    const position = answers[0]?.headers.get('pli-position');
    const list = jsonOf(await program.request(`/api/letters?limit=100&atLeast=${String(position)}`));
    expect(list['letters']).toHaveLength(before + 1);
  });

  test('with another letter or another document it is refused', async () => {
    const headers = { 'idempotency-key': newLetterId() };
    const document = await pdf('bail.pdf');
    await program.submit(letter(), [document], headers);
    for (const [body, documents] of [
      [letter({ dossier: '002' }), [document]],
      [letter(), [await pdf('autre.pdf')]],
    ] as const) {
      const answer = await program.submit(body, documents, headers);
      expect([answer.status, jsonOf(answer)['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    }
  });

  test('two agencies may use the same key', async () => {
    const headers = { 'idempotency-key': 'lettre-1' };
    const other = running.program((await running.register('AUTRE')).apiKey);
    const document = await pdf('bail.pdf');
    const ids = [
      await program.submit(letter(), [document], headers),
      await other.submit(letter(), [document], headers),
    ];
    expect(jsonOf(ids[0] as Answer)['id']).not.toBe(jsonOf(ids[1] as Answer)['id']);
  });

  test('a refused letter leaves the key free for the corrected one', async () => {
    const headers = { 'idempotency-key': newLetterId() };
    const recipient = { name: 'A', email: 'a@example.fr' };
    const document = await pdf('bail.pdf');
    expect((await program.submit(letter({ recipient }), [document], headers)).status).toBe(422);
    expect((await program.submit(letter({ recipient, otp: false }), [document], headers)).status).toBe(202);
  });

  test('a malformed key is refused', async () => {
    const answer = await program.submit(letter(), [await pdf('bail.pdf')], { 'idempotency-key': 'a b' });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([422, 'IDEMPOTENCY_KEY_MALFORMED']);
  });
});
