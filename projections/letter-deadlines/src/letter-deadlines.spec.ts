import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import type { LetterEvent } from '#libs/letter';
import { FoldedWrites, rebuild } from '#projections/engine';
import type { DueLetter } from './index.js';
import { LetterDeadlines, letterDeadlinesProjection } from './index.js';

const at = '2018-03-20T13:36:07.000Z';
const END = '2018-04-04T22:00:00.000Z';
/** Five days before, at midnight in Paris. */
const ALERT = '2018-03-30T22:00:00.000Z';

type Part = { readonly type: LetterEvent['type']; readonly data: object };
const submitted = (alertDays = 5): Part => ({
  type: 'Submitted',
  data: { legalProfile: 'fr-cpce-2018', alertDays, at },
});
const notified = (windowEndsAt = END): Part => ({ type: 'Notified', data: { notice: 1, windowEndsAt, at } });
const simply = (type: LetterEvent['type']): Part => ({ type, data: { windowEndsAt: END, at } });

const letters: Readonly<Record<string, readonly Part[]>> = {
  submitted: [submitted()],
  running: [submitted(), notified()],
  accepted: [submitted(), notified(), simply('OtpVerified'), simply('Accepted')],
  alerted: [submitted(), notified(), simply('AlertRaised')],
  signed: [submitted(), notified(), simply('Accepted'), simply('Signed')],
  refused: [submitted(), notified(), simply('Refused')],
  expired: [submitted(), notified(), simply('Expired')],
  bounced: [submitted(), simply('Deposited'), simply('NotificationFailed')],
  later: [submitted(7), notified('2018-04-05T22:00:00.000Z')],
  summertime: [submitted(5), notified('2018-03-28T22:00:00.000Z')],
};
const events = Object.entries(letters).flatMap(([letter, parts], index) =>
  parts.map((event, revision) => {
    const commit = BigInt(index * 10 + revision);
    return { event, stream: `letter-${letter}`, position: { commit, prepare: commit } } as unknown as StoredEvent;
  }),
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let deadlines: LetterDeadlines;

beforeAll(async () => {
  db = mongo.db(`deadlines-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(letterDeadlinesProjection, { db, eventStore });
  deadlines = new LetterDeadlines(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const named = (due: readonly DueLetter[]): string[] =>
  due.map(({ letterId, due: what }) => `${letterId} ${what}`).sort();

describe('deadlines', () => {
  it('are the same when each event is applied twice', () => {
    const once = new FoldedWrites();
    once.add(letterDeadlinesProjection, events);
    const twice = new FoldedWrites();
    twice.add(
      letterDeadlinesProjection,
      events.flatMap((event) => [event, event]),
    );
    expect([...twice.documents()]).toEqual([...once.documents()]);
  });

  it('are not due before the first alert', async () => {
    // 28 March at 24:00 Paris less five days, across the change of the clocks on 25 March.
    expect(await deadlines.due('2018-03-23T22:59:59.999Z', 10)).toEqual([]);
    expect(named(await deadlines.due('2018-03-23T23:00:00.000Z', 10))).toEqual(['summertime alert']);
  });

  it('are due for an alert from the midnight on that lies the right number of days before the end', async () => {
    const before = named(await deadlines.due('2018-03-30T21:59:59.999Z', 10));
    expect(before).not.toContain('running alert');
    expect(named(await deadlines.due(ALERT, 10))).toEqual([
      'accepted alert',
      'later alert',
      'running alert',
      'summertime expiry',
    ]);
  });

  it('are due for expiry when the window ends, alerted or not, and for nothing else then', async () => {
    expect(named(await deadlines.due('2018-04-04T21:59:59.999Z', 10))).not.toContain('running expiry');
    expect(named(await deadlines.due(END, 10))).toEqual([
      'accepted expiry',
      'alerted expiry',
      'later alert',
      'running expiry',
      'summertime expiry',
    ]);
  });

  it('come as many as asked for, those that wait longest first', async () => {
    const [first, ...others] = await deadlines.due(END, 2);
    expect(first).toEqual({ letterId: 'summertime', due: 'expiry', windowEndsAt: '2018-03-28T22:00:00.000Z' });
    expect(others).toHaveLength(1);
  });
});
