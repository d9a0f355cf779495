import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { CampaignEvent, LetterResult } from '#libs/campaign';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { FoldedWrites, rebuild } from '#projections/engine';
import { Campaigns, campaignsProjection } from './index.js';

const at = (day: number): string => `2026-01-0${String(day)}T08:00:00.000Z`;
const terms = { otp: false, retentionDays: 15, alertDays: 5, templates: {} };
const drafted = (agencyId: string, day: number, lines: readonly string[]): CampaignEvent => ({
  type: 'CampaignDrafted',
  data: { agencyId, list: 'unpaid', lines, at: at(day) },
});
const settings = (day: number, changes: Partial<typeof terms> = {}): CampaignEvent => ({
  type: 'CampaignSettingsChosen',
  data: { ...terms, ...changes, at: at(day) },
  personal: { agencyEmail: 'info@latour.example' },
});
const listed = (listing: string, rows: readonly number[], isErased = false): CampaignEvent => ({
  type: 'CampaignLettersListed',
  data: {
    listing,
    letters: rows.map((row) => ({
      row,
      lineId: `L${String(row)}`,
      partyCode: `4000${String(row)}`,
      partyKind: 'tenant',
      dossier: '001',
      professional: false,
    })),
    at: at(2),
  },
  ...(isErased
    ? {}
    : {
        personal: {
          people: rows.map((row) => ({
            name: `DESTINATAIRE ${String(row)}`,
            email: `d${String(row)}@exemple.example`,
            ...(row === 0 ? { filedName: 'Bail.pdf' } : {}),
          })),
        },
      }),
});
const started = (letters: number): CampaignEvent => ({
  type: 'CampaignStarted',
  data: { agencyCode: '9998', letters, at: at(2) },
});
const settled = (...results: LetterResult[]): CampaignEvent => ({
  type: 'CampaignLettersSettled',
  data: { results, at: at(3) },
});
const submitted = (row: number): LetterResult => ({
  row,
  outcome: 'submitted',
  letterId: `letter-${String(row)}`,
  reference: `LRE_${String(row)}`,
});
const failed = (row: number): LetterResult => ({ row, outcome: 'failed', reason: 'NO_SIGNATURE_LEFT' });

