import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { CampaignById, CommandCampaign } from '#libs/commands';
import type { CampaignIn, LetterResult } from '#libs/campaign';
import { draftCampaign } from '../spec/campaigns.js';
import { jsonOf, type Answer, type Browser, type Program } from '../spec/clients.js';
import { fileDocuments } from '../spec/filed-documents.js';
import { encryptedPdf, pdf } from '../spec/papers.js';
import { putParty, thirdParty } from '../spec/parties.js';
import { postLines, putLineWith, reminderLine } from '../spec/reminders.js';
import { RunningAgency, type Registered } from '../spec/running-agency.js';

let running: RunningAgency;
beforeAll(async () => {
  running = await RunningAgency.start();
}, 60_000);
afterAll(() => running.close());

/** An agency of its own with three lines: two of professionals, of whom one has a lease filed, and one without consent. */
class Office {
  private constructor(
    readonly registered: Registered,
    readonly program: Program,
    readonly browser: Browser,
  ) {}

  static async open(): Promise<Office> {
    const registered = await running.register(`O${randomUUID().slice(0, 6).toUpperCase()}`);
    const program = running.program(registered.apiKey);
    for (const [code, professional, name] of [
      ['40001', true, 'SCI des Lilas'],
      ['40002', true, 'SARL Durand'],
      ['40003', false, 'ROSE Armance'],
    ] as const) {
      const {
        secondName: _second,
        civility: _civility,
        mobile: _mobile,
        ...party
      } = thirdParty({ professional, name });
      await putParty(program, code, { ...party, email: `${code}@exemple.example` });
    }
    await fileDocuments(program, { category: 'lease', partyCode: '40001' }, [await pdf('Bail signé.pdf')]);
    await putLineWith(program, 'L1', await pdf('Relance.pdf'), reminderLine({ partyCode: '40001' }));
    await postLines(program, [
      { lineId: 'L2', ...reminderLine({ partyCode: '40002' }) },
      { lineId: 'L3', ...reminderLine({ partyCode: '40003' }) },
      { lineId: 'L4', ...reminderLine({ partyCode: '40001', level: 'reminder-1' }) },
    ]);
    return new Office(registered, program, await running.signedIn(registered));
  }

  /** Ticks lines and presses « LRE ». @returns the campaign's id */
  async begin(...lines: readonly string[]): Promise<string> {
    const form = new URLSearchParams([
      ['liste', 'unpaid'],
      ...lines.map((line) => ['ligne', line] as [string, string]),
    ]);
    const answer = await this.browser.request('/envois', { method: 'POST', body: form });
    return idOf(answer);
  }

  state(campaignId: string): Promise<unknown> {
    return running.app.get(QueryBus).execute(new CampaignById(campaignId));
  }

  /** Tells results as the worker does. */
  async settle(campaignId: string, ...results: readonly LetterResult[]): Promise<void> {
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor: 'worker' };
    await running.app.get(CommandBus).execute(new CommandCampaign(campaignId, { type: 'settle', results }, context));
  }
}

const idOf = (answer: Answer): string => answer.headers.get('location')?.split('/')[2] ?? '';
const contentsOf = (answer: Answer): string => /name="contenu" value="([0-9a-f]{64})"/.exec(answer.text)?.[1] ?? '';

/** Asks again until the lists have caught up. */
async function until(ask: () => Promise<Answer>, isWanted: (answer: Answer) => boolean): Promise<Answer> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await sleep(50)) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
  }
  throw new Error('Waited in vain for the page to change.');
}

const SETTINGS = { retentionDays: '20', alertDays: '4', agencyEmail: 'gerance@exemple.example' };

function attachments(texts: Record<string, string>, ...files: readonly File[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(texts)) form.append(name, value);
  for (const each of files) form.append('files', each);
  return form;
}

