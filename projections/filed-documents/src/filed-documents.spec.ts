import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import type { DocumentCategory, FiledDocumentEvent } from '#libs/filing';
import { FoldedWrites, rebuild } from '#projections/engine';
import { FiledDocuments, filedDocumentsProjection, FilingCursorInvalid, type FiledDocumentQuery } from './index.js';

const at = '2026-01-05T08:00:00.000Z';
const later = '2026-01-06T08:00:00.000Z';
const print = (letter: string) => ({ sha256: letter.repeat(64), size: 1_000, pages: 2 });

interface Filed {
  readonly agencyId?: string;
  readonly partyCode?: string | null;
  readonly category?: DocumentCategory;
}
function filed(name: string | undefined, changes: Filed = {}): FiledDocumentEvent {
  const data = { agencyId: 'latour', partyCode: '40017', category: 'lease', file: print('a'), at, ...changes } as const;
  return { type: 'DocumentFiled', data, ...(name !== undefined && { personal: { name } }) };
}
const removed: FiledDocumentEvent = { type: 'DocumentRemoved', data: { at: later } };
const replaced = (name: string): FiledDocumentEvent => ({
  type: 'DocumentReplaced',
  data: { file: print('b'), at: later },
  personal: { name },
});

const story: readonly (readonly [document: string, FiledDocumentEvent])[] = [
  ['1', filed('Bail CHARPENTIER.pdf')],
  ['2', filed('Avenant au bail.pdf')],
  ['3', filed('Attestation été.pdf', { category: 'insurance' })],
  ['4', filed('Règlement.pdf', { partyCode: null, category: 'correspondence' })],
  ['5', filed('Bail ROSE.pdf', { partyCode: '40213' })],
  // The key of this document has been destroyed.
  ['6', filed(undefined, { partyCode: '40035', category: 'history' })],
  ['7', filed('Autre bail.pdf', { partyCode: '40035' })],
  ['1', replaced('Bail signé.pdf')],
  ['7', removed],
];
const stored = (documents: readonly (readonly [string, FiledDocumentEvent, string?])[], from = 0): StoredEvent[] =>
  documents.map(([id, event, agencyId = 'latour'], index) => {
    const commit = BigInt(from + index);
    return {
      event,
      stream: `filed-${agencyId}-${id}`,
      position: { commit, prepare: commit },
    } as unknown as StoredEvent;
  });
const events = [...stored(story), ...stored([['1', filed('Bail.pdf', { agencyId: 'other' }), 'other']], story.length)];

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let documents: FiledDocuments;

beforeAll(async () => {
  db = mongo.db(`filed-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(filedDocumentsProjection, { db, eventStore });
  documents = new FiledDocuments(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const ids = async (query: Partial<FiledDocumentQuery> = {}): Promise<string[]> =>
  (await documents.list({ agencyId: 'latour', limit: 50, ...query })).rows.map(({ documentId }) => documentId);

test('a document is the same when each event is applied twice', () => {
  const once = new FoldedWrites();
  once.add(filedDocumentsProjection, events);
  const twice = new FoldedWrites();
  twice.add(
    filedDocumentsProjection,
    events.flatMap((event) => [event, event]),
  );
  expect([...twice.documents()]).toEqual([...once.documents()]);
});

describe('the latest document of a category', () => {
  it('is the one that was filed or replaced last', async () => {
    expect(await documents.latest('latour', '40017', 'lease')).toEqual({
      agencyId: 'latour',
      documentId: '1',
      partyCode: '40017',
      category: 'lease',
      name: 'Bail signé.pdf',
      ...print('b'),
      filedAt: later,
    });
    expect(await documents.latest('latour', '40017', 'insurance')).toMatchObject({ documentId: '3' });
  });

  it('is none where there is none, it was removed, or is another agency’s', async () => {
    expect(await documents.latest('latour', '40017', 'charges')).toBeUndefined();
    expect(await documents.latest('latour', '40035', 'lease')).toBeUndefined();
    expect(await documents.latest('other', '40213', 'lease')).toBeUndefined();
  });

  it('is found for many at once', async () => {
    const latest = await documents.latestOf('latour', ['40017', '40213', '40035', '50000'], 'lease');
    expect([...latest].map(([code, { documentId }]) => [code, documentId]).toSorted()).toEqual([
      ['40017', '1'],
      ['40213', '5'],
    ]);
  });
});

describe('the list', () => {
  it.each([
    [{}, ['1', '6', '5', '4', '3', '2']],
    [{ agencyId: 'other' }, ['1']],
    [{ partyCode: '40017' }, ['1', '3', '2']],
    [{ partyCode: null }, ['4']],
    [{ category: 'lease' }, ['1', '5', '2']],
    [{ category: 'lease', partyCode: '40213' }, ['5']],
    [{ search: 'ETE' }, ['3']],
    [{ search: 'bail' }, ['1', '5', '2']],
    [{ search: 'bail', orPartyCodes: ['40035'] }, ['1', '6', '5', '2']],
    [{ search: 'charpentier' }, []],
    [{ search: '.*' }, ['1', '6', '5', '4', '3', '2']],
  ] as [Partial<FiledDocumentQuery>, string[]][])('answers %j, latest first', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  it('goes page by page without a gap', async () => {
    const query = { agencyId: 'latour', limit: 4 };
    const first = await documents.list(query);
    const second = await documents.list({ ...query, after: first.next ?? '' });
    const pages = [first, second].map(({ rows }) => rows.map(({ documentId }) => documentId));
    expect(pages).toEqual([
      ['1', '6', '5', '4'],
      ['3', '2'],
    ]);
    expect(second.next).toBeNull();
    await expect(documents.list({ ...query, after: 'x' })).rejects.toThrow(FilingCursorInvalid);
  });

  it('is counted by category', async () => {
    expect([...(await documents.counts({ agencyId: 'latour' }))].toSorted()).toEqual([
      ['correspondence', 1],
      ['history', 1],
      ['insurance', 1],
      ['lease', 3],
    ]);
    expect([...(await documents.counts({ agencyId: 'latour', search: 'rose' }))]).toEqual([['lease', 1]]);
  });
});
