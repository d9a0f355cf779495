import type features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { EventStoreDBClient, UnavailableError } from '@eventstore/db-client';
import { credentials } from '@grpc/grpc-js';
import { request } from 'node:http';
import { connect } from 'node:net';
import { collect, event, events, failureOf, newStream, useStore } from './store-under-test.js';

describe('the server', () => {
  const store = useStore();
  const address = () => new URL(store.url.replace(/^esdb(\+discover)?:/, 'http:'));

  test('announces that it takes batch appends, and its version', async () => {
    const { default: service } = await import('@eventstore/db-client/generated/serverfeatures_grpc_pb.js');
    const { default: shared } = await import('@eventstore/db-client/generated/shared_pb.js');
    const client = new service.ServerFeaturesClient(address().host, credentials.createInsecure());
    const answer = await new Promise<features.SupportedMethods | undefined>((resolve, reject) =>
      client.getSupportedMethods(new shared.Empty(), (error, methods) => (error ? reject(error) : resolve(methods))),
    );
    client.close();
    expect(answer?.getEventStoreServerVersion()).toMatch(/^\d+\.\d+\.\d+$/);
    const featuresOf = (name: string) =>
      answer
        ?.getMethodsList()
        .find((method) => method.getMethodName() === name && method.getServiceName().endsWith('streams.streams'))
        ?.getFeaturesList();
    expect(featuresOf('batchappend')).toBeDefined();
    expect(featuresOf('read')).toContain('position');
  });

  test('says on the same port over HTTP that it is alive', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const { hostname, port } = address();
      const call = request({ hostname, port, path: '/health/live' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on('error', reject);
      call.end();
    });
    expect(status).toBe(204);
  });

  test('can be reached by a cluster-style connection string', async () => {
    const { hostname, port } = address();
    const client = EventStoreDBClient.connectionString(`esdb+discover://${hostname}:${port}?tls=false`);
    const stream = newStream();
    await client.appendToStream(stream, event('A'));
    expect(await collect(client.readStream(stream))).toHaveLength(1);
    await client.dispose();
  });

  test('is not shaken by bytes that are no protocol', async () => {
    const { hostname, port } = address();
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end('PRI but no more\r\n\r\n'));
      socket.resume();
      socket.on('error', () => resolve()).on('close', () => resolve());
    });
    await store.client.appendToStream(newStream(), event('A'));
  });
});

// What follows is about the embedded server alone.
const embedded = process.env['EVENTSTORE_URL'] === undefined ? describe : describe.skip;

embedded('the embedded server', () => {
  const store = useStore();

  test('says that it does not implement what it does not offer', async () => {
    expect(await failureOf(store.client.createProjection('p', 'fromAll()'))).toMatchObject({ code: 12 });
    expect(await failureOf(store.client.listProjections())).toMatchObject({ code: 12 });
  });
});

embedded('an embedded server that closes', () => {
  test('has kept what it acknowledged, and ends subscriptions with "unavailable"', async () => {
    const { startEventStore } = await import('#libs/embedded-event-store');
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const { join } = await import('node:path');
    const dataFolder = await mkdtemp(join(tmpdir(), 'event-store-close-'));
    const first = await startEventStore({ dataFolder });
    const client = EventStoreDBClient.connectionString(first.connectionString);
    const stream = newStream();
    await client.appendToStream(stream, events(5));
    const subscription = client.subscribeToStream(stream);
    const failure = new Promise((resolve) => subscription.on('error', resolve));
    await new Promise((resolve) => subscription.on('caughtUp', () => resolve(undefined)));
    await first.close();
    expect(await failure).toBeInstanceOf(UnavailableError);
    await client.dispose();

    const second = await startEventStore({ dataFolder });
    const again = EventStoreDBClient.connectionString(second.connectionString);
    expect(await collect(again.readStream(stream))).toHaveLength(5);
    expect(await again.appendToStream(stream, event('Next'))).toMatchObject({ nextExpectedRevision: 5n });
    await again.dispose();
    await second.close();
    await rm(dataFolder, { recursive: true });
  });
});
