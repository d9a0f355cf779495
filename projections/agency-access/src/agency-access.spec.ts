import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { AgencyEvent } from '#libs/directory';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { FoldedWrites, rebuild } from '#projections/engine';
import { AgencyAccess, agencyAccessProjection } from './index.js';

const at = '2026-01-05T08:00:00.000Z';
const story: readonly (readonly [agencyId: string, AgencyEvent])[] = [
  [
    'latour',
    {
      type: 'AgencyRegistered',
      data: { agencyId: 'latour', code: '9998', at },
      personal: { name: 'AGENCE LATOUR', email: 'info@latour.example' },
    },
  ],
  [
    'latour',
    {
      type: 'UserRegistered',
      data: { userId: 'claire', role: 'manager', at },
      personal: { email: 'Claire@Latour.example', name: 'Claire Martin', passwordHash: 'scrypt$1' },
    },
  ],
  [
    'latour',
    {
      type: 'UserInvited',
      data: { userId: 'paul', role: 'clerk', linkId: 'l1', expiresAt: at, at },
      personal: { email: 'Paul@Latour.example' },
    },
  ],
  [
    'latour',
    {
      type: 'UserInvited',
      data: { userId: 'zoe', role: 'reader', linkId: 'l2', expiresAt: at, at },
      personal: { email: 'zoe@latour.example' },
    },
  ],
  [
    'latour',
    {
      type: 'InvitationAccepted',
      data: { userId: 'paul', at },
      personal: { name: 'Paul Durand', passwordHash: '$argon2id$' },
    },
  ],
  ['latour', { type: 'UserRoleChanged', data: { userId: 'paul', role: 'reader', at } }],
  ['latour', { type: 'SecondFactorConfirmed', data: { userId: 'paul', factorId: 'f', at } }],
  ['latour', { type: 'LogInLocked', data: { userId: 'paul', lockId: 'x', until: '2026-01-05T08:15:00.000Z', at } }],
  [
    'latour',
    {
      type: 'UserRegistered',
      data: { userId: 'marc', role: 'clerk', at },
      personal: { email: 'marc@latour.example', name: 'Marc', passwordHash: '$argon2id$' },
    },
  ],
  ['latour', { type: 'UserDeactivated', data: { userId: 'marc', at } }],
  ['latour', { type: 'ApiKeyIssued', data: { keyId: 'k1', keyHash: 'aa', label: 'Johanna', at } }],
  ['latour', { type: 'ApiKeyIssued', data: { keyId: 'k2', keyHash: 'bb', label: 'perdue', at } }],
  ['latour', { type: 'ApiKeyRevoked', data: { keyId: 'k2', at } }],
  // The key of this agency has been destroyed: nothing personal is left of it.
  ['closed', { type: 'AgencyRegistered', data: { agencyId: 'closed', code: '9999', at } }],
  ['closed', { type: 'UserRegistered', data: { userId: 'gone', role: 'clerk', at } }],
];
const events = story.map(
  ([agencyId, event], index) =>
    ({
      event,
      stream: `agency-${agencyId}`,
      revision: BigInt(index),
      position: { commit: BigInt(index), prepare: BigInt(index) },
    }) as unknown as StoredEvent,
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let access: AgencyAccess;

beforeAll(async () => {
  db = mongo.db(`access-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(agencyAccessProjection, { db, eventStore });
  access = new AgencyAccess(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

describe('the access list', () => {
  it('is the same when each event is applied twice', () => {
    const once = new FoldedWrites();
    once.add(agencyAccessProjection, events);
    const twice = new FoldedWrites();
    twice.add(
      agencyAccessProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('knows a user by e-mail, however it is written', async () => {
    const claire = {
      userId: 'claire',
      agencyId: 'latour',
      role: 'manager',
      name: 'Claire Martin',
      email: 'claire@latour.example',
      secondFactor: false,
      epoch: '',
    };
    expect(await access.userByEmail(' CLAIRE@latour.example ')).toEqual(claire);
    expect(await access.userById('claire')).toEqual(claire);
    expect(await access.userByEmail('nobody@latour.example')).toBeUndefined();
  });

  it('knows who was invited once he has joined, with a new epoch after each change that ends his sessions', async () => {
    expect(await access.userByEmail('zoe@latour.example')).toBeUndefined();
    expect(await access.userById('zoe')).toBeUndefined();
    expect(await access.userByEmail('paul@latour.example')).toMatchObject({
      userId: 'paul',
      role: 'reader',
      secondFactor: true,
      epoch: '5',
    });
  });

  it('does not know who was deactivated', async () => {
    expect(await access.userByEmail('marc@latour.example')).toBeUndefined();
    expect(await access.userById('marc')).toBeUndefined();
  });

  it('keeps no password', async () => {
    const [{ name } = { name: '' }] = await db.listCollections({ name: /^agency-access/ }).toArray();
    expect(JSON.stringify(await db.collection(name).find().toArray())).not.toMatch(/argon2|scrypt/);
  });

  it('tells operators the agencies, and the accounts that are locked', async () => {
    expect((await access.agencies()).map(({ id }) => id)).toEqual(['latour']);
    expect(await access.locked('2026-01-05T08:14:00.000Z')).toMatchObject([{ userId: 'paul' }]);
    expect(await access.locked('2026-01-05T08:16:00.000Z')).toEqual([]);
  });

  it('does not take an agency for a user', async () => {
    expect(await access.userByEmail('info@latour.example')).toBeUndefined();
    expect(await access.userById('latour')).toBeUndefined();
  });

  it('knows a key by its hash, unless it was revoked', async () => {
    expect(await access.keyByHash('aa')).toEqual({ keyId: 'k1', agencyId: 'latour', label: 'Johanna' });
    expect(await access.keyByHash('bb')).toBeUndefined();
    expect(await access.keyByHash('cc')).toBeUndefined();
  });

  it('knows an agency by its id', async () => {
    expect(await access.agencyById('latour')).toEqual({
      id: 'latour',
      code: '9998',
      name: 'AGENCE LATOUR',
      email: 'info@latour.example',
      address: null,
    });
    expect(await access.agencyById('other')).toBeUndefined();
  });

  it('has nobody left of an agency whose key was destroyed', async () => {
    expect(await access.agencyById('closed')).toBeUndefined();
    expect(await access.userById('gone')).toBeUndefined();
    expect(await access.userByEmail('')).toBeUndefined();
  });
});
