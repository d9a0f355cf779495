import { CommandBus } from '@nestjs/cqrs';
import { CommandReminder } from '#libs/commands';
import { jsonOf, type Program } from '../spec/clients.js';
import { encryptedPdf, pdf } from '../spec/papers.js';
import { giveConsent, png, putParty, thirdParty, withdraw } from '../spec/parties.js';
import { postLines, putLine, putLineWith, reminderLine } from '../spec/reminders.js';
import { RunningAgency, type Registered } from '../spec/running-agency.js';

let running: RunningAgency;
let latour: Registered;
let program: Program;

beforeAll(async () => {
  running = await RunningAgency.start();
  latour = await running.register('LATOUR');
  program = running.program(latour.apiKey);
  await putParty(program, '40017', thirdParty());
  await giveConsent(program, '40017', png());
  await putParty(program, '40038', thirdParty({ name: 'BENSEHIL Philippe', mobile: undefined }));
  await putParty(program, '40213', thirdParty({ kind: 'owner', name: 'ROSE Armance', professional: true }));
});
afterAll(() => running.close());

/** What the list answers about a question, once it shows the last command. */
async function listed(question: string, position: string | null): Promise<Record<string, unknown>[]> {
  const answer = await program.request(`/api/reminders?${question}${position === null ? '' : `&atLeast=${position}`}`);
  expect(answer.status).toBe(200);
  return jsonOf(answer)['lines'] as Record<string, unknown>[];
}

/** Gives a line to a campaign, as the campaign does. */
async function sendAs(lineId: string, letterId: string): Promise<void> {
  const context = { commandId: letterId, correlationId: letterId, causationId: letterId, actor: 'worker' };
  const command = { type: 'markSent', campaignId: 'campaign-1', letterId } as const;
  await running.app.get(CommandBus).execute(new CommandReminder(latour.agencyId, lineId, command, context));
}

describe('one line', () => {
  test('is received, then the same, then corrected', async () => {
    const first = await putLine(program, 'nov/40017', reminderLine());
    expect([first.status, first.headers.get('location')]).toEqual([201, '/api/reminders/nov%2F40017']);
    expect(jsonOf(first)).toMatchObject({
      lineId: 'nov/40017',
      list: 'unpaid',
      level: 'registered',
      partyCode: '40017',
      dossier: '001',
      status: 'open',
      data: { periode: 'octobre 2026', montantDu: '687.50', dateLimite: '2026-12-15' },
      document: null,
      eligible: true,
      canReceiveCode: true,
      reason: null,
      links: { self: '/api/reminders/nov%2F40017', page: '/relances/lignes/nov%2F40017' },
    });
    const again = await putLine(program, 'nov/40017', reminderLine({ data: { ...FIELDS, montantDu: 687.5 } }));
    expect([again.status, jsonOf(again)['changedAt']]).toEqual([200, jsonOf(first)['receivedAt']]);
    const corrected = await putLine(program, 'nov/40017', reminderLine({ level: 'bailiff' }));
    expect([corrected.status, jsonOf(corrected)]).toMatchObject([
      200,
      { level: 'bailiff', eligible: false, reason: { code: 'LEVEL' } },
    ]);
    expect(jsonOf(await program.request('/api/reminders/nov%2F40017'))).toEqual(jsonOf(corrected));
  });

  const FIELDS = reminderLine()['data'] as Record<string, unknown>;

  test('is refused with every fault by its field', async () => {
    const answer = await putLine(program, ' .. ', {
      list: 'unpaid',
      level: 'lrar',
      partyCode: 'a b',
      dossier: '',
      data: { montantDu: 'beaucoup' },
      unknown: 1,
    });
    expect(answer.status).toBe(422);
    const { errors } = jsonOf(answer) as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field).toSorted()).toEqual(['dossier', 'level', 'lineId', 'partyCode', 'unknown']);
    const data = { montantDu: '1.234', frais: true, loyers: '1' };
    expect(jsonOf(await putLine(program, 'x', reminderLine({ data })))).toMatchObject({
      errors: [{ field: 'data.frais' }],
    });
    expect(jsonOf(await putLine(program, 'x', reminderLine({ data: { ...data, frais: 12 } })))).toMatchObject({
      errors: [{ field: 'data.montantDu' }, { field: 'data.loyers' }],
    });
    expect((await program.request('/api/reminders/x')).status).toBe(404);
    expect((await program.request('/api/reminders/x', { method: 'PUT', body: 'x' })).status).toBe(415);
  });

  test('is withdrawn and reinstated; then it may be corrected again', async () => {
    await putLine(program, 'withdrawn', reminderLine());
    const act = (act: string) => program.request(`/api/reminders/withdrawn/${act}`, { method: 'POST' });
    expect(jsonOf(await act('withdrawal'))).toMatchObject({ status: 'withdrawn', reason: { code: 'WITHDRAWN' } });
    const refused = await putLine(program, 'withdrawn', reminderLine({ dossier: '002' }));
    expect([refused.status, jsonOf(refused)['code']]).toEqual([409, 'REMINDER_WITHDRAWN']);
    expect(jsonOf(await act('reinstatement'))).toMatchObject({ status: 'open', eligible: true });
    expect((await putLine(program, 'withdrawn', reminderLine({ dossier: '002' }))).status).toBe(200);
    expect((await program.request('/api/reminders/nothing/withdrawal', { method: 'POST' })).status).toBe(404);
  });

  test('that was sent is not changed any more', async () => {
    await putLine(program, 'sent', reminderLine());
    await sendAs('sent', 'a7d0c5f2-6a34-4a5c-8b1e-0a5f1f7c9b11');
    expect(jsonOf(await program.request('/api/reminders/sent'))).toMatchObject({
      status: 'sent',
      campaignId: 'campaign-1',
      letterId: 'a7d0c5f2-6a34-4a5c-8b1e-0a5f1f7c9b11',
      reason: { code: 'SENT' },
    });
    expect((await putLine(program, 'sent', reminderLine())).status).toBe(200);
    const changed = await putLine(program, 'sent', reminderLine({ dossier: '002' }));
    expect([changed.status, jsonOf(changed)['code']]).toEqual([409, 'REMINDER_SENT']);
  });

  test('stays in its list', async () => {
    await putLine(program, 'list', reminderLine());
    const other = reminderLine({ list: 'insurance', data: { justificatif: 'attestation' } });
    expect(jsonOf(await putLine(program, 'list', other))).toMatchObject({ code: 'REMINDER_IN_OTHER_LIST' });
  });
});

