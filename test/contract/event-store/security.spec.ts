import {
  AccessDeniedError,
  EventStoreDBClient,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  hashPassword,
  parseUsers,
  startEventStore,
  type EventStoreOptions,
  type EventStoreServer,
} from '#libs/embedded-event-store';
import { collect, emitted, event, events, failureOf, newStream, Received } from './store-under-test.js';

/** For specs only: the key is public. Valid for localhost and 127.0.0.1. */
const CERTIFICATE = join(import.meta.dirname, 'certificate', 'localhost.crt');
const KEY = join(import.meta.dirname, 'certificate', 'localhost.key');
const GROUP = 'group';
const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });

// About the embedded server alone, whatever EVENTSTORE_URL says: a server with users of its own.
describe('a server with TLS and users', () => {
  let folder: string;
  let server: EventStoreServer;
  let tls: { certificate: string; key: string };
  const clients: EventStoreDBClient[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-store-security-'));
    tls = { certificate: await readFile(CERTIFICATE, 'utf8'), key: await readFile(KEY, 'utf8') };
    const lines = [
      `admin:$admins:${await hashPassword('changeit')}`,
      `olga:$ops:${await hashPassword('opérations:1')}`,
      `rita:readers:${await hashPassword('secret-of-rita')}`,
    ];
    server = await startEventStore({ dataFolder: folder, tls, users: parseUsers(`# users\n\n${lines.join('\n')}\n`) });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await server.close();
    await rm(folder, { recursive: true });
  });

  const connect = (user = '', scheme = 'esdb', host = '127.0.0.1') => {
    const ca = encodeURIComponent(CERTIFICATE);
    const client = EventStoreDBClient.connectionString(
      `${scheme}://${user}${host}:${server.port}?tls=true&tlsCAFile=${ca}`,
    );
    clients.push(client);
    return client;
  };
  const admin = () => connect('admin:changeit@');
  const rita = () => connect('rita:secret-of-rita@');
  const olga = () => connect(`olga:${encodeURIComponent('opérations:1')}@`);

  test.each([
    ['by its address', 'esdb', '127.0.0.1'],
    ['by its name', 'esdb', 'localhost'],
    ['as a cluster', 'esdb+discover', 'localhost'],
  ])('serves an administrator, reached %s', async (_case, scheme, host) => {
    const client = connect('admin:changeit@', scheme, host);
    const stream = newStream();
    await client.appendToStream(stream, events(3));
    await client.appendToStream(stream, event('Unary'), { credentials: { username: 'admin', password: 'changeit' } });
    expect(await collect(client.readStream(stream))).toHaveLength(4);
    const subscription = client.subscribeToStream(stream);
    expect(await new Received(subscription).count(4)).toHaveLength(4);
    await subscription.unsubscribe();
  });

  test('says over HTTPS on the same port that it is alive, and tells 401 to who wants to write without a name', async () => {
    const ca = await readFile(CERTIFICATE);
    const ask = (method: string, path: string, auth?: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'ES-EventType': 'Malformed', 'content-type': 'application/json' };
        const options = { hostname: '127.0.0.1', port: server.port, ca, method, path, headers };
        const call = request({ ...options, ...(auth === undefined ? {} : { auth }) }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        call.on('error', reject).end(method === 'POST' ? '****' : undefined);
      });
    const stream = newStream();
    expect(await ask('GET', '/health/live')).toBe(204);
    expect(await ask('POST', `/streams/${stream}`)).toBe(401);
    expect(await ask('POST', `/streams/${stream}`, 'admin:wrong')).toBe(401);
    expect(await ask('POST', `/streams/${stream}`, 'admin:changeit')).toBe(201);
    const [stored] = await collect(admin().readStream(stream));
    expect(stored?.event).toMatchObject({ type: 'Malformed', isJson: true, data: '****' });
  });

  test('does not talk to who comes without TLS', async () => {
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${server.port}?tls=false`);
    expect(await failureOf(client.appendToStream(newStream(), event('A')))).toMatchObject({ code: 14 });
    await client.dispose();
    await admin().appendToStream(newStream(), event('A'));
  });

  const OPERATIONS: [string, (client: EventStoreDBClient, stream: string) => Promise<unknown>][] = [
    ['appends', (client, stream) => client.appendToStream(stream, event('A'))],
    ['reads', (client, stream) => collect(client.readStream(stream))],
    ['reads $all', (client) => collect(client.readAll({ maxCount: 1 }))],
    ['reads metadata', (client, stream) => client.getStreamMetadata(stream)],
    ['writes metadata', (client, stream) => client.setStreamMetadata(stream, { maxCount: 1 })],
    ['deletes', (client, stream) => client.deleteStream(stream)],
    ['tombstones', (client, stream) => client.tombstoneStream(stream)],
    ['subscribes', (client, stream) => rejection(client.subscribeToStream(stream))],
    ['subscribes to $all', (client) => rejection(client.subscribeToAll())],
    ['creates a group', (client, stream) => client.createPersistentSubscriptionToStream(stream, GROUP, settings)],
    ['updates a group', (client, stream) => client.updatePersistentSubscriptionToStream(stream, GROUP, settings)],
    ['deletes a group', (client, stream) => client.deletePersistentSubscriptionToStream(stream, GROUP)],
    ['asks for a group', (client, stream) => client.getPersistentSubscriptionToStreamInfo(stream, GROUP)],
    ['lists groups', (client) => client.listAllPersistentSubscriptions()],
    ['replays', (client, stream) => client.replayParkedMessagesToStream(stream, GROUP)],
    ['restarts the groups', (client) => client.restartPersistentSubscriptionSubsystem()],
    ['consumes', (client, stream) => rejection(client.subscribeToPersistentSubscriptionToStream(stream, GROUP))],
  ];
  const rejection = async (subscription: ConstructorParameters<typeof Received>[0]) => {
    throw await new Received(subscription).failure();
  };

  test.each(OPERATIONS)('denies access to one without credentials who %s', async (_case, operate) => {
    const stream = newStream();
    await admin().appendToStream(stream, event('Kept'));
    const error = await failureOf(operate(connect(), stream));
    expect(error).toBeInstanceOf(AccessDeniedError);
    expect(await collect(admin().readStream(stream))).toHaveLength(1);
  });

  test.each(OPERATIONS)('denies access to one with a wrong password who %s', async (_case, operate) => {
    const stream = newStream();
    await admin().appendToStream(stream, event('Kept'));
    const error = await failureOf(operate(connect('admin:hunter2@'), stream));
    expect(error).toBeInstanceOf(AccessDeniedError);
    expect(error).toMatchObject({ code: 16 });
    expect(await collect(admin().readStream(stream))).toHaveLength(1);
  });

  test('looks at the credentials of a single call, which win over those of the connection', async () => {
    const stream = newStream();
    const wrong = { username: 'AzureDiamond', password: 'hunter2' };
    const right = { username: 'admin', password: 'changeit' };
    await admin().appendToStream(stream, event('A'));
    expect(await failureOf(collect(admin().readAll({ maxCount: 1, credentials: wrong })))).toBeInstanceOf(
      AccessDeniedError,
    );
    expect(await failureOf(admin().appendToStream(stream, event('A'), { credentials: wrong }))).toBeInstanceOf(
      AccessDeniedError,
    );
    const stranger = connect('AzureDiamond:hunter2@');
    expect(await collect(stranger.readAll({ maxCount: 1, credentials: right }))).toHaveLength(1);
    await stranger.appendToStream(stream, event('B'), { credentials: right });
    expect(await collect(admin().readStream(stream))).toHaveLength(2);
  });

  test('gives a user the streams that are for everyone, and no system streams, not $all', async () => {
    const stream = newStream();
    await rita().appendToStream(stream, event('A'));
    await rita().setStreamMetadata(stream, { maxCount: 5 });
    expect(await collect(rita().readStream(stream))).toHaveLength(1);
    expect(await failureOf(collect(rita().readAll({ maxCount: 1 })))).toBeInstanceOf(AccessDeniedError);
    expect(await failureOf(rita().appendToStream('$system', event('A')))).toBeInstanceOf(AccessDeniedError);
    expect(await failureOf(collect(rita().readStream('$$$scavenges')))).toBeInstanceOf(AccessDeniedError);
    await rita().deleteStream(stream);
  });

  test('holds to the $acl of a stream, by name and by group', async () => {
    const stream = newStream();
    const acl = { readRoles: ['readers'], writeRoles: ['olga'], deleteRoles: ['$admins'], metaWriteRoles: ['$admins'] };
    await admin().appendToStream(stream, event('A'));
    await admin().setStreamMetadata(stream, { acl });
    expect((await admin().getStreamMetadata(stream)).metadata?.acl).toEqual(acl);
    expect(await collect(rita().readStream(stream))).toHaveLength(1);
    expect(await failureOf(rita().appendToStream(stream, event('B')))).toBeInstanceOf(AccessDeniedError);
    await olga().appendToStream(stream, event('B'));
    expect(await failureOf(collect(olga().readStream(stream)))).toBeInstanceOf(AccessDeniedError);
    expect(await failureOf(olga().setStreamMetadata(stream, {}))).toBeInstanceOf(AccessDeniedError);
    expect(await failureOf(olga().deleteStream(stream))).toBeInstanceOf(AccessDeniedError);
    expect(await failureOf(olga().tombstoneStream(stream))).toBeInstanceOf(AccessDeniedError);
    await admin().deleteStream(stream);
  });

  test('lets operators manage groups, and users consume from streams that they may read', async () => {
    const stream = newStream();
    await admin().appendToStream(stream, event('A'));
    expect(await failureOf(rita().createPersistentSubscriptionToStream(stream, GROUP, settings))).toBeInstanceOf(
      AccessDeniedError,
    );
    await olga().createPersistentSubscriptionToStream(stream, GROUP, settings);
    const consumer = rita().subscribeToPersistentSubscriptionToStream(stream, GROUP);
    expect(await new Received(consumer).count(1)).toHaveLength(1);
    const { connections } = await rita().getPersistentSubscriptionToStreamInfo(stream, GROUP);
    expect(connections.map(({ username }) => username)).toEqual(['rita']);
    await consumer.unsubscribe();
    await admin().setStreamMetadata(stream, { acl: { readRoles: ['$admins'] } });
    const late = rita().subscribeToPersistentSubscriptionToStream(stream, GROUP);
    expect(await new Received(late).failure()).toBeInstanceOf(AccessDeniedError);
  });

  test('keeps groups on $all for who may read it', async () => {
    await admin().createPersistentSubscriptionToAll(GROUP, persistentSubscriptionToAllSettingsFromDefaults());
    const denied = rita().subscribeToPersistentSubscriptionToAll(GROUP);
    expect(await new Received(denied).failure()).toBeInstanceOf(AccessDeniedError);
    const allowed = admin().subscribeToPersistentSubscriptionToAll(GROUP);
    await emitted(allowed, 'confirmation');
    await allowed.unsubscribe();
  });

  test('keeps no password, neither in its file nor in what it says', async () => {
    const hash = await hashPassword('changeit');
    expect(hash).not.toContain('changeit');
    expect(await hashPassword('changeit')).not.toBe(hash);
    const error = await failureOf(connect('admin:never-told@').listAllPersistentSubscriptions());
    expect(error.message).not.toContain('never-told');
    expect(() => parseUsers('admin:$admins:changeit')).toThrow(
      expect.objectContaining({ code: 'USERS_UNUSABLE', message: expect.not.stringContaining('changeit') }),
    );
  });

  test.each<[string, () => Partial<EventStoreOptions> & { code: string }]>([
    ['users without TLS', () => ({ users: [], code: 'USERS_UNUSABLE' })],
    [
      'a key that is none',
      () => ({ tls: { certificate: tls.certificate, key: 'no key' }, code: 'CERTIFICATE_UNUSABLE' }),
    ],
  ])('does not start with %s', async (_case, wrong) => {
    const { code, ...options } = wrong();
    const dataFolder = await mkdtemp(join(tmpdir(), 'event-store-security-'));
    expect(await failureOf(startEventStore({ dataFolder, ...options }))).toMatchObject({ code });
    // Nothing was left open: the folder can be used at once.
    await (await startEventStore({ dataFolder })).close();
    await rm(dataFolder, { recursive: true });
  });
});
