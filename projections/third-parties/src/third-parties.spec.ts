import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { PartyDetails, PartyEvent } from '#libs/directory';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { FoldedWrites, rebuild } from '#projections/engine';
import type { PartyQuery } from './index.js';
import { PartyCursorInvalid, ThirdParties, thirdPartiesProjection } from './index.js';

const at = '2026-01-05T08:00:00.000Z';
const later = '2026-01-06T08:00:00.000Z';
const proof = { sha256: 'a'.repeat(64), size: 1_000, type: 'application/pdf' } as const;

interface Described {
  readonly agencyId?: string;
  readonly kind?: 'tenant' | 'owner';
  readonly professional?: boolean;
}
function registered(code: string, details: PartyDetails | undefined, described: Described = {}): PartyEvent {
  const data = { agencyId: 'latour', code, kind: 'tenant', professional: false, at, ...described } as const;
  return { type: 'PartyRegistered', data, ...(details && { personal: details }) };
}
const given: PartyEvent = {
  type: 'ConsentGiven',
  data: { givenOn: '2026-01-04', how: 'contract', proof, at: later },
  personal: { proofName: 'Accord.pdf' },
};
const withdrawn: PartyEvent = {
  type: 'ConsentWithdrawn',
  data: { withdrawnOn: '2026-01-05', how: 'email', at: later },
};
const charpentier = {
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  secondName: 'CHARPENTIER Marie',
  email: 'jl.charpentier@exemple.example',
};
const bensehil = { name: 'BENSEHIL Philippe', secondName: 'BEN SAÏD Cherifa', email: 'pb@exemple.example' };

const story: Readonly<Record<string, readonly PartyEvent[]>> = {
  'party-latour-40017': [registered('40017', charpentier), given],
  'party-latour-40038': [registered('40038', bensehil), given, withdrawn],
  'party-latour-40035': [
    registered('40035', { name: 'GALLISSOT Philippe', email: 'ancien@exemple.example' }),
    {
      type: 'PartyChanged',
      data: { code: '40035', kind: 'owner', professional: true, at: later },
      personal: { name: 'GALLISSOT Philippe', email: 'p.gallissot@exemple.example' },
    },
  ],
  'party-latour-40213': [
    registered('40213', { name: 'ROSE Armance', email: 'a.rose@exemple.example' }),
    { type: 'PartyArchived', data: { at: later } },
  ],
  'party-latour-40214': [
    registered('40214', { name: 'ROSE Armance', email: 'b.rose@exemple.example' }),
    { type: 'PartyArchived', data: { at: later } },
    { type: 'PartyReactivated', data: { at: later } },
  ],
  // The key of this third party has been destroyed.
  'party-latour-40999': [registered('40999', undefined)],
  'party-other-40017': [registered('40017', charpentier, { agencyId: 'other' })],
};
const events = Object.entries(story).flatMap(([stream, parts], index) =>
  parts.map((event, revision) => {
    const commit = BigInt(index * 10 + revision);
    return { event, stream, position: { commit, prepare: commit } } as unknown as StoredEvent;
  }),
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let parties: ThirdParties;

beforeAll(async () => {
  db = mongo.db(`parties-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(thirdPartiesProjection, { db, eventStore });
  parties = new ThirdParties(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const codes = async (query: Partial<PartyQuery>): Promise<string[]> =>
  (await parties.list({ agencyId: 'latour', limit: 50, ...query })).rows.map(({ code }) => code);

describe('a row', () => {
  it('is the same when each event is applied twice', () => {
    const once = new FoldedWrites();
    once.add(thirdPartiesProjection, events);
    const twice = new FoldedWrites();
    twice.add(
      thirdPartiesProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('tells what the third party is now', async () => {
    const rows = await parties.withCodes('latour', ['40017', '40035', '40038', '40999', '50000']);
    expect([...rows.keys()].toSorted()).toEqual(['40017', '40035', '40038', '40999']);
    expect(rows.get('40017')).toEqual({
      agencyId: 'latour',
      code: '40017',
      kind: 'tenant',
      professional: false,
      details: charpentier,
      consent: 'given',
      consentDay: '2026-01-04',
      archived: false,
      changedAt: later,
    });
    expect(rows.get('40035')).toMatchObject({
      kind: 'owner',
      professional: true,
      consent: 'none',
      consentDay: null,
      details: { email: 'p.gallissot@exemple.example' },
    });
    expect(rows.get('40038')).toMatchObject({ consent: 'withdrawn', consentDay: '2026-01-05' });
    expect(rows.get('40999')).toMatchObject({ details: null });
  });
});

describe('the list', () => {
  it('is by name, then code; those without a name first', async () => {
    expect(await codes({})).toEqual(['40999', '40038', '40017', '40035', '40214']);
    expect(await codes({ archived: true })).toEqual(['40213']);
    expect(await codes({ agencyId: 'other' })).toEqual(['40017']);
  });

  it.each([
    [{ search: '40035' }, ['40035']],
    [{ search: 'philippe' }, ['40038', '40035']],
    [{ search: 'ben said' }, ['40038']],
    [{ search: 'CHARPENTIER marie' }, ['40017']],
    [{ search: 'p.gallissot@exemple.example' }, ['40035']],
    [{ search: 'ancien' }, []],
    [{ search: '.*' }, ['40999', '40038', '40017', '40035', '40214']],
    [{ kind: 'owner' }, ['40035']],
    [{ mayReceive: true }, ['40017', '40035']],
    [{ mayReceive: false }, ['40999', '40038', '40214']],
    [{ mayReceive: false, search: 'rose' }, ['40214']],
  ] as [Partial<PartyQuery>, string[]][])('answers %j', async (query, expected) => {
    expect(await codes(query)).toEqual(expected);
  });

  it('goes page by page without a gap, also between the same names', async () => {
    const query = { agencyId: 'latour', limit: 2 };
    const first = await parties.list(query);
    const second = await parties.list({ ...query, after: first.next ?? '' });
    const third = await parties.list({ ...query, after: second.next ?? '' });
    const pages = [first, second, third].map(({ rows }) => rows.map(({ code }) => code));
    expect(pages).toEqual([['40999', '40038'], ['40017', '40035'], ['40214']]);
    expect(third.next).toBeNull();
    await expect(parties.list({ ...query, after: 'x' })).rejects.toThrow(PartyCursorInvalid);
  });
});
