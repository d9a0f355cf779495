import type features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { EventStoreDBClient } from '@eventstore/db-client';
import { credentials } from '@grpc/grpc-js';
import { request } from 'node:http';
import { connect } from 'node:net';
import { collect, event, newStream, useStore } from './store-under-test.js';

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
