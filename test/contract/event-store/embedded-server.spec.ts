import { EventStoreDBClient, UnavailableError } from '@eventstore/db-client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '#libs/embedded-event-store';
import { collect, emitted, event, events, failureOf, newStream } from './store-under-test.js';

// About the embedded server alone, whatever EVENTSTORE_URL says.
describe('the embedded server', () => {
  let dataFolder: string;
  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'event-store-embedded-'));
  });
  afterEach(() => rm(dataFolder, { recursive: true }));

  test('says that it does not implement what it does not offer', async () => {
    const server = await startEventStore({ dataFolder });
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const projection = await failureOf(client.createProjection('p', 'fromAll()'));
    const list = await failureOf(client.listProjections());
    await client.dispose();
    await server.close();
    expect(projection).toMatchObject({ code: 12 });
    expect(list).toMatchObject({ code: 12 });
  });

  test('that closes has kept what it acknowledged, and ends subscriptions with "unavailable"', async () => {
    const first = await startEventStore({ dataFolder });
    const client = EventStoreDBClient.connectionString(first.connectionString);
    const stream = newStream();
    await client.appendToStream(stream, events(5));
    const subscription = client.subscribeToStream(stream);
    const failure = new Promise((resolve) => subscription.on('error', resolve));
    await emitted(subscription, 'caughtUp');
    await first.close();
    expect(await failure).toBeInstanceOf(UnavailableError);
    await client.dispose();

    const second = await startEventStore({ dataFolder });
    const again = EventStoreDBClient.connectionString(second.connectionString);
    expect(await collect(again.readStream(stream))).toHaveLength(5);
    expect(await again.appendToStream(stream, event('Next'))).toMatchObject({ nextExpectedRevision: 5n });
    await again.dispose();
    await second.close();
  });
});
