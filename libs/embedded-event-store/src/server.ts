import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Server as HttpServer } from 'node:http';
import { Authenticator } from './access/authenticator.js';
import type { User } from './access/users.js';
import { withCaller } from './access/with-caller.js';
import { handleAppend } from './append-call.js';
import { handleBatchAppend, type BatchAppendCall } from './batch-append-call.js';
import { handleDelete, handleTombstone } from './delete-calls.js';
import { Gossip } from './gossip.js';
import { EmbeddedEventStoreError } from './errors.js';
import { GrpcServer } from './grpc/grpc-server.js';
import { createHttpAnswers } from './http-answers.js';
import { writeInitialEvents } from './initial-events.js';
import type { Outgoing } from './outgoing.js';
import {
  GossipService,
  PersistentSubscriptionsService,
  ProjectionsService,
  ServerFeaturesService,
  StreamsService,
  type features,
  type gossip,
  type shared,
  type streams,
} from './protocol.js';
import { handlePersistentRead, persistentSubscriptionCalls, type ReadCall } from './persistent/calls.js';
import { PersistentSubscriptions } from './persistent/subsystem.js';
import { projectionCalls } from './projections/calls.js';
import { ProjectionRunner } from './projections/projection-runner.js';
import { handleRead } from './read-call.js';
import { serverClosing } from './rpc-errors.js';
import { supportedMethods } from './server-features.js';
import { SharedPort, type TlsFiles } from './shared-port.js';
import { Store } from './store.js';

/** Where the store keeps its data and listens. */
export interface EventStoreOptions {
  /** Folder of the data; created when missing. One process at a time. */
  readonly dataFolder: string;
  /** Port to listen on; 0, the default, takes any free one. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** Runs the system projections: `$ce-`, `$et-`, `$bc-`, `$category-` and `$streams`; off unless told otherwise. */
  readonly systemProjections?: boolean;
  /** Bytes of event data that one append may hold; 1,048,576 unless told otherwise, and 16 MB at most. */
  readonly maximumAppendSize?: number;
  /** Serves over TLS. */
  readonly tls?: TlsFiles;
  /** Who may use the store; everyone may when this is left out. Needs `tls`, for clients do not send passwords without. */
  readonly users?: readonly User[];
}

/** A running store. */
export interface EventStoreServer {
  readonly port: number;
  /** For `EventStoreDBClient.connectionString`, from this machine. */
  readonly connectionString: string;
  /** Answers what is under way, ends the subscriptions and closes the file; open connections are cut after two seconds. */
  close(): Promise<void>;
}

const GRACE_MS = 2_000;

/**
 * Starts an event store on a data folder; resolves when it answers.
 *
 * @throws EmbeddedEventStoreError when the folder or the port cannot be used
 */
