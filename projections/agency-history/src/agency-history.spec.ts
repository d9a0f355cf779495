import { randomUUID } from 'node:crypto';
import type { Db, Document } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import type { LetterEvent } from '#libs/letter';
import { FoldedWrites, rebuild, type ProjectedDocument } from '#projections/engine';
import type { HistoryQuery } from './index.js';
import { AgencyHistory, agencyHistoryProjection, HistoryCursorInvalid } from './index.js';

const END = '2018-04-04T22:00:00.000Z';

interface Sent {
  readonly agencyId?: string;
  readonly partyKind?: 'tenant' | 'owner';
  readonly partyCode?: string;
  readonly name?: string;
  readonly at?: string;
}
type Part = { readonly type: LetterEvent['type']; readonly data: object; readonly personal?: object };

function submitted({ agencyId = 'latour', partyKind = 'tenant', partyCode = '40035', name, at = day(20) }: Sent): Part {
  const data = {
    agencyId,
    agencyCode: '9998',
    dossier: 'SI00',
    partyCode,
    partyKind,
    reference: `LRE_9998_SI00_${partyCode}`,
    professional: false,
    documents: [{}, {}],
    at,
  };
  return { type: 'Submitted', data, ...(name && { personal: { recipient: { civility: 'M.', name } } }) };
}
const simply = (type: LetterEvent['type'], data: object = {}): Part => ({ type, data: { at: day(21), ...data } });
function day(date: number): string {
  return `2018-03-${date}T10:00:00.000Z`;
}

const notified = simply('Notified', { windowEndsAt: END });
const letters: Readonly<Record<string, readonly Part[]>> = {
  submitted: [submitted({ name: 'BENSEHIL - BEN SAÏD Philippe - CHERIFA', partyCode: '40038', at: day(22) })],
  failed: [submitted({}), simply('DepositFailed')],
  deposited: [submitted({ at: day(19) }), simply('Deposited')],
  bounced: [submitted({}), simply('Deposited'), simply('NotificationFailed')],
  corrected: [submitted({}), simply('Deposited'), simply('NotificationFailed'), simply('AddressCorrected')],
  notified: [submitted({ name: 'GALLISSOT Philippe' }), simply('Deposited'), notified],
  alerted: [submitted({}), simply('Deposited'), notified, simply('AlertRaised')],
  accepted: [submitted({}), simply('Deposited'), notified, simply('AlertRaised'), simply('Accepted')],
  signed: [submitted({}), simply('Deposited'), notified, simply('AlertRaised'), simply('Accepted'), simply('Signed')],
  refused: [submitted({ partyKind: 'owner' }), simply('Deposited'), notified, simply('Refused')],
  expired: [submitted({}), simply('Deposited'), notified, simply('Expired')],
  printed: [
    submitted({}),
    simply('Deposited'),
    simply('PrintRequested'),
    simply('PrintDispatched', { trackingNumber: '2K00' }),
  ],
  archived: [submitted({ name: 'GALLISSOT Philippe' }), simply('Archived')],
  reactivated: [submitted({}), simply('Archived'), simply('Reactivated')],
  foreign: [submitted({ agencyId: 'other', name: 'GALLISSOT Philippe' })],
};
const events = Object.entries(letters).flatMap(([letter, parts], index) =>
  parts.map((event, revision) => {
    const commit = BigInt(index * 10 + revision);
    return { event, stream: `letter-${letter}`, position: { commit, prepare: commit } } as unknown as StoredEvent;
  }),
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '', { monitorCommands: true });
let db: Db;
let history: AgencyHistory;

