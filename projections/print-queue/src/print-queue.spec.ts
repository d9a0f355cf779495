import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { FoldedWrites, rebuild } from '#projections/engine';
import { PrintQueue, printQueueProjection, QueueCursorInvalid, type QueueQuery } from './index.js';

const at = (minute: number): string => `2018-03-21T09:${String(minute).padStart(2, '0')}:00.000Z`;
const print = { sha256: 'd'.repeat(64), size: 48_210, pages: 4 };
const ticket = { sha256: 'e'.repeat(64), size: 9_120, pages: 1 };

const asked = (job: string, minute: number, agencyId = 'latour') => ({
  type: 'PrintRequested',
  data: { by: 'sender', job, agencyId, reference: `LRE_${job}`, at: at(minute) },
  personal: { address: 'Mme ROSE Armande\n1 rue de la Tour\n57000 METZ' },
});
const parts = [
  asked('one', 1),
  { type: 'PrintPrepared', data: { job: 'one', print, ticket, at: at(2) } },
  { type: 'PrintDownloaded', data: { job: 'one', by: 'user:1', at: at(3) } },
  { type: 'PrintDownloaded', data: { job: 'one', by: 'user:2', at: at(4) } },
  asked('two', 5),
  { ...asked('erased', 6), personal: undefined },
  { type: 'PrintFailed', data: { job: 'erased', reason: 'DOCUMENT_MISSING', at: at(7) } },
  asked('sent', 8),
  { type: 'PrintPrepared', data: { job: 'sent', print, ticket, at: at(9) } },
  { type: 'PrintDispatched', data: { job: 'sent', trackingNumber: '1A12345678901', at: at(10) } },
  asked('foreign', 11, 'other'),
];
const events = parts.map((event, index) => ({
  event,
  stream: 'letter-7',
  revision: BigInt(index),
  position: { commit: BigInt(index), prepare: BigInt(index) },
})) as unknown as StoredEvent[];

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let queue: PrintQueue;

beforeAll(async () => {
  db = mongo.db(`print-queue-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(printQueueProjection, { db, eventStore });
  queue = new PrintQueue(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const jobs = async (query: Partial<QueueQuery> = {}): Promise<string[]> =>
  (await queue.list({ agencyId: 'latour', state: 'open', limit: 10, ...query })).rows.map(({ job }) => job);

test('is the same when each event is applied twice', () => {
  const once = new FoldedWrites();
  once.add(printQueueProjection, events);
  const twice = new FoldedWrites();
  twice.add(
    printQueueProjection,
    events.flatMap((event) => [event, event]),
  );
  expect([...twice.documents()]).toEqual([...once.documents()]);
});

test('what is to be done comes first asked first, what is done with latest first', async () => {
  expect(await jobs()).toEqual(['one', 'two']);
  expect(await jobs({ state: 'done' })).toEqual(['sent', 'erased']);
  expect(await jobs({ agencyId: 'other' })).toEqual(['foreign']);
});

test.each(['open', 'done'] as const)('what is %s is read page by page', async (state) => {
  const first = await queue.list({ agencyId: 'latour', state, limit: 1 });
  const second = await queue.list({ agencyId: 'latour', state, limit: 1, after: first.next ?? '' });
  expect([...first.rows, ...second.rows].map(({ job }) => job)).toEqual(await jobs({ state }));
  expect(second.next).toBeNull();
  await expect(queue.list({ agencyId: 'latour', state, limit: 1, after: 'x' })).rejects.toThrow(QueueCursorInvalid);
});

test('a job knows what is printed, who took it and when, and its tracking number', async () => {
  const [one, erased, sent] = await queue.byIds('latour', ['one', 'erased', 'sent', 'foreign', 'none']);
  expect(one).toMatchObject({
    letterId: '7',
    reference: 'LRE_one',
    addressee: 'Mme ROSE Armande',
    status: 'prepared',
    print,
    ticket,
    downloads: [
      { by: 'user:1', at: at(3) },
      { by: 'user:2', at: at(4) },
    ],
  });
  expect(erased).toMatchObject({ addressee: null, status: 'failed', reason: 'DOCUMENT_MISSING' });
  expect(sent).toMatchObject({ status: 'dispatched', trackingNumber: '1A12345678901', dispatchedAt: at(10) });
});

test('a change of one agency changes its mark alone', async () => {
  expect([await queue.mark('latour'), await queue.mark('other'), await queue.mark('none')]).toEqual(['9', '10', '0']);
});