export async function startEventStore(options: EventStoreOptions): Promise<EventStoreServer> {
  const host = options.host ?? '127.0.0.1';
  if (options.users !== undefined && options.tls === undefined) {
    throw new EmbeddedEventStoreError(
      'USERS_UNUSABLE',
      'Users need TLS, for clients do not send passwords without: name a certificate and a key, too.',
    );
  }
  const store = Store.open(options.dataFolder, options.maximumAppendSize);
  let server: RunningServer;
  try {
    server = new RunningServer(store, options);
  } catch (error) {
    store.close();
    throw error;
  }
  try {
    await writeInitialEvents(store);
    const port = await server.listen(options.port ?? 0, host);
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    const connectionString = `esdb://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}?tls=${String(options.tls !== undefined)}`;
    return { port, connectionString, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

type LongCall = Pick<Outgoing, 'fail' | 'onStop'>;
type ServerParts = Pick<EventStoreOptions, 'systemProjections' | 'tls' | 'users'>;

class RunningServer {
  private readonly grpc = new GrpcServer();
  private readonly http: HttpServer;
  private readonly authenticator: Authenticator;
  private readonly port: SharedPort;
  /** Calls that stay open until one side ends them. */
  private readonly openCalls = new Set<LongCall>();
  private readonly subscriptions: PersistentSubscriptions;
  private readonly projections: ProjectionRunner | undefined;
  private closing: Promise<void> | undefined;

  /** @throws EmbeddedEventStoreError CERTIFICATE_UNUSABLE */
  constructor(
    private readonly store: Store,
    { systemProjections, tls, users }: ServerParts,
  ) {
    this.authenticator = new Authenticator(users, store.log);
    this.http = createHttpAnswers(store, this.authenticator, users !== undefined);
    this.port = new SharedPort(
      (socket) => this.grpc.takeConnection(socket),
      (socket) => {
        this.http.emit('connection', socket);
        socket.resume();
      },
      tls,
    );
    this.subscriptions = new PersistentSubscriptions(store);
    this.projections = systemProjections === true ? new ProjectionRunner(store) : undefined;
    this.addServices();
  }

  listen(port: number, host: string): Promise<number> {
    return this.port.listen(port, host);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private addServices(): void {
    this.addStreams();
    this.addPersistentSubscriptions();
    this.addProjections();
    const answers = supportedMethods(this.projections !== undefined);
    const getSupportedMethods: handleUnaryCall<shared.Empty, features.SupportedMethods> = (_call, callback) =>
      callback(null, answers);
    this.grpc.addService(ServerFeaturesService, { getSupportedMethods });
    const node = new Gossip();
    const readGossip: handleUnaryCall<shared.Empty, gossip.ClusterInfo> = (call, callback) =>
      callback(null, node.read(call.getHost()));
    this.grpc.addService(GossipService, { read: readGossip });
  }

  private addStreams(): void {
    const { store, authenticator } = this;
    const handlers: UntypedServiceImplementation = {
      append: withCaller<Parameters<typeof handleAppend>[2], streams.AppendResp>(
        authenticator,
        (caller, call, callback) => this.track(handleAppend(store, caller, call, callback)),
      ),
      batchAppend: withCaller<BatchAppendCall, never>(authenticator, (caller, call) =>
        this.track(handleBatchAppend(store, caller, call)),
      ),
      delete: withCaller(authenticator, handleDelete.bind(undefined, store)),
      tombstone: withCaller(authenticator, handleTombstone.bind(undefined, store)),
      read: withCaller<Parameters<typeof handleRead>[2], never>(authenticator, (caller, call) =>
        this.track(handleRead(store, caller, call)),
      ),
    };
    // Read answers are encoded by hand, see encode-event.ts.
    const read = { ...StreamsService.read, responseSerialize: (encoded: Buffer) => encoded };
    this.grpc.addService({ ...StreamsService, read }, handlers);
  }

  private addPersistentSubscriptions(): void {
    const { store, authenticator, subscriptions } = this;
    const calls = persistentSubscriptionCalls(store, subscriptions);
    const read = { ...PersistentSubscriptionsService.read, responseSerialize: (encoded: Buffer) => encoded };
    this.grpc.addService(
      { ...PersistentSubscriptionsService, read },
      {
        create: withCaller(authenticator, calls.create),
        update: withCaller(authenticator, calls.update),
        delete: withCaller(authenticator, calls.delete),
        getInfo: withCaller(authenticator, calls.getInfo),
        list: withCaller(authenticator, calls.list),
        replayParked: withCaller(authenticator, calls.replayParked),
        restartSubsystem: withCaller(authenticator, calls.restartSubsystem),
        read: withCaller<ReadCall, never>(authenticator, (caller, call) =>
          this.track(handlePersistentRead(subscriptions, caller, call)),
        ),
      },
    );
  }

  /** Without projections the service does not exist, and every call of it answers UNIMPLEMENTED. */
  private addProjections(): void {
    if (this.projections === undefined) return;
    const { enable, disable, statistics } = projectionCalls(this.projections, this.store.log);
    this.grpc.addService(ProjectionsService, {
      enable: withCaller(this.authenticator, enable),
      disable: withCaller(this.authenticator, disable),
      statistics: withCaller(this.authenticator, statistics),
    });
  }

  private track(call: LongCall): void {
    this.openCalls.add(call);
    call.onStop(() => this.openCalls.delete(call));
  }

  private async shutDown(): Promise<void> {
    this.port.stopListening();
    this.projections?.close();
    this.subscriptions.close();
    this.store.commits.close();
    for (const call of [...this.openCalls]) call.fail(serverClosing());
    await this.grpc.close(GRACE_MS);
    this.http.close();
    this.port.destroyConnections();
    this.store.close();
  }
}