describe('the PDF that is the letter of a line', () => {
  test('comes with the line, is read back, and goes with a line that has none', async () => {
    const letter = await pdf('Relance d’octobre.pdf');
    const put = await putLineWith(program, 'with/pdf', letter, reminderLine());
    expect([put.status, jsonOf(put)]).toMatchObject([
      201,
      { document: { name: 'Relance d’octobre.pdf', pages: 1, href: '/api/reminders/with%2Fpdf/document' } },
    ]);
    const read = await program.request('/api/reminders/with%2Fpdf/document');
    expect([read.status, read.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(read.bytes.equals(Buffer.from(await letter.arrayBuffer()))).toBe(true);
    // Lines in bulk do not speak of documents.
    const many = await postLines(program, [{ lineId: 'with/pdf', ...reminderLine({ dossier: '002' }) }]);
    expect(jsonOf(many)).toMatchObject({ lines: [{ outcome: 'corrected' }] });
    expect(jsonOf(await program.request('/api/reminders/with%2Fpdf'))).toMatchObject({ document: { pages: 1 } });
    expect(jsonOf(await putLine(program, 'with/pdf', reminderLine()))).toMatchObject({ document: null });
    expect((await program.request('/api/reminders/with%2Fpdf/document')).status).toBe(404);
  });

  test('must be one PDF that can be read', async () => {
    const encrypted = await putLineWith(program, 'faulty', await encryptedPdf('Relance.pdf'), reminderLine());
    expect([encrypted.status, jsonOf(encrypted)]).toMatchObject([422, { code: 'ENCRYPTED' }]);
    const form = new FormData();
    form.append('line', JSON.stringify(reminderLine()));
    const without = await program.request('/api/reminders/faulty', { method: 'PUT', body: form });
    expect(jsonOf(without)).toMatchObject({ status: 422, code: 'NO_DOCUMENT' });
    expect((await program.request('/api/reminders/faulty')).status).toBe(404);
  });
});

describe('many lines', () => {
  test('are each told what became of them, and are the same when they come again', async () => {
    const lines = [
      { lineId: 'bulk/1', ...reminderLine() },
      { lineId: 'bulk/2', ...reminderLine({ data: { montantDu: 'x' } }) },
      { lineId: 'bulk/1', ...reminderLine({ dossier: '002' }) },
      { lineId: 'sent', ...reminderLine({ dossier: '003' }) },
      'nothing',
      { lineId: 'bulk/3', ...reminderLine({ partyCode: '40038' }) },
    ];
    const first = await postLines(program, lines);
    expect(first.status).toBe(200);
    expect(jsonOf(first)).toMatchObject({
      lines: [
        { lineId: 'bulk/1', outcome: 'received', links: { self: '/api/reminders/bulk%2F1' } },
        { lineId: 'bulk/2', outcome: 'faulty', errors: [{ field: 'data.montantDu' }] },
        { lineId: 'bulk/1', outcome: 'faulty', errors: [{ field: 'lineId' }] },
        { lineId: 'sent', outcome: 'refused', code: 'REMINDER_SENT' },
        { lineId: null, outcome: 'faulty' },
        { lineId: 'bulk/3', outcome: 'received' },
      ],
    });
    const again = jsonOf(await postLines(program, lines)) as { lines: { outcome: string }[] };
    expect(again.lines.map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'faulty',
      'faulty',
      'refused',
      'faulty',
      'unchanged',
    ]);
    const shown = await listed('list=unpaid&search=bulk', first.headers.get('pli-position'));
    expect(shown.map(({ lineId, eligible, reason }) => [lineId, eligible, reason])).toEqual([
      ['bulk/1', true, null],
      ['bulk/3', false, { code: 'NO_CONSENT', sentence: expect.stringContaining('Accord manquant') as string }],
    ]);
  });

  test('are at least one and at most a thousand', async () => {
    expect((await postLines(program, [])).status).toBe(422);
    expect((await postLines(program, 'x')).status).toBe(422);
    const many = Array.from({ length: 1_001 }, (_, index) => ({ lineId: `n${index}` }));
    expect(jsonOf(await postLines(program, many))).toMatchObject({ code: 'INVALID_INPUT' });
    const huge = await postLines(program, ['x'.repeat(3 * 1024 * 1024)]);
    expect(huge.status).toBe(413);
  });
});

describe('a list', () => {
  test('is filtered by whether its lines may become letters, across its pages', async () => {
    const lines = Array.from({ length: 7 }, (_, index) => ({
      lineId: `pno/${index}`,
      ...reminderLine({
        list: 'owner-insurance',
        partyCode: index % 2 === 0 ? '40213' : '40017',
        data: { bien: '12 rue des Clercs' },
      }),
    }));
    const position = (await postLines(program, lines)).headers.get('pli-position');
    const eligible = await listed('list=owner-insurance&eligible=yes', position);
    expect(eligible.map(({ lineId }) => lineId)).toEqual(['pno/0', 'pno/2', 'pno/4', 'pno/6']);
    const others = await listed('list=owner-insurance&eligible=no', position);
    expect(others.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ code: 'NOT_AN_OWNER' }) as unknown),
    );
    const pages: unknown[] = [];
    let after = '';
    do {
      const page = jsonOf(
        await program.request(`/api/reminders?list=owner-insurance&eligible=yes&limit=3${after}`),
      ) as { lines: { lineId: string }[]; next: string | null };
      pages.push(page.lines.map(({ lineId }) => lineId));
      after = page.next === null ? '' : `&after=${encodeURIComponent(page.next)}`;
    } while (after !== '');
    expect(pages).toEqual([['pno/0', 'pno/2', 'pno/4'], ['pno/6']]);
    expect((await listed('list=owner-insurance&search=rose', position)).map(({ lineId }) => lineId)).toEqual([
      'pno/0',
      'pno/2',
      'pno/4',
      'pno/6',
    ]);
  });

  test('follows the consent of its third parties', async () => {
    await putParty(program, '40300', thirdParty({ name: 'VALENTIN Anne' }));
    await giveConsent(program, '40300', png());
    await putLine(program, 'consent', reminderLine({ partyCode: '40300' }));
    expect(jsonOf(await program.request('/api/reminders/consent'))).toMatchObject({ eligible: true });
    await withdraw(program, '40300', { withdrawnOn: '2026-02-01', how: 'email' });
    expect(jsonOf(await program.request('/api/reminders/consent'))).toMatchObject({
      reason: { code: 'CONSENT_WITHDRAWN' },
    });
  });

  test('answers questions that it knows, and is that of unpaid rents unless it is told another one', async () => {
    expect((await program.request('/api/reminders?list=x')).status).toBe(422);
    expect((await program.request('/api/reminders?list=unpaid&level=x&status=y&eligible=z')).status).toBe(422);
    expect((await listed('', null)).every(({ list }) => list === 'unpaid')).toBe(true);
    const nowhere = await program.request('/api/reminders?list=unpaid&after=x');
    expect(jsonOf(nowhere)).toMatchObject({ status: 422, code: 'REMINDER_CURSOR_INVALID' });
  });
});

test('another agency has none of these lines', async () => {
  const { apiKey } = await running.register('VOISINE');
  const other = running.program(apiKey);
  await putLine(program, 'mine', reminderLine());
  expect((await other.request('/api/reminders/mine')).status).toBe(404);
  expect((await other.request('/api/reminders/mine/withdrawal', { method: 'POST' })).status).toBe(404);
  expect(jsonOf(await other.request('/api/reminders?list=unpaid'))).toMatchObject({ lines: [] });
  expect((await putLine(other, 'mine', reminderLine())).status).toBe(201);
});
