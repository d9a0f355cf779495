import 'reflect-metadata';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { v7 as uuidv7 } from 'uuid';
import { Stores } from '#libs/commands';
import { readConfiguration, StoresConfiguration } from '#libs/configuration';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';
import { archivalPdf, AUTHORITY_FILES, LocalAuthority, SealingOffice } from '#libs/evidence';
import { letter, type LetterCommand } from '#libs/letter';
import { proofs, type ProofCommand } from '#libs/proof';
import { run } from './program.js';

let folder: string;
let server: EventStoreServer;
let stores: Stores;
let authority: Server;
let office: SealingOffice;
let environment: NodeJS.ProcessEnv;
let document: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-audit-'));
  server = await startEventStore({ dataFolder: join(folder, 'store'), port: 0 });
  const mongodb = new URL(process.env['MONGODB_URL'] ?? '');
  mongodb.pathname = `/spec-${randomUUID().slice(0, 8)}`;
  environment = {
    EVENTSTORE_URL: server.connectionString,
    MONGODB_URL: mongodb.href,
    PLI_MASTER_KEY: randomBytes(32).toString('base64'),
    PLI_TRUST_ANCHORS: join(folder, AUTHORITY_FILES.anchors),
  };
  stores = new Stores(readConfiguration(StoresConfiguration, environment));
  document = await readFile(new URL('../../../docs/rappel.pdf', import.meta.url));
  office = await openOffice();
});
afterAll(async () => {
  await stores.db.dropDatabase();
  await stores.close();
  await server.close();
  authority.closeAllConnections();
  await new Promise((resolve) => authority.close(resolve));
  await rm(folder, { recursive: true });
});

