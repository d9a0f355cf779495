import { v7 as uuidv7 } from 'uuid';
import { CreditBalance, creditBalanceProjection } from '#projections/credit-balance';
import { rebuild } from '#projections/engine';
import { Reservations } from './reservations.js';
import { eventually } from './spec/eventually.js';
import { World } from './spec/world.js';

const recipient = { name: 'CHARPENTIER Jean Luc', email: 'jl.charpentier@exemple.example' };
const GRACE = 15 * 60_000;

let world: World;

beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const storyIs = (letterId: string, ...types: string[]) =>
  eventually(`the credit story ${types.join(', ')} of ${letterId}`, async () => {
    const story = await world.creditStory(letterId);
    return story.join() === types.join() ? story : undefined;
  });

/** Settles reservations with no reaction beside it, on a read model that shows all that is stored now. */
async function settle(shift: number): Promise<number> {
  const { db, eventStore } = world.stores;
  await rebuild(creditBalanceProjection, { db, eventStore });
  world.clock.shift = shift;
  const times = { interval: 0, grace: GRACE };
  const { commands, queries, clock } = world;
  return new Reservations(new CreditBalance(db), commands, queries, clock, times).settle();
}

test('a signature is consumed when its letter is deposited, once, whatever is delivered again', async () => {
  const letterId = await world.submit({ recipient });
  expect(await world.creditStory(letterId)).toEqual(['Reserved']);
  await world.startWorker();
  await storyIs(letterId, 'Reserved', 'Consumed');
  await world.event(letterId, 'Notified');
  expect(await world.creditStory(letterId)).toEqual(['Reserved', 'Consumed']);
});

test('a signature is given back when the deposit fails', async () => {
  const letterId = await world.submit({ recipient });
  await world.stores.db.collection('documents.files').deleteMany({});
  await world.startWorker();
  await world.event(letterId, 'DepositFailed');
  await storyIs(letterId, 'Reserved', 'Released');
});

test('a reservation whose letter never came is given back after a while, and not before', async () => {
  const letterId = uuidv7();
  await world.credit({ type: 'reserve', letterId, at: new Date().toISOString() });
  expect(await settle(GRACE - 60_000)).toBe(0);
  expect(await settle(GRACE + 60_000)).toBe(1);
  expect(await settle(GRACE + 60_000)).toBe(0);
  expect(await world.creditStory(letterId)).toEqual(['Reserved', 'Released']);
});

test('a reservation whose letter waits for its deposit is left alone; one whose reaction was lost is settled', async () => {
  const [waiting, deposited, failed] = await Promise.all([1, 2, 3].map(() => world.submit({ recipient })));
  const at = new Date().toISOString();
  const acknowledgement = { sha256: 'b'.repeat(64), size: 1_000, pages: 1 };
  await world.command(deposited ?? '', { type: 'confirmDeposit', at, acknowledgement });
  await world.command(failed ?? '', { type: 'failDeposit', at, reason: 'DOCUMENT_MISSING' });
  expect(await settle(GRACE + 60_000)).toBe(2);
  expect(await world.creditStory(waiting ?? '')).toEqual(['Reserved']);
  expect(await world.creditStory(deposited ?? '')).toEqual(['Reserved', 'Consumed']);
  expect(await world.creditStory(failed ?? '')).toEqual(['Reserved', 'Released']);
});

test('the worker looks through the reservations by itself', async () => {
  const letterId = uuidv7();
  await world.credit({ type: 'reserve', letterId, at: new Date().toISOString() });
  await world.startWorker({ reservationTimes: { interval: 50, grace: 0 } });
  await storyIs(letterId, 'Reserved', 'Released');
});

test('a letter that came after all gets a signature again before it is deposited', async () => {
  const letterId = await world.submit({ recipient });
  await world.credit({ type: 'release', letterId, reason: 'not-submitted', at: new Date().toISOString() });
  await world.startWorker();
  await storyIs(letterId, 'Reserved', 'Released', 'Reserved', 'Consumed');
});

test('a letter that came after all is not deposited when no signature is left', async () => {
  const letterId = await world.submit({ recipient });
  const at = new Date().toISOString();
  await world.credit({ type: 'release', letterId, reason: 'not-submitted', at });
  for (;;) {
    const left = await world.credit({ type: 'reserve', letterId: uuidv7(), at }).then(
      () => true,
      () => false,
    );
    if (!left) break;
  }
  await world.startWorker();
  const { event } = await world.event(letterId, 'DepositFailed');
  expect(event.data.reason).toBe('NO_SIGNATURE_LEFT');
  expect(await world.creditStory(letterId)).toEqual(['Reserved', 'Released']);
});
