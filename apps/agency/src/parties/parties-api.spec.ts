import { createHash } from 'node:crypto';
import { jsonOf, type Program } from '../spec/clients.js';
import { pdf } from '../spec/papers.js';
import { giveConsent, png, putParty, thirdParty, withdraw } from '../spec/parties.js';
import { RunningAgency } from '../spec/running-agency.js';

let running: RunningAgency;
let program: Program;
let neighbour: Program;
let count = 0;

beforeAll(async () => {
  running = await RunningAgency.start();
  program = running.program((await running.register('9998')).apiKey);
  neighbour = running.program((await running.register('VOISINE')).apiKey);
});
afterAll(() => running.close());

const read = async (code: string, by = program) => by.request(`/api/third-parties/${code}`);

/** A third party of its own for a test. */
async function registered(changes: Record<string, unknown> = {}): Promise<string> {
  count += 1;
  const code = `5${String(count).padStart(4, '0')}`;
  expect((await putParty(program, code, thirdParty(changes))).status).toBe(201);
  return code;
}

describe('PUT and GET /api/third-parties/:code', () => {
  test('register, then change, then change nothing', async () => {
    const created = await putParty(program, 'É-1', thirdParty());
    expect([created.status, created.headers.get('location')]).toEqual([201, '/api/third-parties/%C3%89-1']);
    expect(jsonOf(created)).toMatchObject({
      code: 'É-1',
      kind: 'tenant',
      professional: false,
      secondName: 'CHARPENTIER Marie',
      mobile: '+33612345678',
      address: { street: '1 rue de la Tour', postcode: '57000', city: 'Metz' },
      mayReceive: false,
      consent: { status: 'none' },
      archived: false,
      links: { page: '/tiers/%C3%89-1' },
    });
    const { address: _address, mobile: _mobile, ...rest } = thirdParty({ professional: true });
    const changed = await putParty(program, 'É-1'.normalize('NFD'), rest);
    expect(changed.status).toBe(200);
    expect(jsonOf(changed)).toMatchObject({ professional: true, mayReceive: true, mobile: null, address: null });
    expect((await putParty(program, 'É-1', rest)).status).toBe(200);
    const { events } = jsonOf(await read('É-1')) as { events: { type: string; data: object }[] };
    expect(events.map(({ type }) => type)).toEqual(['PartyRegistered', 'PartyChanged']);
    expect(JSON.stringify(events)).not.toContain('CHARPENTIER');
  });

  test.each([
    ['no name', { name: ' ' }, 'name', 'Indiquez le nom'],
    ['no kind', { kind: undefined }, 'kind', 'locataire'],
    ['an address that is none', { email: 'x' }, 'email', 'adresse e-mail'],
    ['a mobile that no plan has assigned', { mobile: '0712345678' }, 'mobile', 'pas un mobile attribué'],
    ['a text for a truth value', { professional: 'oui' }, 'professional', 'professionnel'],
    ['names too long together', { name: 'A'.repeat(80), secondName: 'B'.repeat(80) }, 'secondName', '120 caractères'],
    ['half an address', { address: { street: '1 rue' } }, 'address.postcode', 'code postal'],
    [
      'a postcode of elsewhere in France',
      { address: { street: '1 rue', postcode: 'L-1234', city: 'Metz' } },
      'address.postcode',
      'cinq chiffres',
    ],
    ['a list as address', { address: [] }, 'address', 'adresse postale'],
    ['an unknown field', { consent: 'given' }, 'consent', 'inconnu'],
    [
      'an unknown field of the address',
      { address: { street: 'a', postcode: '57000', city: 'b', floor: 1 } },
      'address.floor',
      'inconnu',
    ],
  ])('%s is refused', async (_name, changes, field, sentence) => {
    const answer = await putParty(program, '49999', thirdParty(changes));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([422, expect.stringContaining('problem+json')]);
    expect(jsonOf(answer)).toMatchObject({ code: 'INVALID_INPUT' });
    expect(jsonOf(answer)['errors']).toContainEqual({ field, message: expect.stringContaining(sentence) });
    expect((await read('49999')).status).toBe(404);
  });

  test('a postcode of another country is taken with its country', async () => {
    const address = { street: '1 rue', postcode: 'L-1234', city: 'Luxembourg', country: 'Luxembourg' };
    expect((await putParty(program, 'LUX1', thirdParty({ address }))).status).toBe(201);
  });

  test.each(['nouveau', 'import', '-1', 'a b', 'x'.repeat(31)])('%j is no code', async (code) => {
    const answer = await putParty(program, code, thirdParty());
    expect([answer.status, jsonOf(answer)['errors']]).toEqual([
      422,
      [{ field: 'code', message: expect.stringContaining('code du tiers') }],
    ]);
    expect((await read(encodeURIComponent(code))).status).toBe(404);
  });

  test('a body that is no JSON, or broken, is told', async () => {
    const put = (body: string, type: string) =>
      program.request('/api/third-parties/40001', { method: 'PUT', body, headers: { 'content-type': type } });
    expect(jsonOf(await put('name=x', 'application/x-www-form-urlencoded'))).toMatchObject({
      status: 415,
      code: 'NOT_JSON',
    });
    expect(jsonOf(await put('{', 'application/json'))).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(jsonOf(await put('[]', 'application/json'))).toMatchObject({ status: 422, code: 'INVALID_INPUT' });
  });
});

