import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { jsonEvent, START, type EventStoreDBClient, type StreamSubscription } from '@eventstore/db-client';
import { rate } from './figures.js';

export const STREAM_EVENTS = 20_000;
export const ALL_EVENTS = 50_000;
const SEEDED_AT_ONCE = 100;
const SEEDED_TOGETHER = 8;
const CREDENTIALS = { username: 'admin', password: 'changeit' };

/** An event whose data are 500 bytes of JSON. */
const FILLING = 'x'.repeat(500 - JSON.stringify({ n: 1_000_000, text: '' }).length);
const event500 = (n: number) => jsonEvent({ type: 'Measured', data: { n: 1_000_000 + n, text: FILLING } });

/**
 * Appends of one event each over BatchAppend, or over the unary call, which is what the client uses when it is given credentials.
 * @returns appends per second
 */
export function appendRate(
  client: EventStoreDBClient,
  appends: number,
  { inFlight, unary }: { inFlight: number; unary: boolean },
): Promise<number> {
  const stream = `bench-append-${randomUUID()}`;
  const options = unary ? { credentials: CREDENTIALS } : {};
  const work = Array.from({ length: appends }, (_, n) => () => client.appendToStream(stream, event500(n), options));
  return rate(inFlight, work);
}

/** Writes `count` events to a stream, a hundred per append. @returns events per second */
export async function seed(client: EventStoreDBClient, stream: string, count: number): Promise<number> {
  const appends = Math.ceil(count / SEEDED_AT_ONCE);
  const work = Array.from({ length: appends }, (_, index) => () => {
    const size = Math.min(SEEDED_AT_ONCE, count - index * SEEDED_AT_ONCE);
    return client.appendToStream(
      stream,
      Array.from({ length: size }, (__, n) => event500(index * SEEDED_AT_ONCE + n)),
    );
  });
  return (await rate(SEEDED_TOGETHER, work)) * (count / appends);
}

/** Reads to the end; a log that holds less than `count` events fails. @returns events per second */
async function readRate(events: AsyncIterable<unknown>, count: number): Promise<number> {
  const started = performance.now();
  let seen = 0;
  for await (const _ of events) seen += 1;
  if (seen < count) throw new Error(`Only ${seen} of ${count} events came.`);
  return (seen / (performance.now() - started)) * 1_000;
}

export const readAllRate = (client: EventStoreDBClient, count = ALL_EVENTS): Promise<number> =>
  readRate(client.readAll({ maxCount: count }), count);

export const readStreamRate = (client: EventStoreDBClient, stream: string): Promise<number> =>
  readRate(client.readStream(stream, { maxCount: STREAM_EVENTS }), STREAM_EVENTS);

type Subscription = Pick<StreamSubscription, 'unsubscribe'> & Pick<Readable, 'on'>;

/** Waits for the first `count` events of a subscription and leaves it. @returns events per second */
async function subscriptionRate(subscription: Subscription, count: number): Promise<number> {
  const started = performance.now();
  let seen = 0;
  const perSecond = await new Promise<number>((resolve, reject) => {
    subscription.on('error', reject).on('data', () => {
      seen += 1;
      if (seen === count) resolve((count / (performance.now() - started)) * 1_000);
    });
  });
  await subscription.unsubscribe();
  return perSecond;
}

// The client's types give its subscriptions listeners of their own; all of them are Node.js streams.
export const subscribeToStreamRate = (client: EventStoreDBClient, stream: string): Promise<number> =>
  subscriptionRate(client.subscribeToStream(stream, { fromRevision: START }) as unknown as Subscription, STREAM_EVENTS);

export const subscribeToAllRate = (client: EventStoreDBClient, count = ALL_EVENTS): Promise<number> =>
  subscriptionRate(client.subscribeToAll({ fromPosition: START }) as unknown as Subscription, count);
