import { EventStoreDBClient, MaxAppendSizeExceededError, UnavailableError } from '@eventstore/db-client';
import service from '@eventstore/db-client/generated/streams_grpc_pb.js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
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

  test('that closes tells an append that still arrives that it is unavailable', async () => {
    const server = await startEventStore({ dataFolder });
    const client = new service.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const answer = new Promise<ServiceError | null>((resolve) => {
      const call = client.append((error: ServiceError | null) => resolve(error));
      const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(newStream()));
      const options = new messages.AppendReq.Options().setStreamIdentifier(identifier).setAny(new shared.Empty());
      call.write(new messages.AppendReq().setOptions(options));
    });
    // Once something else is answered, the beginning of the append has arrived, too.
    const other = EventStoreDBClient.connectionString(server.connectionString);
    await other.appendToStream(newStream(), event('A'));
    await other.dispose();
    await server.close();
    expect(await answer).toMatchObject({ code: 14 });
    client.close();
  });

  test('takes larger appends when it is told to', async () => {
    const server = await startEventStore({ dataFolder, maximumAppendSize: 3_000_000 });
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const large = (bytes: number) => ({ ...event('Large'), data: 'x'.repeat(bytes - 2) });
    await client.appendToStream(newStream(), large(3_000_000));
    const error = await failureOf(client.appendToStream(newStream(), large(3_000_001)));
    await client.dispose();
    await server.close();
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: 3_000_000 });
  });

  test('stores an event that comes over HTTP as it comes, also when it is no JSON', async () => {
    const server = await startEventStore({ dataFolder });
    const stream = newStream('été/x');
    const post = (headers: Record<string, string>, body: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const path = `/streams/${encodeURIComponent(stream)}`;
        const options = { hostname: '127.0.0.1', port: server.port, path, method: 'POST', headers };
        const call = request(options, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        call.on('error', reject).end(body);
      });
    const json = { 'content-type': 'application/json' };
    expect(await post({ ...json, 'ES-EventType': 'Malformed' }, '****')).toBe(201);
    expect(await post(json, '{}')).toBe(400);
    expect(await post({ ...json, 'ES-EventType': 'A', 'ES-EventId': 'none' }, '{}')).toBe(400);
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const stored = await collect(client.readStream(stream));
    await client.dispose();
    await server.close();
    expect(stored.map(({ event: e }) => [e?.type, e?.data])).toEqual([['Malformed', '****']]);
  });
});
