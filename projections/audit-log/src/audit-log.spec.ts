import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { FoldedWrites, rebuild } from '#projections/engine';
import { AuditCursorInvalid, AuditLog, auditLogProjection } from './index.js';

const latour = randomUUID();
const voisine = randomUUID();
const letter = randomUUID();
const claire = 'user:claire';

const story: readonly (readonly [stream: string, actor: string, type: string, data: object, personal?: object])[] = [
  [
    `agency-${latour}`,
    'operator',
    'AgencyRegistered',
    { at: '2026-01-05T08:00:00.000Z' },
    { address: '1 rue de la Tour' },
  ],
  [
    `access-${latour}-2026-01`,
    claire,
    'LoggedIn',
    { userId: 'claire', factor: 'totp', at: '2026-01-05T09:00:00.000Z' },
    { address: '192.0.2.7' },
  ],
  [
    `access-${latour}-2026-01`,
    'log-in',
    'LogInFailed',
    { userId: 'claire', reason: 'password', at: '2026-01-05T09:01:00.000Z' },
  ],
  [`letter-${letter}`, claire, 'Submitted', { at: '2026-01-05T23:30:00.000Z' }],
  [`letter-${letter}`, 'recipient', 'Accepted', { at: '2026-01-06T08:00:00.000Z' }],
  [`letter-${letter}`, 'worker', 'Archived', { at: '2026-01-06T08:30:00.000Z' }],
  [`party-${voisine}-40017`, 'user:zoe', 'PartyRegistered', { at: '2026-01-06T09:00:00.000Z' }],
  [`letter-${randomUUID()}`, 'user:zoe', 'Submitted', { at: '2026-01-06T10:00:00.000Z' }],
];
const events = story.map(
  ([stream, actor, type, data, personal], index) =>
    ({
      event: { type, data, ...(personal && { personal }) },
      stream,
      revision: BigInt(index),
      metadata: { actor },
      position: { commit: BigInt(index), prepare: BigInt(index) },
    }) as unknown as StoredEvent,
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let log: AuditLog;

beforeAll(async () => {
  db = mongo.db(`audit-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(auditLogProjection, { db, eventStore });
  log = new AuditLog(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const ours = { agencyId: latour, actors: [claire], limit: 10 };
const actions = async (query: Partial<Parameters<AuditLog['list']>[0]> = {}): Promise<string[]> =>
  (await log.list({ ...ours, ...query })).entries.map(({ action }) => action);

describe('the audit log', () => {
  it('is the same when each event is applied twice', () => {
    const [once, twice] = [new FoldedWrites(), new FoldedWrites()];
    once.add(auditLogProjection, events);
    twice.add(
      auditLogProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('tells what people did, latest first, and nothing of another agency, of recipients or of the service', async () => {
    expect(await actions()).toEqual(['Lettre envoyée', 'Échec de connexion', 'Connexion', 'Agence créée']);
    expect(await actions({ agencyId: voisine, actors: ['user:zoe'] })).toEqual(['Lettre envoyée', 'Tiers créé']);
  });

  it('filters by who, what and day in Paris', async () => {
    expect(await actions({ actor: claire })).toEqual(['Lettre envoyée', 'Connexion']);
    expect(await actions({ actor: 'user:zoe' })).toEqual([]);
    expect(await actions({ type: 'LogInFailed' })).toEqual(['Échec de connexion']);
    expect(await actions({ from: '2026-01-06' })).toEqual(['Lettre envoyée']);
    expect(await actions({ to: '2026-01-05' })).toEqual(['Échec de connexion', 'Connexion', 'Agence créée']);
  });

  it('keeps from where somebody came, and no postal address', async () => {
    const { entries } = await log.list(ours);
    expect(entries.map(({ address }) => address)).toEqual([null, null, '192.0.2.7', null]);
  });

  it('goes on where a page ended', async () => {
    const first = await log.list({ ...ours, limit: 3 });
    expect(first.next).not.toBeNull();
    const second = await log.list({ ...ours, limit: 3, after: first.next ?? '' });
    expect([...first.entries, ...second.entries]).toHaveLength(4);
    expect(second.next).toBeNull();
    await expect(log.list({ ...ours, after: 'x' })).rejects.toThrow(AuditCursorInvalid);
  });
});
