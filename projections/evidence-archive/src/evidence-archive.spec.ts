import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import type { ProofEvent } from '#libs/proof';
import { FoldedWrites, rebuild } from '#projections/engine';
import { EvidenceArchive, evidenceArchiveProjection } from './index.js';

const at = '2018-03-20T13:36:02.000Z';
const document = { sha256: 'c'.repeat(64), size: 64_000, pages: 1 };

const sealed = (proof: string) => ({ type: 'ProofSealed', data: { proof, kind: 'deposit', at } });
const delayed = (proof: string, since: string) => ({ type: 'TimestampDelayed', data: { proof, at: since } });
const issued = (proof: string) => ({ type: 'TimestampObtained', data: { proof, time: at, document, at } });

const told: readonly (readonly [string, object])[] = [
  ['1', sealed('first')],
  ['1', delayed('first', '2018-03-20T13:36:05.000Z')],
  ['2', sealed('second')],
  ['2', delayed('second', '2018-03-20T13:36:04.000Z')],
  ['3', sealed('third')],
  ['3', delayed('third', '2018-03-20T13:36:03.000Z')],
  ['3', issued('third')],
  ['4', sealed('fourth')],
];
const events = told.map(([letter, event], index) => {
  const position = { commit: BigInt(index), prepare: BigInt(index) };
  return { event, stream: `evidence-${letter}`, position } as unknown as StoredEvent<ProofEvent>;
});

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let archive: EvidenceArchive;

beforeAll(async () => {
  db = mongo.db(`archive-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(evidenceArchiveProjection, { db, eventStore });
  archive = new EvidenceArchive(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

describe('the archive of the proofs', () => {
  it('is the same when each event is applied twice', () => {
    const once = new FoldedWrites();
    once.add(evidenceArchiveProjection, events);
    const twice = new FoldedWrites();
    twice.add(
      evidenceArchiveProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('tells which proofs wait for a timestamp, those that wait longest first', async () => {
    expect(await archive.delayed(10)).toEqual([
      { letterId: '2', proof: 'second', kind: 'deposit', delayedSince: '2018-03-20T13:36:04.000Z' },
      { letterId: '1', proof: 'first', kind: 'deposit', delayedSince: '2018-03-20T13:36:05.000Z' },
    ]);
    expect(await archive.delayed(1)).toHaveLength(1);
  });
});
