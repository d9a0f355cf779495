import {
  END,
  EventStoreDBClient,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { request } from 'node:http';
import type { Readable } from 'node:stream';
import {
  collect,
  emitted,
  event,
  events,
  eventually,
  failureOf,
  newStream,
  Received,
  useStore,
} from './store-under-test.js';

describe('a connection', () => {
  const store = useStore();
  const address = () => new URL(store.url.replace(/^esdb(\+discover)?:/, 'http:'));
  const connect = (parameters: string, credentials = '', scheme = 'esdb') => {
    const separator = store.url.includes('?') ? '&' : '?';
    return EventStoreDBClient.connectionString(
      `${store.url.replace(/^esdb(\+discover)?:\/\/([^@/?]*@)?/, `${scheme}://${credentials}`)}${separator}${parameters}`,
    );
  };

  test('takes everything that a connection string can say', async () => {
    const name = 'a great connection';
    const parameters = `connectionName=${encodeURIComponent(name)}&defaultDeadline=60000&nodePreference=leader`;
    const client = connect(`${parameters}&keepAliveInterval=10000`, 'admin:changeit@', 'esdb+discover');
    const stream = newStream();
    await client.appendToStream(stream, event('A'));
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
    await client.createPersistentSubscriptionToStream(stream, 'group', settings);
    const subscription = client.subscribeToPersistentSubscriptionToStream(stream, 'group');
    await new Received(subscription).count(1);
    const { connections } = await client.getPersistentSubscriptionToStreamInfo(stream, 'group');
    expect(connections.map(({ connectionName }) => connectionName)).toEqual([name]);
    await subscription.unsubscribe();
    await client.dispose();
  });

  test('may ask for the leader in every call', async () => {
    const stream = newStream();
    const leader = { requiresLeader: true };
    await store.client.appendToStream(stream, event('Batch'), leader);
    await store.client.appendToStream(stream, event('Unary'), {
      ...leader,
      credentials: { username: 'admin', password: 'changeit' },
    });
    expect(await collect(store.client.readStream(stream, leader))).toHaveLength(2);
    expect(await collect(store.client.readAll({ maxCount: 1, ...leader }))).toHaveLength(1);
    expect((await store.client.getStreamMetadata(stream, leader)).streamName).toBe(stream);
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
    await store.client.createPersistentSubscriptionToStream(stream, 'group', settings, leader);
    await store.client.deleteStream(stream, leader);
  });

  test('ends a call whose deadline is over, and goes on', async () => {
    const settings = persistentSubscriptionToStreamSettingsFromDefaults();
    const stream = newStream();
    const late = [
      () => store.client.appendToStream(stream, events(3_000), { deadline: 1 }),
      () =>
        store.client.appendToStream(stream, events(3_000), {
          deadline: 1,
          credentials: { username: 'admin', password: 'changeit' },
        }),
    ];
    for (const call of late) expect(await failureOf(call())).toMatchObject({ type: 'deadline-exceeded' });
    await store.client.createPersistentSubscriptionToStream(stream, 'group', settings);
    expect(await store.client.appendToStream(stream, event('A'))).toMatchObject({ success: true });
  });

  test('that drops a read in the middle leaves the server as it was', async () => {
    const stream = newStream();
    for (let batch = 0; batch < 5; batch++) await store.client.appendToStream(stream, events(1_000));
    for (let round = 0; round < 10; round++) {
      for await (const { event: e } of store.client.readStream(stream)) if (e?.revision === 12n) break;
    }
    expect(await collect(store.client.readStream(stream))).toHaveLength(5_000);
  });

  test('that is disposed of ends its subscriptions without an error, and can be used again', async () => {
    const client = connect('connectionName=disposed');
    const stream = newStream();
    await client.appendToStream(stream, events(4));
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
    await client.createPersistentSubscriptionToStream(stream, 'group', settings);
    const subscriptions = [
      client.subscribeToStream(stream),
      client.subscribeToStream(newStream()),
      client.subscribeToAll({ fromPosition: END }),
      client.subscribeToPersistentSubscriptionToStream(stream, 'group'),
    ];
    const received = subscriptions.map((subscription) => new Received(subscription));
    const ended = subscriptions.map(
      (subscription) => new Promise((resolve) => (subscription as unknown as Readable).on('end', resolve)),
    );
    await Promise.all(subscriptions.map((subscription) => emitted(subscription, 'confirmation')));
    await client.dispose();
    await Promise.all(ended);
    expect(received.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
    expect(await client.appendToStream(stream, event('Again'))).toMatchObject({ nextExpectedRevision: 4n });
    await client.dispose();
    await eventually(
      () => store.client.getPersistentSubscriptionToStreamInfo(stream, 'group'),
      ({ connections }) => connections.length === 0,
    );
  });

  test('takes thousands of appends in one turn of the loop', async () => {
    const stream = newStream();
    const value = 'A'.repeat(904);
    const many = Array.from({ length: 5_000 }, () => ({ ...event('Any'), data: { value } }));
    await Promise.all(many.map((one) => store.client.appendToStream(stream, one)));
    expect(await collect(store.client.readStream(stream))).toHaveLength(5_000);
  });

  test('carries text of every kind in names, types, data and metadata', async () => {
    const stream = newStream('어학연구소/0️⃣/ด้้้็็/CC ‐ 1830');
    const text = 'CC ‐ 1830 😾 ﷽ \u0000 \u2028';
    const written = { ...event('Тип ヽ༼ຈل͜ຈ༽ﾉ'), data: text, metadata: { text } };
    await store.client.appendToStream(stream, written);
    const [stored] = await collect(store.client.readStream(stream));
    expect(stored?.event).toMatchObject({ streamId: stream, type: written.type, data: text, metadata: { text } });
    const [last] = await collect(
      store.client.readAll({ direction: 'backwards', fromPosition: END, maxCount: 20 }),
    ).then((all) => all.filter(({ event: e }) => e?.streamId === stream));
    expect(last?.event?.data).toBe(text);
  });

  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<{ status: number | undefined; message: string | undefined; body: string }>((resolve, reject) => {
      const { hostname, port } = address();
      const call = request({ hostname, port, path, method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => resolve({ status: response.statusCode, message: response.statusMessage, body: text }));
      });
      call.on('error', reject).end(body);
    });

  test('answers a ping, its gossip and its version over HTTP, and says 404 to nonsense', async () => {
    expect(JSON.parse((await ask('GET', '/ping')).body)).toMatchObject({ text: 'Ping request successfully handled' });
    const gossip = JSON.parse((await ask('GET', '/gossip')).body) as { members: { state: string }[] };
    expect(gossip.members.map(({ state }) => state)).toContain('Leader');
    expect(JSON.parse((await ask('GET', '/info')).body)).toHaveProperty('esVersion');
    expect(await ask('POST', '/asdpoijsad')).toMatchObject({ status: 404, message: 'Not Found' });
  });

  test('is never without a system event in $all, also when nobody has written yet', async () => {
    const [first] = await collect(store.client.readAll({ maxCount: 1 }));
    expect(first?.event?.streamId.startsWith('$')).toBe(true);
  });
});
