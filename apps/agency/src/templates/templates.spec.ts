import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { CommandTemplates, TemplatesOfAgency } from '#libs/commands';
import { kinds } from '#libs/templates';
import { jsonOf, type Answer, type Browser, type Program } from '../spec/clients.js';
import { letter, pdf } from '../spec/papers.js';
import { RunningAgency, type Registered } from '../spec/running-agency.js';

let running: RunningAgency;
let registered: Registered;
let browser: Browser;
let reader: Browser;
let program: Program;
let neighbour: Program;

beforeAll(async () => {
  running = await RunningAgency.start();
  registered = await running.register('9998', 'manager');
  browser = await running.signedIn(registered);
  reader = await running.signedIn(await running.addUser(registered, 'clerk'));
  program = running.program(registered.apiKey);
  neighbour = running.program((await running.register('VOISINE')).apiKey);
});
afterAll(() => running.close());

const NOTICE = { objet: 'À lire', texte: 'Avant le {{dateLimite}} :\r\n\r\n[Signer]({{lien}})' };
const put = (address: string, body: unknown, by = program): Promise<Answer> =>
  by.request(address, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const post = (address: string, body: unknown = {}, by = program): Promise<Answer> =>
  by.request(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const state = async () => (await running.app.get(QueryBus).execute(new TemplatesOfAgency(registered.agencyId))).state;

describe('the list', () => {
  test('has every kind with its built-in template', async () => {
    const { status, text } = await browser.get('/modeles');
    expect(status).toBe(200);
    for (const name of [
      'PLI_LRE_SIGN',
      'PLI_LRE_FIN',
      'PLI_LRE_CONFIRM',
      'PLI_LRE_REFUS',
      'PLI_LRE_PREUVE',
      'PLI_LRE_DELAIS',
    ]) {
      expect(text).toContain(name);
    }
    expect(text.match(/Par défaut/g)).toHaveLength(kinds.length);
  });

  test('offers to write one to managers alone', async () => {
    expect((await browser.get('/modeles')).text).toContain('Nouveau modèle');
    expect((await reader.get('/modeles')).text).not.toContain('Nouveau modèle');
    const { text } = await reader.get('/modeles/mail-signature/PLI_LRE_SIGN');
    expect(text).toContain('readonly');
    expect(text).not.toContain('Enregistrer');
  });
});

describe('a template', () => {
  test('is made, is shown at once, changed, made the default, and removed', async () => {
    const form = await browser.get('/modeles/nouveau/mail-signature');
    expect(form.text).toContain('Cliquez ici pour signer');
    const made = await browser.submit('/modeles/nouveau/mail-signature', { nom: 'COURT', ...NOTICE });
    expect([made.status, made.headers.get('location')]).toEqual([303, '/modeles/mail-signature/COURT?fait=enregistre']);
    expect((await browser.get('/modeles')).text).toContain('COURT');
    const page = await browser.get('/modeles/mail-signature/COURT?fait=enregistre');
    expect(page.text).toContain('Le modèle est enregistré');
    expect(page.text).toContain('Avant le {{dateLimite}} :\n\n[Signer]({{lien}})');

    await browser.submit('/modeles/mail-signature/COURT', { ...NOTICE, objet: 'À lire vite' });
    await browser.submit('/modeles/mail-signature/COURT/defaut', {});
    const shown = jsonOf(await program.request('/api/templates/mail-signature/COURT'));
    expect(shown).toMatchObject({ subject: 'À lire vite', default: true, builtIn: false });

    expect((await browser.submit('/modeles/mail-signature/COURT/suppression', {})).headers.get('location')).toBe(
      '/modeles',
    );
    expect((await browser.get('/modeles/mail-signature/COURT')).status).toBe(404);
    const original = jsonOf(await program.request('/api/templates/mail-signature/PLI_LRE_SIGN'));
    expect(original).toMatchObject({ default: true, builtIn: true, savedAt: null });
  });

  test('that Pli comes with is changed and gets its own text again', async () => {
    await browser.submit('/modeles/mail-refusal/PLI_LRE_REFUS', { objet: 'Refus {{dossier}}', texte: 'Refusé.' });
    const page = await browser.get('/modeles/mail-refusal/PLI_LRE_REFUS');
    expect(page.text).toContain('Rétablir le texte d’origine');
    expect(page.text).not.toContain('Supprimer');
    await browser.submit('/modeles/mail-refusal/PLI_LRE_REFUS/retablissement', {});
    expect((await browser.get('/modeles/mail-refusal/PLI_LRE_REFUS')).text).toContain(
      'a refusé une lettre recommandée',
    );
    expect((await browser.submit('/modeles/mail-refusal/PLI_LRE_REFUS/suppression', {})).status).toBe(409);
  });

  test.each([
    [
      'a syntax fault',
      { texte: 'a\r\n\r\n{{#if code}}\r\n{{lien}}{{dateLimite}}' },
      'Ligne 3 : {{#if}} n’est pas fermé',
    ],
    [
      'an unknown field',
      { texte: '{{lien}}\r\n{{expediteur}} {{dateLimite}}' },
      'Ligne 2 : le champ « expediteur » n’existe pas ici',
    ],
    ['a fault in the subject', { objet: '{{{destinataire}}}' }, 'avec deux accolades'],
    ['no deadline', { texte: '{{lien}}' }, 'La date limite manque'],
    ['a link that may be missing', { texte: '{{#if code}}{{lien}}{{/if}}{{dateLimite}}' }, 'Le lien manque'],
    ['the sender’s name', { texte: `${NOTICE.texte} Agence 9998` }, 'Ce message nomme votre agence'],
    ['no subject', { objet: '' }, 'L’objet manque'],
    ['a name that is taken', { nom: 'PLI_LRE_SIGN' }, 'porte déjà ce nom'],
    ['a reserved name', { nom: 'PLI_AUTRE' }, '« PLI_ »'],
    ['a name with a blank', { nom: 'a b' }, 'sans espace'],
  ])('comes back filled in with the message beside its field: %s', async (_case, change, message) => {
    const fields = { nom: 'FAUX', ...NOTICE, ...change };
    const answer = await browser.submit('/modeles/nouveau/mail-signature', fields);
    expect(answer.status).toBe(422);
    const text = answer.text.replaceAll('&#x27;', '’').replaceAll('&#x3D;', '=');
    expect(text).toContain('Le modèle n’est pas enregistré');
    expect(text).toMatch(
      new RegExp(`class="fault" id="(nom|objet|texte)-fault">[^<]*${message.replaceAll(/[{}#()]/g, '.')}`),
    );
    expect(text).toContain(`value="${fields.nom}"`);
    expect((await browser.get('/modeles/mail-signature/FAUX')).status).toBe(404);
  });

  test('is written by managers alone', async () => {
    expect((await reader.submit('/modeles/mail-signature/PLI_LRE_SIGN', NOTICE)).status).toBe(403);
    expect((await reader.get('/modeles/nouveau/mail-signature')).status).toBe(403);
  });

  test('of an unknown kind or name is not there', async () => {
    for (const address of ['/modeles/mail-x/A', '/modeles/mail-signature/A', '/modeles/nouveau/constructor']) {
      expect((await browser.get(address)).status).toBe(404);
    }
  });

  test('tells when it could not be used for a letter', async () => {
    await put('/api/templates/mail-expiry/CASSE', { subject: 'x', body: 'y' });
    const letterId = '0199f0c4-7a50-7cc1-9d3e-00000000000a';
    const report = {
      type: 'reportFailure',
      kind: 'mail-expiry',
      name: 'CASSE',
      reason: 'RENDERING_FAILED',
      letterId,
    } as const;
    const context = { commandId: letterId, correlationId: letterId, causationId: letterId, actor: 'worker' };
    await running.app.get(CommandBus).execute(new CommandTemplates(registered.agencyId, report, context));
    const { text } = await browser.get('/modeles/mail-expiry/CASSE');
    expect(text).toContain('Ce modèle n’a pas pu être utilisé');
    expect(text).toContain(`href="/lettres/${letterId}"`);
  });
});

describe('the preview', () => {
  test('shows subject, HTML and text in the name of the agency, under a policy of its own', async () => {
    const answer = await browser.submit('/modeles/apercu/mail-confirmation', {
      objet: 'Signé – {{dossier}}',
      texte: '# Bonjour {{agence}}\r\n\r\n[Voir]({{lien}})',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'self'; sandbox",
    );
    expect(answer.text).toContain('Signé – 001');
    expect(answer.text).toContain('Bonjour Agence 9998');
    expect(answer.text).toContain('Service non qualifié');
    expect((await browser.get('/modeles/mail-confirmation/PLI_LRE_CONFIRM/apercu')).text).toContain(
      'Un locataire a signé un document',
    );
  });

  test('shows what is wrong, with its line, and runs nothing', async () => {
    const faulty = await browser.submit('/modeles/apercu/mail-refusal', {
      objet: 'x',
      texte: 'a\r\n{{lookup this "x"}}',
    });
    expect(faulty.text).toContain('Ligne 2 :');
    const hostile = await browser.submit('/modeles/apercu/mail-refusal', {
      objet: '<script>',
      texte: '<script>alert(1)</script>',
    });
    expect(hostile.text).not.toContain('<script');
  });

  test.each([
    ['sms-code', { texte: 'Code {{code}}' }, 'SMS de 11 caractères'],
    ['letter-unpaid', { objet: 'Relance', texte: 'Bonjour {{destinataire}}' }, 'Bonjour M. et Mme CHARPENTIER'],
  ])('of %s is in its own form', async (kind, fields, words) => {
    expect((await browser.submit(`/modeles/apercu/${kind}`, fields)).text).toContain(words);
  });
});

describe('a trial', () => {
  test('goes to the address of whoever asks, five times in ten minutes', async () => {
    const address = '/modeles/mail-alert/PLI_LRE_ALERTE/essai';
    for (let count = 0; count < 5; count += 1) {
      expect((await browser.submit(address, {})).headers.get('location')).toContain('fait=essai');
    }
    const sixth = await browser.submit(address, {});
    expect(sixth.status).toBe(429);
    expect(sixth.text).toContain('Cinq essais');
    const answer = await post('/api/templates/mail-alert/PLI_LRE_ALERTE/trial');
    expect([answer.status, jsonOf(answer)['code']]).toEqual([429, 'TOO_MANY_TRIALS']);
    const { events } = await running.app.get(QueryBus).execute(new TemplatesOfAgency(registered.agencyId));
    const asked = events.map(({ event }) => event).filter(({ type }) => type === 'TrialRequested');
    expect(asked).toHaveLength(5);
    expect(asked[0]).toMatchObject({ personal: { to: registered.email } });
    running.clock.advance(10 * 60_000);
    const later = await post('/api/templates/mail-alert/PLI_LRE_ALERTE/trial');
    expect([later.status, jsonOf(later)]).toEqual([202, { to: 'gestion@9998.example.fr' }]);
    expect(jsonOf(await post('/api/templates/sms-code/PLI_SMS_CODE/trial'))['code']).toBe('NO_TRIAL');
  });
});

describe('the API', () => {
  test('lists kinds with their fields and templates, as new as asked for', async () => {
    const saved = await put('/api/templates/mail-refusal/API', { subject: 'Refus', body: 'Refusé : {{dossier}}' });
    expect(saved.status).toBe(200);
    const list = jsonOf(await program.request(`/api/templates?atLeast=${saved.headers.get('pli-position')}`));
    const refusal = (list['kinds'] as Record<string, unknown>[]).find(({ kind }) => kind === 'mail-refusal');
    expect(refusal).toMatchObject({
      medium: 'mail',
      fields: { dossier: { label: 'Code du dossier', example: '001' } },
    });
    expect(refusal?.['templates']).toContainEqual(
      expect.objectContaining({ name: 'API', body: 'Refusé : {{dossier}}' }),
    );
    expect(jsonOf(await program.request('/api/templates/mail-refusal/API'))).toEqual(jsonOf(saved));
    expect((await neighbour.request('/api/templates/mail-refusal/API')).status).toBe(404);
  });

  test('removes an own one, and gives a built-in one its text again', async () => {
    await put('/api/templates/mail-bounce/MIEN', { subject: 'x', body: 'y' });
    await put('/api/templates/mail-bounce/PLI_LRE_NON_REMIS', { subject: 'x', body: 'y' });
    await post('/api/templates/mail-bounce/MIEN/default');
    expect((await state()).defaults.get('mail-bounce')).toBe('MIEN');
    for (const name of ['MIEN', 'PLI_LRE_NON_REMIS']) {
      expect((await program.request(`/api/templates/mail-bounce/${name}`, { method: 'DELETE' })).status).toBe(204);
    }
    expect((await state()).saved.has('mail-bounce/PLI_LRE_NON_REMIS')).toBe(false);
    expect((await program.request('/api/templates/mail-bounce/MIEN', { method: 'DELETE' })).status).toBe(404);
  });

  test.each([
    ['TEMPLATE_FAULTY', 'mail-refusal', { subject: 'x', body: 'a\n{{log "x"}}' }, 'body'],
    ['SENDER_NAMED', 'mail-signature', { subject: 'Agence 9998', body: '{{lien}}{{dateLimite}}' }, 'body'],
    ['SMS_ALPHABET', 'sms-code', { body: 'Le code ê {{code}}' }, 'body'],
    ['INVALID_INPUT', 'sms-code', { subject: 'x', body: '{{code}}' }, 'subject'],
    ['INVALID_INPUT', 'mail-refusal', { subject: 'x', body: 'x'.repeat(20_001) }, 'body'],
    ['INVALID_INPUT', 'mail-refusal', { subject: 'x' }, 'body'],
  ])('refuses with %s and the field', async (code, kind, body, field) => {
    const answer = await put(`/api/templates/${kind}/REFUSE`, body);
    expect(answer.status).toBe(422);
    expect(jsonOf(answer)).toMatchObject({ code, errors: [{ field }] });
  });

  test('previews without saving', async () => {
    const preview = jsonOf(
      await post('/api/templates/mail-refusal/preview', { subject: '{{dossier}}', body: '{{lien}}' }),
    );
    expect(preview).toMatchObject({
      subject: '001',
      text: expect.stringContaining('https://'),
      html: expect.stringContaining('<!doctype html>'),
    });
    expect(jsonOf(await post('/api/templates/mail-refusal/preview', { subject: '{{x}}', body: '' }))['code']).toBe(
      'TEMPLATE_FAULTY',
    );
    expect(jsonOf(await post('/api/templates/sms-code/preview', { body: '{{code}}' }))).toEqual({ text: '482913' });
  });
});

test('a letter names its templates; one that the agency does not have is refused', async () => {
  await put('/api/templates/mail-signature/NOMME', { subject: 'x', body: '{{lien}} {{dateLimite}}' });
  const named = (name: string) => ({ ...letter(), templates: { 'mail-signature': name } });
  const sent = await program.submit(named('NOMME'), [await pdf('A.pdf')]);
  expect(sent.status).toBe(202);
  const unknown = await program.submit(named('INCONNU'), [await pdf('B.pdf')]);
  expect(jsonOf(unknown)).toMatchObject({ code: 'UNKNOWN_TEMPLATE' });
  const kind = await program.submit({ ...letter(), templates: { 'mail-x': 'NOMME' } }, [await pdf('C.pdf')]);
  expect([kind.status, jsonOf(kind)['code']]).toEqual([422, 'INVALID_INPUT']);
});
