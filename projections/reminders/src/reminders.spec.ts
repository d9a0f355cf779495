import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import type { ReminderEvent } from '#libs/reminders';
import { FoldedWrites, rebuild } from '#projections/engine';
import type { ReminderQuery } from './index.js';
import { ReminderCursorInvalid, Reminders, remindersProjection } from './index.js';

const at = '2026-11-02T08:00:00.000Z';
const later = '2026-11-03T08:00:00.000Z';

type Received = Extract<ReminderEvent, { type: 'ReminderReceived' }>;

function received(lineId: string, partyCode: string, changes: Partial<Received['data']> = {}): Received {
  const standing = { list: 'unpaid', level: 'registered', dossier: '001', document: null } as const;
  const data = { agencyId: 'latour', lineId, partyCode, ...standing, at, ...changes };
  return { type: 'ReminderReceived', data, personal: { data: { montantDu: '687.50' } } };
}
const print = { sha256: 'a'.repeat(64), size: 1_000, pages: 1 };
const sent: ReminderEvent = { type: 'ReminderSent', data: { campaignId: 'c-1', letterId: 'l-1', at: later } };

const story: Readonly<Record<string, readonly ReminderEvent[]>> = {
  'reminder-latour-1': [received('nov/1', '40017')],
  'reminder-latour-2': [
    received('nov/2', '40035', { level: 'reminder-1' }),
    {
      type: 'ReminderCorrected',
      data: { level: 'bailiff', partyCode: '40035', dossier: '77-A', document: print, at: later },
      personal: { data: { montantDu: '700.00' }, documentName: 'Relance.pdf' },
    },
  ],
  'reminder-latour-3': [received('nov/3', '40017'), sent],
  'reminder-latour-4': [received('nov/4', '40213'), { type: 'ReminderWithdrawn', data: { at: later } }],
  'reminder-latour-5': [
    received('nov/5', '40214'),
    { type: 'ReminderWithdrawn', data: { at: later } },
    { type: 'ReminderReinstated', data: { at: later } },
  ],
  'reminder-latour-6': [
    received('nov/6', '40215', { list: 'owner-insurance' }),
    sent,
    { type: 'ReminderReleased', data: { letterId: 'l-1', at: later } },
  ],
  'reminder-other-1': [received('nov/1', '40017', { agencyId: 'other' })],
};
const events = Object.entries(story).flatMap(([stream, parts], index) =>
  parts.map((event, revision) => {
    const commit = BigInt(index * 10 + revision);
    return { event, stream, position: { commit, prepare: commit } } as unknown as StoredEvent;
  }),
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let reminders: Reminders;

beforeAll(async () => {
  db = mongo.db(`reminders-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(remindersProjection, { db, eventStore });
  reminders = new Reminders(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const ids = async (query: Partial<ReminderQuery>): Promise<string[]> =>
  (await reminders.list({ agencyId: 'latour', list: 'unpaid', limit: 50, ...query })).rows.map(({ lineId }) => lineId);

describe('a line', () => {
  it('is the same when each event is applied twice', () => {
    const once = new FoldedWrites();
    once.add(remindersProjection, events);
    const twice = new FoldedWrites();
    twice.add(
      remindersProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('tells what it is now', async () => {
    const rows = await reminders.withIds('latour', ['nov/1', 'nov/2', 'nov/3', 'nov/6', 'nov/7']);
    expect([...rows.keys()].toSorted()).toEqual(['nov/1', 'nov/2', 'nov/3', 'nov/6']);
    expect(rows.get('nov/2')).toEqual({
      agencyId: 'latour',
      lineId: 'nov/2',
      list: 'unpaid',
      level: 'bailiff',
      partyCode: '40035',
      dossier: '77-A',
      data: { montantDu: '700.00' },
      document: { ...print, name: 'Relance.pdf' },
      status: 'open',
      campaignId: null,
      letterId: null,
      receivedAt: at,
      changedAt: later,
    });
    expect(rows.get('nov/3')).toMatchObject({ status: 'sent', campaignId: 'c-1', letterId: 'l-1' });
    expect(rows.get('nov/6')).toMatchObject({ status: 'open', campaignId: null, letterId: null });
  });

  it('without its key has no data', () => {
    const { type, data } = received('nov/9', '40017');
    const erased = { event: { type, data }, stream: 'reminder-latour-9' } as unknown as StoredEvent;
    expect(remindersProjection.project(erased)).toMatchObject([{ set: { data: null, partyCode: '40017' } }]);
  });
});

describe('a list', () => {
  it.each([
    [{}, ['nov/1', 'nov/3', 'nov/2', 'nov/4', 'nov/5']],
    [{ list: 'owner-insurance' }, ['nov/6']],
    [{ list: 'insurance' }, []],
    [{ agencyId: 'other' }, ['nov/1']],
    [{ status: 'open' }, ['nov/1', 'nov/2', 'nov/5']],
    [{ status: 'sent' }, ['nov/3']],
    [{ status: 'withdrawn' }, ['nov/4']],
    [{ level: 'bailiff' }, ['nov/2']],
    [{ level: 'reminder-1' }, []],
    [{ search: '77 a' }, ['nov/2']],
    [{ search: '40017' }, ['nov/1', 'nov/3']],
    [{ search: 'NOV 5' }, ['nov/5']],
    [{ search: 'charpentier', orPartyCodes: ['40017'] }, ['nov/1', 'nov/3']],
    [{ search: 'charpentier' }, []],
    [{ orPartyCodes: ['40017'] }, ['nov/1', 'nov/3', 'nov/2', 'nov/4', 'nov/5']],
  ] as [Partial<ReminderQuery>, string[]][])('answers %j', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  it('goes page by page without a gap, also within a third party', async () => {
    const pages: string[][] = [];
    let after: string | undefined;
    do {
      const query = { agencyId: 'latour', list: 'unpaid', limit: 2, after } as const;
      const { rows, next } = await reminders.list(query);
      pages.push(rows.map(({ lineId }) => lineId));
      after = next ?? undefined;
    } while (after !== undefined);
    expect(pages).toEqual([['nov/1', 'nov/3'], ['nov/2', 'nov/4'], ['nov/5']]);
    await expect(ids({ after: 'x' })).rejects.toThrow(ReminderCursorInvalid);
  });

  it('is counted', async () => {
    expect(Object.fromEntries(await reminders.open('latour'))).toEqual({ unpaid: 3, 'owner-insurance': 1 });
  });
});