const story: Readonly<Record<string, readonly CampaignEvent[]>> = {
  'campaign-1': [
    drafted('latour', 1, ['L0', 'L1', 'L2']),
    settings(1),
    listed('one', [0, 1, 2]),
    started(3),
    settled(submitted(0), failed(1)),
    settled(submitted(2)),
    { type: 'CampaignFinished', data: { submitted: 2, failed: 1, skipped: 0, at: at(3) } },
  ],
  // Row 1 was unticked after a first listing, row 0 before any; row 4 had its listing changed.
  'campaign-2': [
    drafted('latour', 2, ['L0', 'L1', 'L2', 'L3', 'L4']),
    settings(2, { retentionDays: 30 }),
    { type: 'CampaignSelectionChanged', data: { ticked: [], unticked: [0], at: at(2) } },
    listed('one', [1, 2, 3, 4]),
    { type: 'CampaignSelectionChanged', data: { ticked: [], unticked: [1], at: at(2) } },
    settings(3, { retentionDays: 20 }),
    listed('two', [2, 3], true),
    listed('two', [4]),
    started(3),
    settled(failed(3)),
  ],
  'campaign-3': [drafted('latour', 4, ['L0'])],
  'campaign-4': [drafted('latour', 4, ['L0']), { type: 'CampaignAbandoned', data: { at: at(4) } }],
  'campaign-5': [drafted('other', 5, ['L0']), settings(5, { retentionDays: 60 })],
};
const events = Object.entries(story).flatMap(([stream, parts], index) =>
  parts.map((event, revision) => {
    const commit = BigInt(index * 20 + revision);
    return { event, stream, position: { commit, prepare: commit } } as unknown as StoredEvent;
  }),
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let campaigns: Campaigns;

beforeAll(async () => {
  db = mongo.db(`campaigns-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(campaignsProjection, { db, eventStore });
  campaigns = new Campaigns(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

it('writes the same documents when each event is applied twice', () => {
  const once = new FoldedWrites();
  once.add(campaignsProjection, events);
  const twice = new FoldedWrites();
  twice.add(
    campaignsProjection,
    events.flatMap((event) => [event, event]),
  );
  expect([...twice.documents()]).toEqual([...once.documents()]);
});

describe('the list', () => {
  it('is of one agency, latest first, without those that were given up', async () => {
    const { rows, next } = await campaigns.list('latour', { limit: 10 });
    expect(rows.map(({ campaignId, status }) => [campaignId, status])).toEqual([
      ['3', 'draft'],
      ['2', 'running'],
      ['1', 'finished'],
    ]);
    expect(next).toBeNull();
    expect((await campaigns.list('nobody', { limit: 10 })).rows).toEqual([]);
  });

  it('goes page by page', async () => {
    const first = await campaigns.list('latour', { limit: 2 });
    const second = await campaigns.list('latour', { limit: 2, after: first.next ?? '' });
    expect([first, second].map(({ rows }) => rows.map(({ campaignId }) => campaignId))).toEqual([['3', '2'], ['1']]);
    expect(second.next).toBeNull();
  });
});

describe('one campaign', () => {
  it('tells where it stands, counting results while it runs', async () => {
    expect(await campaigns.find('latour', '1')).toEqual({
      campaignId: '1',
      list: 'unpaid',
      status: 'finished',
      lines: 3,
      letters: 3,
      draftedAt: at(1),
      startedAt: at(2),
      finishedAt: at(3),
      counts: { submitted: 2, failed: 1, skipped: 0 },
    });
    expect(await campaigns.find('latour', '2')).toMatchObject({
      letters: 3,
      finishedAt: null,
      counts: { submitted: 0, failed: 1, skipped: 0 },
    });
    expect(await campaigns.find('latour', '3')).toMatchObject({ letters: null, startedAt: null });
  });

  it('is the agency’s own', async () => {
    expect(await campaigns.find('other', '1')).toBeUndefined();
    expect(await campaigns.letters('other', '1', { limit: 10 })).toEqual({ rows: [], next: null });
  });
});

describe('its letters', () => {
  it('are those of the last listing that were ticked, in the order of the lines, page by page', async () => {
    const first = await campaigns.letters('latour', '2', { limit: 2 });
    const second = await campaigns.letters('latour', '2', { limit: 2, from: first.next ?? 0 });
    expect([first, second].map(({ rows }) => rows.map(({ row }) => row))).toEqual([[2, 3], [4]]);
    expect(second.next).toBeNull();
    expect(first.rows[0]).toMatchObject({ lineId: 'L2', name: null, email: null, result: null });
  });

  it('have their results', async () => {
    const { rows } = await campaigns.letters('latour', '1', { limit: 10 });
    expect(rows.map(({ result }) => result)).toEqual([submitted(0), failed(1), submitted(2)]);
    expect(rows[0]).toMatchObject({ lineId: 'L0', partyCode: '40000', name: 'DESTINATAIRE 0', filedName: 'Bail.pdf' });
    const only = async (outcome: 'failed' | 'pending', id: string): Promise<number[]> =>
      (await campaigns.letters('latour', id, { outcome, limit: 10 })).rows.map(({ row }) => row);
    expect(await only('failed', '1')).toEqual([1]);
    expect(await only('pending', '2')).toEqual([2, 4]);
  });

  it('are none before the start', async () => {
    expect(await campaigns.letters('latour', '3', { limit: 10 })).toEqual({ rows: [], next: null });
  });
});

it('keeps the settings that an agency has chosen last', async () => {
  expect(await campaigns.lastSettings('latour')).toEqual({
    ...terms,
    retentionDays: 20,
    agencyEmail: 'info@latour.example',
  });
  expect(await campaigns.lastSettings('nobody')).toBeUndefined();
});

it('says which campaigns are to be brought to their end', async () => {
  expect(await campaigns.unfinished(10)).toEqual([{ campaignId: '2', agencyId: 'latour' }]);
});
