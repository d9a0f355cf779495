import 'reflect-metadata';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { apiKeyHash, isPassword, Stores } from '#libs/commands';
import { readConfiguration, StoresConfiguration } from '#libs/configuration';
import { agency, type PartyEvent } from '#libs/directory';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';
import { newKeyPair, readKey } from '#libs/keys';
import { EventStoreTransport } from '#libs/event-store';
import { letter, type LetterCommand } from '#libs/letter';
import { AgencyAccess, agencyAccessProjection } from '#projections/agency-access';
import { agencyHistoryProjection } from '#projections/agency-history';
import { projections } from '#projections/all';
import { ProjectionEngine } from '#projections/engine';
import { run } from './program.js';

let folder: string;
let server: EventStoreServer;
let stores: Stores;
let environment: NodeJS.ProcessEnv;
const pair = newKeyPair();
const stop = new AbortController();
/** The part of the worker that the command line waits for. */
const running = [agencyAccessProjection, agencyHistoryProjection];
let engines: Promise<unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-spec-'));
  server = await startEventStore({ dataFolder: join(folder, 'store'), port: 0 });
  const mongodb = new URL(process.env['MONGODB_URL'] ?? '');
  mongodb.pathname = `/spec-${randomUUID().slice(0, 8)}`;
  environment = {
    EVENTSTORE_URL: server.connectionString,
    MONGODB_URL: mongodb.href,
    PLI_MASTER_KEY: randomBytes(32).toString('base64'),
    PLI_CLOCK: 'simulated',
    PLI_KEYS_PRIVATE: pair.privateKey,
    PLI_DATA: join(folder, 'data'),
  };
  stores = new Stores(readConfiguration(StoresConfiguration, environment));
  const { db, eventStore } = stores;
  engines = Promise.all(
    running.map((projection) => new ProjectionEngine({ db, eventStore, projection }).run(stop.signal)),
  );
});

afterAll(async () => {
  stop.abort();
  await engines;
  await stores.db.dropDatabase();
  await stores.close();
  await server.close();
  await rm(folder, { recursive: true });
});