/** A seal and a timestamp authority under a root of its own. */
async function openOffice(): Promise<SealingOffice> {
  const now = () => new Date();
  const addresses = { certificate: 'http://autorite.example/a', revocationList: 'http://autorite.example/l' };
  const local = await LocalAuthority.open({ folder, operator: 'Pli (essai)', addresses, now });
  authority = createServer((request, response) => {
    const answer =
      request.method === 'POST' ? buffer(request).then((body) => local.timestamp(body)) : local.revocationList();
    void answer.then((bytes) => response.end(bytes));
  });
  await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((authority.address() as AddressInfo).port)}/`;
  return new SealingOffice({
    seal: await readFile(join(folder, AUTHORITY_FILES.seal), 'utf8'),
    anchors: await readFile(join(folder, AUTHORITY_FILES.anchors), 'utf8'),
    revocationLists: [url],
    timestamps: { urls: [url] },
    now,
  });
}

const because = () => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: 'worker' };
};
const at = '2018-03-20T13:35:00.000Z';
const print = (bytes: Buffer) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  size: bytes.length,
  pages: 1,
});

async function keep(letterId: string, bytes: Buffer) {
  const key = (await stores.keyring.get(`letter-${letterId}`)).derive('documents');
  await stores.documents.put(letterId, key, bytes);
  return print(bytes);
}

/** A letter that is deposited, with its documents. */
async function deposited(): Promise<{ letterId: string; event: string }> {
  const letterId = uuidv7();
  const tell = (command: LetterCommand) => stores.eventStore.execute(letter, `letter-${letterId}`, command, because());
  await tell({
    type: 'submit',
    agencyId: randomUUID(),
    ...{ agencyCode: '9998', dossier: '001', partyCode: '40017', partyKind: 'tenant' },
    reference: 'LRE_9998_001_20180320143500',
    ...{ legalProfile: 'fr-cpce-2018', professional: false, otp: false, retentionDays: 15, alertDays: 5 },
    documents: [{ ...print(document), name: 'Rappel.pdf' }],
    sender: { name: 'Agence Latour', email: 'info@latour.example' },
    recipient: { name: 'CHARPENTIER Jean Luc', email: 'charpentier@example.fr' },
    at,
  });
  await keep(letterId, document);
  const { events } = await tell({ type: 'confirmDeposit', acknowledgement: print(document), at });
  return { letterId, event: events[0]?.id ?? '' };
}

/** The proof of an event; `issued` is what is kept of it, by default the sealed PDF. */
async function prove(letterId: string, event: string, issued?: Buffer): Promise<void> {
  const attached = { name: 'a.xml', description: 'a', mediaType: 'text/xml', bytes: Buffer.from('<a/>') };
  const draft = await archivalPdf(document, { title: 'Preuve', createdAt: at, attached, sealedBy: 'Pli' });
  const seal = await office.seal(draft);
  const { token, time, authority: name, revocationLists } = await office.timestamp(seal);
  const whole = await office.assemble(draft, seal, { token, time, authority: name, revocationLists });
  const tell = (command: ProofCommand) => stores.eventStore.execute(proofs, `evidence-${letterId}`, command, because());
  const written = { template: 'proof-1', record: 'b'.repeat(64), seal: seal.toString('base64') };
  await tell({ type: 'sealProof', proof: event, kind: 'deposit', ...written, draft: await keep(letterId, draft), at });
  await tell({
    type: 'keepTimestamp',
    ...{ proof: event, authority: name, at },
    token: token.toString('base64'),
    time: time.toISOString(),
    revocationLists: revocationLists.map((list) => list.toString('base64')),
    document: await keep(letterId, issued ?? whole),
  });
}

const replay = (letterId: string, changes: NodeJS.ProcessEnv = {}) => pli(['audit', 'replay', letterId], changes);

async function pli(args: readonly string[], changes: NodeJS.ProcessEnv = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const surroundings = {
    environment: { ...environment, ...changes },
    print: (text: string) => out.push(text),
    complain: (text: string) => err.push(text),
  };
  return { code: await run(args, surroundings), out, err };
}

describe('pli audit verify --all', () => {
  // Before the others, which break what they make.
  test('reads the whole store and says how much holds', async () => {
    for (let count = 0; count < 3; count += 1) {
      const { letterId, event } = await deposited();
      await prove(letterId, event);
    }
    const { code, out, err } = await pli(['audit', 'verify', '--all']);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toEqual([expect.stringMatching(/^checked 6 streams, 12 events, 6 documents, 3 proofs in [\d.]+ s$/)]);
  });

  test('names what is wrong, each thing once', async () => {
    const { letterId, event } = await deposited();
    await prove(letterId, event, document);
    await putIn(letterId);
    await putIn(letterId);
    const { code, out, err } = await pli(['audit', 'verify', '--all']);
    expect(code).toBe(1);
    expect(out.slice(0, -1)).toEqual([
      `WRONG  chain of letter-${letterId}: altered at revision 2`,
      expect.stringMatching(/^WRONG {2}Preuve de dépôt .* must have exactly one seal/),
    ]);
    expect(err).toEqual([expect.stringMatching(/^2 checks failed/)]);
  });
});

/** Somebody puts an event into the stream of a letter past the service. */
async function putIn(letterId: string): Promise<void> {
  const stranger = EventStoreDBClient.connectionString(server.connectionString);
  const metadata = { schema: 1, ...because(), chain: 'f'.repeat(64) };
  await stranger.appendToStream(`letter-${letterId}`, jsonEvent({ type: 'Archived', data: { at }, metadata }));
  await stranger.dispose();
}

describe('pli audit replay', () => {
  test('prints the trail, and that chains, documents and proofs hold', async () => {
    const { letterId, event } = await deposited();
    await prove(letterId, event);
    const { code, out, err } = await replay(letterId);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out[0]).toMatch(/^ {2}0 {2}\S+Z {2}Submitted {2}worker {2}Envoi demandé, 1 document/);
    expect(out[1]).toMatch(/^ {2}1 {2}\S+Z {2}Deposited {2}worker {2}Lettre déposée/);
    expect(out.slice(2)).toEqual([
      expect.stringMatching(/^ok {5}chain of the events: 2 events, [0-9a-f]{64}$/),
      expect.stringMatching(/^ok {5}chain of the proofs: 2 events, [0-9a-f]{64}$/),
      expect.stringMatching(/^ok {5}document [0-9a-f]{64}: \d+ bytes$/),
      expect.stringMatching(/^ok {5}document [0-9a-f]{64}: \d+ bytes$/),
      expect.stringMatching(/^ok {5}Preuve de dépôt \(event .*\): sealed by .*Cachet électronique, .* by .*Horodatage/),
    ]);
  });

  test('names a proof whose PDF is not sealed', async () => {
    const { letterId, event } = await deposited();
    await prove(letterId, event, document);
    const { code, out, err } = await replay(letterId);
    expect({ code, lines: err.length }).toEqual({ code: 1, lines: 1 });
    expect(err[0]).toContain(`1 of 5 checks of letter ${letterId} failed`);
    expect(out.at(-1)).toMatch(/^WRONG {2}Preuve de dépôt .* must have exactly one seal/);
  });

  test('names an event that somebody put into the store', async () => {
    const { letterId } = await deposited();
    await putIn(letterId);
    const { code, out } = await replay(letterId);
    expect(code).toBe(1);
    expect(out).toContain('WRONG  chain of the events: altered at revision 2');
  });

  test('names a document that is gone', async () => {
    const { letterId } = await deposited();
    const { db } = stores;
    for (const { name } of await db.listCollections().toArray()) {
      if (name.endsWith('.files') || name.endsWith('.chunks')) await db.collection(name).deleteMany({});
    }
    const { code, out } = await replay(letterId);
    expect(code).toBe(1);
    expect(out.filter((text) => text.startsWith('WRONG  document '))).toHaveLength(2);
  });

  test.each([
    ['an unknown letter', uuidv7(), {}, /^There is no letter/],
    ['no id at all', 'x', {}, /^There is no letter x/],
    ['no trust', uuidv7(), { PLI_TRUST_ANCHORS: '' }, /PLI_TRUST_ANCHORS must name/],
    ['no such file', uuidv7(), { PLI_TRUST_ANCHORS: '/nowhere' }, /PLI_TRUST_ANCHORS must name/],
  ])('%s is one sentence', async (_case, letterId, changes, sentence) => {
    const { code, out, err } = await replay(letterId, changes);
    expect({ code, out, lines: err.length }).toEqual({ code: 1, out: [], lines: 1 });
    expect(err[0]).toMatch(sentence);
  });
});