describe('the consent', () => {
  test('is given with its proof, which is read again byte for byte, and withdrawn', async () => {
    const code = await registered();
    const proof = await pdf('Accord.pdf');
    const answer = await giveConsent(program, code, proof);
    expect(answer.status).toBe(200);
    const sha256 = createHash('sha256')
      .update(Buffer.from(await proof.arrayBuffer()))
      .digest('hex');
    expect(jsonOf(answer)).toMatchObject({
      mayReceive: true,
      consent: { status: 'given', givenOn: '2026-01-05', how: 'letter', proof: { sha256, name: 'Accord.pdf' } },
    });
    const kept = await program.request(`/api/third-parties/${code}/proofs/${sha256}`);
    expect([kept.status, kept.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(createHash('sha256').update(kept.bytes).digest('hex')).toBe(sha256);

    const withdrawn = await withdraw(program, code, { withdrawnOn: '2026-01-06', how: 'email' });
    expect(jsonOf(withdrawn)).toMatchObject({
      mayReceive: false,
      consent: { status: 'withdrawn', withdrawnOn: '2026-01-06', withdrawnHow: 'email', proof: { sha256 } },
    });
    expect((await program.request(`/api/third-parties/${code}/proofs/${sha256}`)).status).toBe(200);
  });

  test('once more is nothing, another one is refused, and so is a withdrawal of nothing', async () => {
    const code = await registered();
    expect(jsonOf(await withdraw(program, code, { withdrawnOn: '2026-01-06', how: 'email' }))).toMatchObject({
      status: 409,
      code: 'NO_CONSENT_TO_WITHDRAW',
    });
    const proof = png();
    expect((await giveConsent(program, code, proof)).status).toBe(200);
    expect((await giveConsent(program, code, proof)).status).toBe(200);
    expect(jsonOf(await giveConsent(program, code, await pdf('autre.pdf')))).toMatchObject({
      status: 409,
      code: 'CONSENT_ALREADY_GIVEN',
    });
    const { events } = jsonOf(await read(code)) as { events: unknown[] };
    expect(events).toHaveLength(2);
  });

  const good = () => pdf('Accord.pdf');
  test.each([
    ['a day that does not exist', { givenOn: '2026-02-30', how: 'letter' }, good, 422, 'INVALID_INPUT'],
    ['a day to come', { givenOn: '2999-01-01', how: 'letter' }, good, 422, 'CONSENT_IN_FUTURE'],
    ['an unknown means', { givenOn: '2026-01-05', how: 'rumour' }, good, 422, 'INVALID_INPUT'],
    ['an unknown field', { givenOn: '2026-01-05', how: 'letter', by: 'x' }, good, 422, 'INVALID_INPUT'],
    ['broken JSON', '{', good, 400, 'BROKEN_JSON'],
    ['no part consent', undefined, good, 422, 'CONSENT_PART_MISSING'],
    ['a consent without a proof', { givenOn: '2026-01-05', how: 'letter' }, undefined, 422, 'PROOF_MISSING'],
    [
      'a text for a proof',
      { givenOn: '2026-01-05', how: 'letter' },
      () => new File(['accord'], 'accord.pdf', { type: 'application/pdf' }),
      422,
      'PROOF_UNREADABLE',
    ],
    [
      'a proof over 10 MB',
      { givenOn: '2026-01-05', how: 'letter' },
      () => new File([Buffer.alloc(10 * 1024 * 1024 + 1)], 'gros.pdf'),
      413,
      'TOO_LARGE',
    ],
  ] as [string, unknown, (() => File | Promise<File>) | undefined, number, string][])(
    '%s is refused',
    async (_name, consent, proof, status, code) => {
      const party = await registered();
      const form = new FormData();
      if (consent !== undefined)
        form.append('consent', typeof consent === 'string' ? consent : JSON.stringify(consent));
      if (proof) form.append('proof', await proof());
      const answer = await program.request(`/api/third-parties/${party}/consent`, { method: 'POST', body: form });
      expect(jsonOf(answer)).toMatchObject({ status, code, title: expect.any(String) });
      expect(jsonOf(await read(party))).toMatchObject({ consent: { status: 'none' } });
    },
  );
});

describe('GET /api/third-parties', () => {
  test('finds by code, name and e-mail, as new as the last command', async () => {
    const answer = await putParty(program, 'BEN1', {
      kind: 'owner',
      name: 'BENSEHIL Philippe',
      secondName: 'BEN SAÏD Cherifa',
      email: 'cherifa@exemple.example',
    });
    const position = answer.headers.get('pli-position') ?? '';
    const search = async (query: string) => {
      const found = jsonOf(await program.request(`/api/third-parties?atLeast=${position}&${query}`));
      return (found['thirdParties'] as { code: string }[]).map(({ code }) => code);
    };
    for (const query of [
      'search=ben1',
      'search=said',
      'search=cherifa@exemple',
      'kind=owner',
      'kind=owner&receives=no',
    ]) {
      expect([query, await search(query)]).toEqual([query, ['BEN1']]);
    }
    expect(await search('kind=owner&receives=yes')).toEqual([]);
    expect(await search('search=ben1&archived=yes')).toEqual([]);
  });

  test('goes page by page', async () => {
    for (let parties = 0; parties < 3; parties += 1) await registered();
    const position = (await putParty(program, 'LAST', thirdParty())).headers.get('pli-position') ?? '';
    const codes: string[] = [];
    let after: string | null = '';
    for (let pages = 0; after !== null && pages < 50; pages += 1) {
      const query = `limit=2&atLeast=${position}${after ? `&after=${encodeURIComponent(after)}` : ''}`;
      const page = jsonOf(await program.request(`/api/third-parties?${query}`));
      codes.push(...(page['thirdParties'] as { code: string }[]).map(({ code }) => code));
      after = page['next'] as string | null;
    }
    expect(after).toBeNull();
    expect(new Set(codes).size).toBe(codes.length);
    const whole = jsonOf(await program.request('/api/third-parties?limit=100'))['thirdParties'] as { code: string }[];
    expect(codes).toEqual(whole.map(({ code }) => code));
  });

  test.each([
    ['kind=agent', 'kind'],
    ['receives=maybe', 'receives'],
    ['limit=0', 'limit'],
    ['atLeast=x', 'atLeast'],
    ['search=a&search=b', 'search'],
    ['page=2', 'page'],
  ])('%s is refused', async (query, field) => {
    const answer = await program.request(`/api/third-parties?${query}`);
    expect([answer.status, jsonOf(answer)['errors']]).toEqual([422, [{ field, message: expect.any(String) }]]);
  });

  test('a place that no page told is refused', async () => {
    expect(jsonOf(await program.request('/api/third-parties?after=x'))).toMatchObject({
      status: 422,
      code: 'PARTY_CURSOR_INVALID',
    });
  });
});

describe('another agency', () => {
  test('finds nothing of this one’s: neither the third party, nor its consent, nor its proof', async () => {
    const code = await registered();
    const proof = png();
    await giveConsent(program, code, proof);
    const sha256 = createHash('sha256')
      .update(Buffer.from(await proof.arrayBuffer()))
      .digest('hex');
    expect((await read(code, neighbour)).status).toBe(404);
    expect((await giveConsent(neighbour, code, png())).status).toBe(404);
    expect((await withdraw(neighbour, code, { withdrawnOn: '2026-01-06', how: 'email' })).status).toBe(404);
    expect((await neighbour.request(`/api/third-parties/${code}/proofs/${sha256}`)).status).toBe(404);
    const own = await putParty(neighbour, code, thirdParty({ name: 'ROSE Armance', secondName: null }));
    expect(own.status).toBe(201);
    expect((await neighbour.request(`/api/third-parties/${code}/proofs/${sha256}`)).status).toBe(404);
    expect(jsonOf(await read(code))).toMatchObject({ name: 'CHARPENTIER Jean Luc', consent: { status: 'given' } });
    const position = own.headers.get('pli-position') ?? '';
    const list = jsonOf(await neighbour.request(`/api/third-parties?atLeast=${position}`));
    expect((list['thirdParties'] as { name: string }[]).map(({ name }) => name)).toEqual(['ROSE Armance']);
  });

  test('needs a key of its own for every route', async () => {
    const nobody = running.program();
    for (const answer of [
      await nobody.request('/api/third-parties'),
      await read('40017', nobody),
      await putParty(nobody, '40017', thirdParty()),
      await giveConsent(nobody, '40017', png()),
      await withdraw(nobody, '40017', { withdrawnOn: '2026-01-06', how: 'email' }),
    ]) {
      expect([answer.status, jsonOf(answer)['code']]).toEqual([401, 'API_KEY_NEEDED']);
    }
  });
});
