import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import { credit, type Credit, type CreditCommand } from '#libs/credit';
import type { DomainEvent, EventStore, StoredEvent } from '#libs/event-store';
import { FoldedWrites, rebuild } from '#projections/engine';
import { CreditBalance, creditBalanceProjection } from './index.js';

/** A minute for each event, from half an hour before midnight in Paris on. */
const at = (minute: number): string => new Date(Date.parse('2026-01-05T22:30:00.000Z') + minute * 60_000).toISOString();

const events: StoredEvent[] = [];
const accounts = new Map<string, { state: Credit; revision: bigint }>();

function store(stream: string, revision: bigint, event: DomainEvent): void {
  const commit = BigInt(events.length);
  events.push({ event, stream, revision, position: { commit, prepare: commit } } as unknown as StoredEvent);
}

type Said<Command> = Command extends CreditCommand ? Omit<Command, 'at'> : never;

/** What the account itself decides, stored as the event store has it. */
function say(agency: string, command: Said<CreditCommand>): void {
  const account = accounts.get(agency) ?? { state: credit.initial, revision: 0n };
  const decision = credit.decide(account.state, { ...command, at: at(events.length) });
  if ('refused' in decision) throw new Error(decision.refused);
  let { state, revision } = account;
  for (const event of decision) {
    state = credit.evolve(state, event);
    store(`credit-${agency}`, revision, event);
    revision += 1n;
  }
  accounts.set(agency, { state, revision });
}

const submitted = (letterId: string, reference: string): void =>
  store(`letter-${letterId}`, 0n, { type: 'Submitted', data: { reference, at: at(events.length) } });

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let balance: CreditBalance;

beforeAll(async () => {
  say('latour', { type: 'enterKey', kind: 'activation', serial: 'a1', signatures: 2 });
  say('latour', { type: 'reserve', letterId: 'one' });
  submitted('one', 'LRE_9998_001_20260105233200');
  say('latour', { type: 'reserve', letterId: 'two' });
  say('latour', { type: 'consume', letterId: 'one' });
  say('latour', { type: 'release', letterId: 'two', reason: 'deposit-failed' });
  say('latour', { type: 'enterKey', kind: 'recharge', serial: 'b2', signatures: 10 });
  say('port', { type: 'enterKey', kind: 'activation', serial: 'c3', signatures: 500 });
  // 24 minutes that belong to nobody: the rest is of the day after, in Paris.
  for (let minute = events.length; minute < 32; minute += 1) submitted(`filler-${minute}`, 'LRE');
  say('latour', { type: 'reserve', letterId: 'three' });
  for (let letter = 0; letter < 320; letter += 1) say('port', { type: 'reserve', letterId: `p${letter}` });

  db = mongo.db(`credits-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(creditBalanceProjection, { db, eventStore });
  balance = new CreditBalance(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

describe('the balance', () => {
  it('is the same when each event is applied twice', () => {
    const once = new FoldedWrites();
    once.add(creditBalanceProjection, events);
    const twice = new FoldedWrites();
    twice.add(
      creditBalanceProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('is that of the account, agency by agency', async () => {
    expect(await balance.of('latour')).toEqual({ active: true, remaining: 10, reserved: 1, consumed: 1 });
    expect(await balance.of('port')).toEqual({ active: true, remaining: 180, reserved: 320, consumed: 0 });
  });

  it('of an agency that has entered no key is nothing', async () => {
    expect(await balance.of('nobody')).toEqual({ active: false, remaining: 0, reserved: 0, consumed: 0 });
    expect(await balance.movements('nobody', 10)).toEqual({ movements: [], next: null });
    expect(await balance.course('nobody')).toEqual([]);
  });
});

describe('the movements', () => {
  it('tell what happened, latest first, with letter, key and reason', async () => {
    const { movements, next } = await balance.movements('latour', 50);
    expect(next).toBeNull();
    expect(movements.map(({ number, type, quantity, balance: left }) => [number, type, quantity, left])).toEqual([
      [7, 'Reserved', -1, 10],
      [6, 'Recharged', 10, 11],
      [5, 'Released', 1, 1],
      [4, 'Consumed', 0, 0],
      [3, 'Reserved', -1, 0],
      [2, 'Reserved', -1, 1],
      [1, 'Activated', 2, 2],
    ]);
    expect(movements.map(({ letter }) => letter)).toEqual([
      { id: 'three', reference: null },
      null,
      { id: 'two', reference: null },
      { id: 'one', reference: 'LRE_9998_001_20260105233200' },
      { id: 'two', reference: null },
      { id: 'one', reference: 'LRE_9998_001_20260105233200' },
      null,
    ]);
    expect(movements.map(({ serial, reason }) => serial ?? reason)).toEqual([
      null,
      'b2',
      'deposit-failed',
      ...[null, null, null],
      'a1',
    ]);
  });

  it('come in pages without gap or overlap', async () => {
    const numbers: number[] = [];
    let before: number | undefined;
    do {
      const page = await balance.movements('latour', 3, before);
      expect(page.movements.length).toBeLessThanOrEqual(3);
      numbers.push(...page.movements.map(({ number }) => number));
      before = page.next ?? undefined;
    } while (before !== undefined);
    expect(numbers).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('of a key are found by its agency alone', async () => {
    expect(await balance.ofKey('latour', 'b2')).toMatchObject({ quantity: 10, balance: 11 });
    expect(await balance.ofKey('port', 'b2')).toBeUndefined();
  });
});

describe('the course of the balance', () => {
  it('goes movement by movement, oldest first', async () => {
    expect((await balance.course('latour')).map((point) => point.balance)).toEqual([2, 1, 0, 0, 1, 11, 10]);
  });

  it('goes by days of Paris where there are too many movements', async () => {
    expect((await balance.course('port')).map((point) => point.balance)).toEqual([500, 180]);
  });
});

describe('open reservations', () => {
  it('are those of letters that were neither deposited nor given up, from the given moment back', async () => {
    const latour = async (upTo: string): Promise<string[]> =>
      (await balance.openReservations(upTo, 1_000))
        .filter(({ agencyId }) => agencyId === 'latour')
        .map(({ letterId }) => letterId);
    expect(await latour(at(1_000))).toEqual(['three']);
    expect(await latour(at(5))).toEqual([]);
    expect(await balance.openReservations(at(1_000), 5)).toHaveLength(5);
  });
});