beforeAll(async () => {
  db = mongo.db(`history-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(agencyHistoryProjection, { db, eventStore });
  history = new AgencyHistory(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const ids = async (query: Partial<HistoryQuery>): Promise<string[]> =>
  (await history.list({ agencyId: 'latour', limit: 50, ...query })).rows.map(({ letterId }) => letterId).sort();
const all = (but: (letter: string) => boolean): string[] =>
  Object.keys(letters)
    .filter((letter) => !['archived', 'foreign'].includes(letter) && !but(letter))
    .sort();

describe('a row', () => {
  it('is the same when each event is applied twice', () => {
    const once = new FoldedWrites();
    once.add(agencyHistoryProjection, events);
    const twice = new FoldedWrites();
    twice.add(
      agencyHistoryProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('has the columns of the history screen', async () => {
    expect(await history.find('latour', 'submitted')).toEqual({
      letterId: 'submitted',
      agencyId: 'latour',
      reference: 'LRE_9998_SI00_40038',
      number: '40038',
      partyKind: 'tenant',
      name: 'M. BENSEHIL - BEN SAÏD Philippe - CHERIFA',
      code: 'SI00',
      date: day(22),
      expiration: null,
      commande: 2,
      message: 'Dépôt en cours',
      tag: 'En cours de dépôt',
      status: 'submitted',
      professional: false,
      archived: false,
      alert: false,
      printState: null,
      trackingNumber: null,
      changedAt: day(22),
    });
  });

  it.each([
    ['failed', 'deposit-failed', 'Échec du dépôt'],
    ['deposited', 'deposited', 'Déposé'],
    ['bounced', 'notification-failed', 'Échec de notification'],
    ['corrected', 'deposited', 'Déposé'],
    ['notified', 'notified', 'Notifié'],
    ['accepted', 'accepted', 'Accepté'],
    ['signed', 'signed', 'Signé'],
    ['refused', 'refused', 'Refusé'],
    ['expired', 'expired', 'Expiré'],
  ])('of a letter that is %s says %s, %s', async (letter, status, tag) => {
    expect(await history.find('latour', letter)).toMatchObject({ status, tag });
  });

  it('has the end of the window once there is a notice', async () => {
    expect(await history.find('latour', 'deposited')).toMatchObject({ expiration: null });
    expect(await history.find('latour', 'notified')).toMatchObject({ expiration: END });
  });

  it('is flagged when the deadline draws near, until the letter ends', async () => {
    const message = 'Échéance proche, pas encore de signature';
    expect(await history.find('latour', 'alerted')).toMatchObject({ alert: true, message, tag: 'Notifié' });
    expect(await history.find('latour', 'accepted')).toMatchObject({ alert: true, tag: 'Accepté' });
    expect(await history.find('latour', 'signed')).toMatchObject({ alert: false });
  });

  it('tells of the letter on paper', async () => {
    expect(await history.find('latour', 'printed')).toMatchObject({ printState: 'dispatched', trackingNumber: '2K00' });
  });

  it('is there without a name when that was erased', async () => {
    expect(await history.find('latour', 'refused')).toMatchObject({ name: null });
  });

  it('does not exist for another agency', async () => {
    expect(await history.find('latour', 'foreign')).toBeUndefined();
    expect(await history.find('other', 'notified')).toBeUndefined();
    expect(await ids({ agencyId: 'other' })).toEqual(['foreign']);
  });
});

describe('the list', () => {
  it('is all that is not archived', async () => {
    expect(await ids({})).toEqual(all(() => false));
  });

  it('may be what is archived, or what has one status', async () => {
    expect(await ids({ status: 'archived' })).toEqual(['archived']);
    expect(await ids({ status: 'deposited' })).toEqual(['corrected', 'deposited', 'printed']);
  });

  it('may begin and end at a moment', async () => {
    expect(await ids({ from: day(22) })).toEqual(['submitted']);
    expect(await ids({ to: day(20) })).toEqual(['deposited']);
    expect(await ids({ from: day(20), to: day(22) })).toEqual(all((letter) => /^(submitted|deposited)$/.test(letter)));
  });

  it('may be owners or tenants only', async () => {
    expect(await ids({ kind: 'owner' })).toEqual(['refused']);
    expect(await ids({ kind: 'tenant' })).toEqual(all((letter) => letter === 'refused'));
  });

  it.each([
    ['gallissot', ['notified']],
    ['Said phil', ['submitted']],
    ['SAÏD', ['submitted']],
    ['40038', ['submitted']],
    ['LRE_9998_SI00_40038', ['submitted']],
    ['hilippe', []],
    ['.*', all(() => false)],
    ['philippe 40038 nobody', []],
  ])('may be searched for %s', async (search, found) => {
    expect(await ids({ search })).toEqual(found);
  });

  it('is read page by page, latest first, each row once, also where many have the same date', async () => {
    const seen: string[] = [];
    const dates: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await history.list({ agencyId: 'latour', limit: 3, after });
      expect(page.rows.length).toBeLessThanOrEqual(3);
      seen.push(...page.rows.map(({ letterId }) => letterId));
      dates.push(...page.rows.map(({ date }) => date));
      after = page.next ?? undefined;
      pages += 1;
    } while (after !== undefined);
    expect([...seen].sort()).toEqual(all(() => false));
    expect(dates).toEqual([...dates].sort().reverse());
    expect(pages).toBe(Math.ceil(seen.length / 3));
  });

  it('has no place that was made up', async () => {
    await expect(history.list({ agencyId: 'latour', limit: 3, after: '2018' })).rejects.toThrow(HistoryCursorInvalid);
  });
});

describe('of an agency with many letters, each list', () => {
  const MANY = 2_500;
  const ends = ['Signed', 'Refused', 'Expired', 'AlertRaised'] as const;
  const endOf = (number: number) => ends[(number >> 2) % 4] ?? 'Signed';
  const isArchived = (number: number) => number % 7 === 0;

  beforeAll(async () => {
    const name = ['MARTIN Paul', 'MARTY Anne', 'DURAND Zoé', 'DUBOIS Paul'] as const;
    const many = Array.from({ length: MANY }, (_, number): Part[] => [
      submitted({
        agencyId: 'large',
        partyKind: number % 10 === 0 ? 'owner' : 'tenant',
        partyCode: String(10_000 + number),
        name: name[number % 4] ?? '',
        at: new Date(Date.parse(day(20)) + number * 60_000).toISOString(),
      }),
      simply('Deposited'),
      notified,
      simply(endOf(number)),
      ...(isArchived(number) ? [simply('Archived')] : []),
    ]);
    const folded = new FoldedWrites();
    const stored = many.flatMap((parts, index) =>
      parts.map((event, revision) => ({
        event,
        stream: `letter-many-${String(index)}`,
        position: { commit: BigInt(1_000 + index * 10 + revision) },
      })),
    );
    folded.add(agencyHistoryProjection, stored as unknown as StoredEvent[]);
    const checkpoint = await db.collection<{ _id: string; collection: string }>('projections').findOne();
    await db.collection<ProjectedDocument>(checkpoint?.collection ?? '').insertMany([...folded.documents()]);
  });

  /** What MongoDB does for the query, and how many index keys it looks at. */
  async function planOf(query: Partial<HistoryQuery>): Promise<{ plan: string; keys: number }> {
    const asked: Document[] = [];
    mongo.on('commandStarted', ({ commandName, command }) => {
      if (commandName === 'find' && 'sort' in command) asked.push(command);
    });
    await history.list({ agencyId: 'large', limit: 20, ...query });
    mongo.removeAllListeners('commandStarted');
    const { find, filter, sort, limit, projection } = asked[0] ?? {};
    const explain = { find, filter, sort, limit, projection };
    const { queryPlanner, executionStats } = await db.command({ explain, verbosity: 'executionStats' });
    return {
      plan: JSON.stringify((queryPlanner as { winningPlan: unknown }).winningPlan),
      keys: (executionStats as { totalKeysExamined: number }).totalKeysExamined,
    };
  }
  const middle = new Date(Date.parse(day(20)) + (MANY / 2) * 60_000).toISOString();

  it.each<[string, Partial<HistoryQuery>]>([
    ['whole', {}],
    ['of what is archived', { status: 'archived' }],
    ['of one status', { status: 'expired' }],
    ['of owners', { kind: 'owner' }],
    ['of one status and kind', { status: 'signed', kind: 'tenant' }],
    ['near the end', { alert: true }],
    ['of owners near the end', { alert: true, kind: 'owner' }],
    ['from a page on', { after: `${middle}/many-${String(MANY / 2)}` }],
    ['of one status from a page on', { status: 'refused', after: `${middle}/many-${String(MANY / 2)}` }],
    ['between two moments', { from: day(20), to: middle }],
    ['searched for what many begin with', { search: 'm' }],
    ['searched for what many have', { search: 'marti' }],
    ['searched for two words that many have', { search: 'Paul martin' }],
  ])('%s is read in the order of an index', async (_, query) => {
    const { plan, keys } = await planOf(query);
    expect(plan).toContain('"stage":"IXSCAN"');
    expect(plan).not.toContain('"stage":"SORT"');
    expect(plan).not.toContain('"stage":"COLLSCAN"');
    expect(keys).toBeLessThan(MANY / 10);
  });

  it.each(['10421', 'LRE_9998_SI00_12001', 'paul 11001'])(
    'searched for %s looks at the few letters that have it',
    async (search) => {
      const { plan, keys } = await planOf({ search });
      expect(plan).toContain('"agencyId_1_archived_1_searchTerms_1"');
      expect(keys).toBeLessThan(10);
    },
  );

  it('searched for what many have holds the same as when few do', async () => {
    const page = await history.list({ agencyId: 'large', limit: 100, search: 'marti', after: `${middle}/many-1250` });
    const marty = await history.list({ agencyId: 'large', limit: 100, search: 'paul marti' });
    expect(page.rows.every(({ name, date }) => name === 'M. MARTIN Paul' && date < middle)).toBe(true);
    expect(page.rows).toHaveLength(100);
    expect(marty.rows.every(({ name }) => name === 'M. MARTIN Paul')).toBe(true);
  });

  it('is counted while it nears the end, and marked by its last change', async () => {
    expect(await history.alerts('large')).toBe(
      Array.from({ length: MANY }, (_, number) => endOf(number) === 'AlertRaised' && !isArchived(number)).filter(
        Boolean,
      ).length,
    );
    expect(await history.alerts('other')).toBe(0);
    expect(await history.mark('latour')).toBe(
      String(events.filter(({ stream }) => stream !== 'letter-foreign').at(-1)?.position.commit),
    );
    expect(await history.mark('latour', 'failed')).toBe('11');
    expect(await history.mark('latour', 'foreign')).toBe('0');
  });
});
