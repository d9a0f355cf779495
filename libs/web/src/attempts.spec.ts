import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { Attempts, networkOf, TooManyAttempts, type Limit } from './attempts.js';

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
/** Two processes. */
let here: Attempts;
let there: Attempts;

beforeAll(async () => {
  db = mongo.db(`attempts-${randomUUID().slice(0, 8)}`);
  [here, there] = [new Attempts(db), new Attempts(db)];
  await here.onModuleInit();
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const three: Limit = { name: 'three', attempts: 3, within: 600, pause: 900 };
const slow: Limit = { name: 'slow', attempts: 10, within: 600, pause: 900, slowFrom: 2 };

const waitOf = async (limit: Limit, of: string): Promise<number> =>
  here.mustBeLeft(limit, of).then(
    () => 0,
    (error: unknown) => (error instanceof TooManyAttempts ? error.seconds : -1),
  );

describe('attempts', () => {
  it('are counted by all processes together, each name for itself', async () => {
    await here.count(three, 'anne@example.fr');
    await there.count(three, 'anne@example.fr');
    expect(await waitOf(three, 'anne@example.fr')).toBe(0);
    await here.count(three, 'anne@example.fr');
    expect(await waitOf(three, 'anne@example.fr')).toBeGreaterThan(600);
    expect(await waitOf(three, 'paul@example.fr')).toBe(0);
    expect(await waitOf({ ...three, name: 'other' }, 'anne@example.fr')).toBe(0);
  });

  it('have one last one, whoever tries at the same moment', async () => {
    const counted = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 ? here : there).count(three, 'all at once')),
    );
    expect(counted.filter(({ isLast }) => isLast)).toHaveLength(1);
    expect(await waitOf(three, 'all at once')).toBeGreaterThan(600);
  });

  it('are followed by pauses that grow', async () => {
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await here.count(slow, 'impatient');
      waits.push(await waitOf(slow, 'impatient'));
    }
    expect(waits).toEqual([0, 1, 2, 4, 8]);
  });

  it('are forgotten, delays included', async () => {
    for (let attempt = 1; attempt <= 10; attempt += 1) await here.count(slow, 'forgiven');
    expect(await waitOf(slow, 'forgiven')).toBeGreaterThan(600);
    await there.forget(slow, 'forgiven');
    expect(await waitOf(slow, 'forgiven')).toBe(0);
  });

  it('leave no name in the database', async () => {
    await here.count(three, 'marie@example.fr');
    expect(JSON.stringify(await db.collection('attempts').find().toArray())).not.toContain('marie');
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is counted as %s', (ip, network) => {
  expect(networkOf({ ip })).toBe(network);
});