describe('the wizard', () => {
  it('leads from ticked lines over its three steps to the send', async () => {
    const { browser, begin, state } = bound(await Office.open());
    const id = await begin('L1', 'L2', 'L3');
    const first = await browser.get(`/envois/${id}/parametres`);
    expect(first.text).toContain('Étape 1/3');
    expect(first.text).toMatch(/signatures restantes <a href="\/cles"><strong>1\s000/);
    expect(first.text).toMatch(/Jusqu’au \d\d\/\d\d\/\d{4}/);
    expect(first.text).toContain('PLI_LRE_SIGN');
    const chosen = await browser.submit(`/envois/${id}/parametres`, { ...SETTINGS, 'mail-signature': 'PLI_LRE_SIGN' });
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, `/envois/${id}/pieces`]);

    const kept = await browser.upload(
      `/envois/${id}/pieces`,
      attachments({ category: 'lease', whenMissing: 'send-without', suite: 'ajouter' }, await pdf('Règlement.pdf')),
    );
    expect(kept.headers.get('location')).toBe(`/envois/${id}/pieces`);
    const second = await browser.get(`/envois/${id}/pieces`);
    expect(second.text).toContain('Règlement.pdf');
    expect(second.text).toContain('destinataires qui ont un document, 1 sur 3');
    const file = /href="(\/envois\/[^"]+\/pieces\/[0-9a-f]{64})"/.exec(second.text)?.[1] ?? '';
    expect((await browser.get(file)).headers.get('content-type')).toBe('application/pdf');
    const onward = await browser.upload(
      `/envois/${id}/pieces`,
      attachments({ category: 'lease', whenMissing: 'send-without' }),
    );
    expect(onward.headers.get('location')).toBe(`/envois/${id}/recapitulatif`);

    const third = await browser.get(`/envois/${id}/recapitulatif`);
    expect(third.text).toContain('Nombre de destinataires <strong>2/3</strong>');
    for (const name of ['AR Relance.pdf', 'Bail signé.pdf', 'Règlement.pdf', 'AR Rappel recommandé.pdf']) {
      expect(third.text).toContain(name);
    }
    expect(third.text).toContain('Bail : aucun document classé');
    expect(third.text).toContain('Accord manquant');
    for (const href of [...third.text.matchAll(/href="(\/(?:relances|documents|envois)\/[^"]+)" target/g)].slice(
      0,
      2,
    )) {
      expect((await browser.get(href[1] ?? '')).headers.get('content-type')).toBe('application/pdf');
    }

    const send = new URLSearchParams({ contenu: contentsOf(third), action: 'envoyer' });
    for (const row of ['0', '1', '2']) send.append('rang', row);
    for (const row of ['0', '2']) send.append('coche', row);
    const sent = await browser.request(`/envois/${id}/recapitulatif`, { method: 'POST', body: send });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/envois/${id}`]);
    const twice = await browser.request(`/envois/${id}/recapitulatif`, { method: 'POST', body: send });
    expect([twice.status, twice.headers.get('location')]).toEqual([303, `/envois/${id}`]);
    const campaign = (await state(id)) as CampaignIn<'running'>;
    expect(campaign).toMatchObject({
      status: 'running',
      settings: { retentionDays: 20 },
      category: { category: 'lease' },
    });
    expect([...campaign.letters.values()]).toMatchObject([
      { lineId: 'L1', person: { name: 'SCI des Lilas', filedName: 'Bail signé.pdf' } },
      { lineId: 'L3', obstacle: 'NO_CONSENT' },
    ]);
    const shown = await browser.get(`/envois/${id}`);
    expect(shown.text).toContain('Transfert en cours : 1 sur 2');
    expect(shown.text).toContain('Écartée');
    expect((await browser.get('/envois')).text).toContain('Envoi en cours');
  });

  it('comes back with what is wrong beside the field', async () => {
    const { browser, begin } = bound(await Office.open());
    const id = await begin('L3');
    const faulty = await browser.submit(`/envois/${id}/parametres`, {
      ...SETTINGS,
      retentionDays: 'x',
      agencyEmail: '',
    });
    expect(faulty.status).toBe(422);
    expect(faulty.text).toContain('La durée de rétention est un nombre entier de jours.');
    expect(faulty.text).toContain('id="agencyEmail-fault"');
    expect((await browser.get(`/envois/${id}/recapitulatif`)).headers.get('location')).toBe(`/envois/${id}/parametres`);
    const template = await browser.submit(`/envois/${id}/parametres`, { ...SETTINGS, 'mail-expiry': 'INCONNU' });
    expect([template.status, template.text.includes('class="fault"')]).toEqual([422, true]);
  });

  it('refuses fewer than fifteen days unless all are professionals', async () => {
    const { browser, begin, program } = bound(await Office.open());
    const short = { ...SETTINGS, retentionDays: '10' };
    const professionals = await begin('L1', 'L2');
    expect((await browser.submit(`/envois/${professionals}/parametres`, short)).status).toBe(303);
    await putParty(program, '40002', { ...thirdParty({ name: 'DURAND Paul' }), email: 'paul@exemple.example' });
    const form = await browser.get(`/envois/${professionals}/recapitulatif`);
    expect(form.text).toContain('1/2');
  });

  it('keeps the settings for the next send', async () => {
    const { browser, begin } = bound(await Office.open());
    await browser.submit(`/envois/${await begin('L1')}/parametres`, { ...SETTINGS, otp: 'yes' });
    const second = await begin('L2');
    const next = await until(
      () => browser.get(`/envois/${second}/parametres`),
      ({ text }) => text.includes('gerance@exemple.example'),
    );
    expect(next.text).toMatch(/id="otp"[^>]* checked/);
  });

  it('says which file cannot go out, and keeps the others out as well', async () => {
    const { browser, begin } = bound(await Office.open());
    const id = await begin('L1');
    await browser.submit(`/envois/${id}/parametres`, SETTINGS);
    const refused = await browser.upload(
      `/envois/${id}/pieces`,
      attachments({ category: '' }, await encryptedPdf('clé.pdf')),
    );
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('« clé.pdf »');
  });

  it('sends nothing when what was checked has changed since', async () => {
    const { browser, begin, program, state } = bound(await Office.open());
    const id = await begin('L1', 'L2');
    await browser.submit(`/envois/${id}/parametres`, SETTINGS);
    const contenu = contentsOf(await browser.get(`/envois/${id}/recapitulatif`));
    await postLines(program, [{ lineId: 'L2', ...reminderLine({ partyCode: '40002', dossier: '002' }) }]);
    await until(
      () => browser.get(`/envois/${id}/recapitulatif`),
      (answer) => contentsOf(answer) !== contenu,
    );
    const sent = await browser.submit(`/envois/${id}/recapitulatif`, { contenu, action: 'envoyer' });
    expect(sent.status).toBe(409);
    expect(sent.text).toContain('Le récapitulatif a changé');
    expect(await state(id)).toMatchObject({ status: 'draft' });
  });

  it('takes the whole list: all that can be sent of it', async () => {
    const { browser, state } = bound(await Office.open());
    const id = idOf(await browser.submit('/envois', { liste: 'unpaid', tout: 'oui' }));
    expect(await state(id)).toMatchObject({ lines: ['L1', 'L2'] });
    expect((await browser.submit('/envois', { liste: 'unpaid' })).status).toBe(422);
  });
});

describe('a campaign that is over', () => {
  it('keeps its result, and sends what failed by another campaign', async () => {
    const { browser, begin, settle, state } = bound(await Office.open());
    const id = await begin('L1', 'L2');
    await browser.submit(`/envois/${id}/parametres`, SETTINGS);
    await browser.upload(
      `/envois/${id}/pieces`,
      attachments({ category: 'lease', whenMissing: 'send-without' }, await pdf('R.pdf')),
    );
    const contenu = contentsOf(await browser.get(`/envois/${id}/recapitulatif`));
    await browser.submit(`/envois/${id}/recapitulatif`, { contenu, action: 'envoyer' });
    await settle(
      id,
      { row: 0, outcome: 'submitted', letterId: randomUUID(), reference: 'LRE_1' },
      { row: 1, outcome: 'failed', reason: 'NO_SIGNATURE_LEFT' },
    );
    const page = await until(
      () => browser.get(`/envois/${id}`),
      ({ text }) => text.includes('Envoi terminé'),
    );
    expect(page.text).toContain('LRE_1');
    expect(page.text).toContain('Il ne reste aucune signature');
    const failures = await browser.get(`/envois/${id}?resultat=echecs`);
    expect([failures.text.includes('SARL Durand'), failures.text.includes('SCI des Lilas')]).toEqual([true, false]);
    const again = idOf(await browser.submit(`/envois/${id}/reprise`, {}));
    expect(await state(again)).toMatchObject({
      status: 'draft',
      lines: ['L2'],
      category: { category: 'lease' },
      files: [{ name: 'R.pdf' }],
    });
    expect((await browser.submit(`/envois/${again}/abandon`, {})).headers.get('location')).toBe('/envois');
    expect((await browser.get(`/envois/${again}/pieces`)).headers.get('location')).toBe('/envois');
  });
});

describe('the API', () => {
  let office: Office;
  beforeAll(async () => {
    office = await Office.open();
  });

  it('drafts, tells what would be sent, starts once and tells results', async () => {
    const { program, settle } = bound(office);
    const id = await draftCampaign(program, ['L1', 'L3'], await pdf('Règlement.pdf'));
    const drafted = jsonOf(await program.request(`/api/campaigns/${id}`));
    expect(drafted).toMatchObject({
      status: 'draft',
      lines: 2,
      settings: { retentionDays: 15, alertDays: 5, otp: false },
      files: [{ name: 'Règlement.pdf' }],
    });
    const recap = jsonOf(await program.request(`/api/campaigns/${id}/letters`));
    expect(recap['letters']).toMatchObject([
      { lineId: 'L1', reason: null, documents: 2 },
      { lineId: 'L3', reason: 'NO_CONSENT' },
    ]);
    const start = () => program.request(`/api/campaigns/${id}/start`, { method: 'POST' });
    const started = await start();
    expect([started.status, jsonOf(started)]).toEqual([
      202,
      expect.objectContaining({ status: 'running', letters: 2, skipped: 1 }),
    ]);
    expect(jsonOf(await start())).toMatchObject({ status: 'running' });
    await settle(id, { row: 0, outcome: 'failed', reason: 'LINE_CHANGED' });
    const position = started.headers.get('pli-position') ?? '';
    const letters = jsonOf(await program.request(`/api/campaigns/${id}/letters?atLeast=${position}`));
    expect(letters['letters']).toMatchObject([
      { lineId: 'L1' },
      { lineId: 'L3', outcome: 'skipped', reason: 'NO_CONSENT' },
    ]);
    expect(jsonOf(await program.request(`/api/campaigns/${id}`))).toMatchObject({ status: 'finished', failed: 1 });
    expect(jsonOf(await program.request('/api/campaigns'))).toMatchObject({ campaigns: [{ id, list: 'unpaid' }] });
  });

  it.each([
    [{ list: 'unpaid', lines: [] }, 'NO_LINE'],
    [{ list: 'rents', lines: ['L1'] }, 'INVALID_INPUT'],
    [{ list: 'unpaid', lines: ['L1'], settings: { agencyEmail: 'x' } }, 'INVALID_INPUT'],
    [
      { list: 'unpaid', lines: ['L3'], settings: { agencyEmail: 'a@b.example', retentionDays: 0 } },
      'RETENTION_OUT_OF_RANGE',
    ],
    [{ list: 'unpaid', lines: ['L1'], attachment: { category: 'secrets' } }, 'INVALID_INPUT'],
  ])('refuses %j with %s', async (body, code) => {
    const { program } = office;
    const headers = { 'content-type': 'application/json' };
    const answer = await program.request('/api/campaigns', { method: 'POST', body: JSON.stringify(body), headers });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([422, code]);
    // The list may still show the draft of a campaign that was refused after it was begun.
    await until(
      () => program.request('/api/campaigns'),
      (listed) => (jsonOf(listed)['campaigns'] as { status: string }[]).every(({ status }) => status !== 'draft'),
    );
  });
});

/** So that what an office does may be taken out of it. */
function bound(office: Office) {
  return {
    browser: office.browser,
    program: office.program,
    begin: (...lines: string[]) => office.begin(...lines),
    state: (id: string) => office.state(id),
    settle: (id: string, ...results: LetterResult[]) => office.settle(id, ...results),
  };
}