/** Runs `pli` as the shell does. */
async function pli(args: readonly string[], others: NodeJS.ProcessEnv = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(args, {
    environment: { ...environment, ...others },
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { code, out, err };
}

async function command(letterId: string, said: LetterCommand): Promise<void> {
  const commandId = randomUUID();
  const context = { commandId, correlationId: commandId, causationId: commandId, actor: 'worker' };
  await stores.eventStore.execute(letter, `letter-${letterId}`, said, context);
}

/** A letter whose recipient was told of it. */
async function notified(): Promise<{ letterId: string; windowEndsAt: string }> {
  const letterId = uuidv7();
  const print = { sha256: 'a'.repeat(64), size: 1_000, pages: 1 };
  const at = new Date().toISOString();
  await command(letterId, {
    type: 'submit',
    at,
    agencyId: uuidv7(),
    agencyCode: '9998',
    sender: { name: 'Agence Latour', email: 'info@latour.example' },
    dossier: '001',
    partyCode: '40017',
    partyKind: 'tenant',
    professional: false,
    otp: false,
    retentionDays: 15,
    alertDays: 5,
    reference: 'LRE_9998_001_20180320143707',
    legalProfile: 'fr-cpce-2018',
    documents: [{ ...print, name: 'LRE RELANCE.pdf' }],
    recipient: { name: 'CHARPENTIER Jean Luc', email: 'jl.charpentier@exemple.example' },
  });
  await command(letterId, { type: 'confirmDeposit', at, acknowledgement: { ...print, sha256: 'b'.repeat(64) } });
  const messageId = `notice-1.${letterId}@pli.example`;
  await command(letterId, { type: 'confirmNotice', at, notice: 1, messageId, linkHash: 'c'.repeat(64) });
  const { events } = await stores.eventStore.load(`letter-${letterId}`);
  const { windowEndsAt } = events.at(-1)?.event.data as { windowEndsAt: string };
  return { letterId, windowEndsAt };
}

/** Whether the first user of an agency logs in with the password. */
async function opens(agencyId: string, password: string): Promise<boolean> {
  const { state } = await stores.eventStore.fold(agency, `agency-${agencyId}`);
  const [user] = state.status === 'registered' ? state.users : [];
  const hash = user === undefined || user.personal === 'erased' ? undefined : user.personal.passwordHash;
  return isPassword(password, hash ?? '');
}

describe('pli demo', () => {
  test('makes the demo agency once; a second start gives the same', async () => {
    const first = await pli(['demo']);
    expect(first).toMatchObject({ code: 0, err: [] });
    expect(first.out).toHaveLength(1);
    const access = JSON.parse(first.out[0] ?? '') as {
      agency: { id: string };
      login: { email: string; password: string };
      apiKey: string;
    };
    expect(access).toMatchObject({
      agency: { code: '9998', name: 'Agence Latour' },
      login: { email: 'demo@latour.example' },
    });
    const shown = new AgencyAccess(stores.db);
    const user = await shown.userByEmail('demo@latour.example');
    expect(user).toMatchObject({ agencyId: access.agency.id, role: 'manager' });
    expect(await opens(access.agency.id, access.login.password)).toBe(true);
    expect(await shown.keyByHash(apiKeyHash(access.apiKey))).toMatchObject({ agencyId: access.agency.id });
    expect((await stat(join(folder, 'data', 'demo.json'))).mode & 0o777).toBe(0o600);

    const parties = async () => {
      const codes = ['40017', '40035', '40038', '40213'];
      const streams = codes.map((code) => stores.eventStore.load<PartyEvent>(`party-${access.agency.id}-${code}`));
      return (await Promise.all(streams)).map(({ events }) => events.map(({ event }) => event.type));
    };
    const consented = ['PartyRegistered', 'ConsentGiven'];
    expect(await parties()).toEqual([consented, consented, ['PartyRegistered'], consented]);

    expect((await pli(['demo'])).out).toEqual(first.out);
    expect(await parties()).toEqual([consented, consented, ['PartyRegistered'], consented]);
    const { events } = await stores.eventStore.load(`agency-${access.agency.id}`);
    expect(events.map(({ event }) => event.type)).toEqual(['AgencyRegistered', 'UserRegistered', 'ApiKeyIssued']);
    const credit = await stores.eventStore.load(`credit-${access.agency.id}`);
    expect(credit.events.map(({ event }) => event)).toMatchObject([
      { type: 'Activated', data: { signatures: 698, remaining: 698 } },
    ]);
  });

  test('a start that was killed half-way is finished', async () => {
    const kept = join(folder, 'data', 'demo.json');
    const { apiKey: _lost, ...half } = JSON.parse(await readFile(kept, 'utf8')) as Record<string, string>;
    await writeFile(kept, JSON.stringify(half));
    const [line = ''] = (await pli(['demo'])).out;
    expect(JSON.parse(line)).toMatchObject({ agency: { id: half['agencyId'] }, login: { password: half['password'] } });
    expect((await pli(['demo'])).out).toEqual([line]);
  });

  test('says what to do when demo.json was lost and the agency was not', async () => {
    const { code, out, err } = await pli(['demo'], { PLI_DATA: join(folder, 'elsewhere') });
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err).toEqual([expect.stringMatching(/demo@latour\.example already.*restore that file/)]);
  });
});

describe('pli agency', () => {
  const create = (email: string) =>
    pli([
      ...['agency', 'create', '--code', '1234', '--name', 'Agence du Port', '--email', 'port@agence.example'],
      ...['--user-email', email, '--user-name', 'Anne Port'],
    ]);

  test('create finishes what a run began that was killed between the address and its user', async () => {
    const [agencyId, userId] = [uuidv7(), randomUUID()];
    const claim = `login-${createHash('sha256').update('reprise@agence.example').digest('hex')}`;
    const commandId = randomUUID();
    const context = { commandId, correlationId: agencyId, causationId: commandId, actor: 'operator' };
    await stores.eventStore.reserve(claim, { type: 'LogInReserved', data: { agencyId, userId } }, context);
    const { code, out } = await create('Reprise@agence.example');
    expect([code, out[0]]).toEqual([0, `agency ${agencyId}`]);
    expect(await opens(agencyId, /: (\S+)$/.exec(out[1] ?? '')?.[1] ?? '')).toBe(true);
    expect((await create('reprise@agence.example')).code).toBe(1);
  });

  test('create prints the id and the password once; key prints a key that works', async () => {
    const { code, out } = await create('anne@agence.example');
    expect(code).toBe(0);
    const agencyId = /^agency (\S+)$/.exec(out[0] ?? '')?.[1] ?? '';
    const password = /: (\S+)$/.exec(out[1] ?? '')?.[1] ?? '';
    const access = new AgencyAccess(stores.db);
    const position = (await stores.eventStore.load(`agency-${agencyId}`)).events.at(-1)?.position;
    expect(position && (await access.atLeast(position, 10_000))).toBe(true);
    const user = await access.userByEmail('anne@agence.example');
    expect(user).toMatchObject({ agencyId, name: 'Anne Port', role: 'manager' });
    expect(await opens(agencyId, password)).toBe(true);

    const key = await pli(['agency', 'key', agencyId, '--label', 'logiciel de gérance']);
    expect(key).toMatchObject({ code: 0, out: [expect.stringMatching(/^pli_[\w-]{43}$/)] });
    const { events } = await stores.eventStore.load(`agency-${agencyId}`);
    expect(events.at(-1)?.event.data).toMatchObject({
      keyHash: apiKeyHash(key.out[0] ?? ''),
      label: 'logiciel de gérance',
    });

    const again = await create('Anne@Agence.example');
    expect(again).toMatchObject({ code: 1, out: [], err: [expect.stringContaining('adresse e-mail')] });
  });

  test('refuses in one sentence what is not usable', async () => {
    expect(await pli(['agency', 'create', '--code', 'A_B'])).toMatchObject({
      code: 1,
      err: [expect.stringContaining('1 to 20 letters and digits')],
    });
    expect(await pli(['agency', 'key', uuidv7(), '--label', 'x'])).toMatchObject({
      code: 1,
      err: [expect.stringContaining('UNKNOWN_AGENCY')],
    });
  });
});

describe('pli keys', () => {
  const agency = uuidv7();
  const issue = (args: readonly string[], others: NodeJS.ProcessEnv = {}) =>
    pli(['keys', 'issue', '--agency', agency, ...args], others);

  test('generate prints a pair as an environment file has it', async () => {
    const { code, out } = await pli(['keys', 'generate']);
    expect([code, out]).toEqual([
      0,
      [expect.stringMatching(/^PLI_KEYS_PRIVATE=[\w+/]{43}=$/), expect.stringMatching(/^PLI_KEYS_PUBLIC=[\w+/]{43}=$/)],
    ]);
  });

  test('issue prints a key that verifies, without any store', async () => {
    const args = ['--kind', 'recharge', '--signatures', '250', '--expires', '2027-12-31'];
    const { code, out } = await issue(args, { EVENTSTORE_URL: '', MONGODB_URL: '' });
    const serial = /^serial ([0-9a-f]{16})$/.exec(out[1] ?? '')?.[1];
    expect([code, readKey(pair.publicKey, out[0] ?? '')]).toEqual([
      0,
      { kind: 'recharge', agencyId: agency, signatures: 250, expiresOn: '2027-12-31', serial },
    ]);
  });

  test.each([
    ['no private key', ['--kind', 'recharge', '--signatures', '1'], { PLI_KEYS_PRIVATE: '' }, /PLI_KEYS_PRIVATE must/],
    ['no agency', ['--agency', 'Latour', '--kind', 'recharge', '--signatures', '1'], {}, /--agency must be the id/],
    ['no signature', ['--kind', 'recharge', '--signatures', '0'], {}, /from 1 to 4294967295/],
    ['another kind', ['--kind', 'gift', '--signatures', '1'], {}, /activation, recharge/],
    ['no such day', ['--kind', 'recharge', '--signatures', '1', '--expires', '2027-02-30'], {}, /such as 2027-12-31/],
  ])('%s is one sentence', async (_case, args, others, sentence) => {
    const { code, out, err } = await issue(args, others);
    expect({ code, out, lines: err.length }).toEqual({ code: 1, out: [], lines: 1 });
    expect(err[0]).toMatch(sentence);
  });
});

describe('pli letter', () => {
  test('show prints revision, time, type and public data of each event, and that the chain holds', async () => {
    const { letterId } = await notified();
    const { code, out } = await pli(['letter', 'show', letterId]);
    expect(code).toBe(0);
    expect(out.map((line) => line.trim().split(/ {2}/)).map(([revision, , type]) => [revision, type])).toEqual([
      ['0', 'Submitted'],
      ['1', 'Deposited'],
      ['2', 'Notified'],
      [expect.stringMatching(/^chain intact: [0-9a-f]{64}$/), undefined],
    ]);
    expect(out[0]).toContain('"reference":"LRE_9998_001_20180320143707"');
    for (const personal of ['CHARPENTIER', 'Latour', 'RELANCE']) expect(out.join('\n')).not.toContain(personal);
  });

  test('expire waits for the end of the window, as of the instant that the operator names', async () => {
    const { letterId, windowEndsAt } = await notified();
    const early = new Date(Date.parse(windowEndsAt) - 1).toISOString();
    expect(await pli(['letter', 'expire', letterId, '--as-of', early])).toMatchObject({
      code: 1,
      err: [expect.stringContaining('WINDOW_OPEN')],
    });
    expect(await pli(['letter', 'expire', letterId, '--as-of', windowEndsAt])).toMatchObject({
      code: 0,
      out: [`Letter ${letterId} has expired, as of ${windowEndsAt}.`],
    });
    const { events } = await stores.eventStore.load(`letter-${letterId}`);
    expect(events.at(-1)).toMatchObject({
      event: { type: 'Expired', data: { at: windowEndsAt } },
      metadata: { actor: 'operator' },
    });
  });

  test.each([
    ['an unknown letter', ['letter', 'show', uuidv7()], /^There is no letter/],
    ['no id at all', ['letter', 'expire', 'x', '--as-of', '2026-04-01T22:00:00Z'], /^There is no letter x/],
    ['a time without a zone', ['letter', 'expire', uuidv7(), '--as-of', '2026-04-01T22:00:00'], /must be an instant/],
    ['an unknown command', ['lettre'], /unknown command/],
  ])('%s is one sentence', async (_case, args, sentence) => {
    const { code, out, err } = await pli(args);
    expect({ code, out, lines: err.length }).toEqual({ code: 1, out: [], lines: 1 });
    expect(err[0]).toMatch(sentence);
  });

  test('no letter expires by another clock where letters count', async () => {
    const { letterId, windowEndsAt } = await notified();
    const { code, err } = await pli(['letter', 'expire', letterId, '--as-of', windowEndsAt], { PLI_CLOCK: 'system' });
    expect({ code, err }).toEqual({ code: 1, err: [expect.stringContaining('PLI_CLOCK=simulated')] });
    const { events } = await stores.eventStore.load(`letter-${letterId}`);
    expect(events.at(-1)?.event.type).toBe('Notified');
  });
});

describe('pli projections', () => {
  test('list tells where each is; one that never ran says so', async () => {
    const { code, out } = await pli(['projections', 'list']);
    expect(code).toBe(0);
    const runs = / {2}version \d+ {2}position \d+\/\d+ {2}lag \d+ events?$/;
    const stands = / {2}version \d+ {2}never ran: start the worker/;
    expect(out.map((line) => line.split('  ')[0])).toEqual(projections.map(({ name }) => name));
    projections.forEach((projection, index) =>
      expect(out[index]).toMatch(running.includes(projection) ? runs : stands),
    );
  });

  test('rebuild builds anew while the engine runs, and tells its speed', async () => {
    const before = await stores.db.collection('projections').findOne({ _id: 'agency-history' as never });
    const { code, out } = await pli(['projections', 'rebuild', 'agency-history']);
    expect(code).toBe(0);
    expect(out.at(-1)).toMatch(/^agency-history: generation \d+ is shown, \d+ events in [\d.]+ s \(\d+ events\/s\)$/);
    const after = await stores.db.collection('projections').findOne({ _id: 'agency-history' as never });
    expect(after?.['generation']).toBe(Number(before?.['generation']) + 1);
    expect(await pli(['projections', 'rebuild', 'history'])).toMatchObject({
      code: 1,
      err: [expect.stringContaining(projections.map(({ name }) => name).join(', '))],
    });
  });
});

describe('pli reactions', () => {
  test('parked events are told with their reason, and replayed', async () => {
    expect((await pli(['reactions', 'parked'])).out).toEqual(['No event is parked.']);
    const { letterId } = await notified();
    const { eventStore } = stores;
    let broken = true;
    const handled: string[] = [];
    const worker = new EventStoreTransport({
      eventStore,
      group: 'reactions',
      prefixes: ['letter-'],
      concurrency: 4,
      maxRetries: 0,
    });
    worker.addHandler(
      'Notified',
      (event: { stream: string }) => {
        if (event.stream !== `letter-${letterId}`) return Promise.resolve(undefined as never);
        if (broken) return Promise.reject(new Error('no room on the disk'));
        handled.push(event.stream);
        return Promise.resolve(undefined as never);
      },
      true,
    );
    await new Promise((resolve) => worker.listen(resolve));
    try {
      const line = await look(async () =>
        (await pli(['reactions', 'parked'])).out.find((out) => out.includes(letterId)),
      );
      expect(line).toMatch(/Notified .*no room on the disk/);
      broken = false;
      expect((await pli(['reactions', 'replay'])).out).toEqual(['1 event is handed to the worker again.']);
      await look(() => Promise.resolve(handled[0]));
      expect((await pli(['reactions', 'parked'])).out).toEqual(['No event is parked.']);
    } finally {
      await worker.close();
    }
  });
});

test('stores that are away and a wrong configuration are one sentence each', async () => {
  const noMongo = 'mongodb://127.0.0.1:1/pli?serverSelectionTimeoutMS=200';
  expect(await pli(['projections', 'list'], { MONGODB_URL: noMongo })).toMatchObject({
    code: 1,
    out: [],
    err: [expect.stringMatching(/^MongoDB does not answer/)],
  });
  expect(await pli(['letter', 'show', uuidv7()], { PLI_MASTER_KEY: 'short' })).toMatchObject({
    code: 1,
    err: [expect.stringContaining('PLI_MASTER_KEY must be 32 bytes')],
  });
});

/** Looks until there is an answer. */
async function look<Answer>(at: () => Promise<Answer | undefined>): Promise<Answer> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
    const answer = await at();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Looked in vain.');
}
