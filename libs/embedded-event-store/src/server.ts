import {
  Server as GrpcServer,
  ServerCredentials,
  type handleUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Server as HttpServer } from 'node:http';
import { handleAppend } from './append-call.js';
import { handleBatchAppend, type BatchAppendCall } from './batch-append-call.js';
import { handleDelete, handleTombstone } from './delete-calls.js';
import { Gossip } from './gossip.js';
import { createHttpAnswers } from './http-answers.js';
import type { Outgoing } from './outgoing.js';
import {
  GossipService,
  PersistentSubscriptionsService,
  ServerFeaturesService,
  StreamsService,
  type features,
  type gossip,
  type shared,
} from './protocol.js';
import { handlePersistentRead, persistentSubscriptionCalls, type ReadCall } from './persistent/calls.js';
import { PersistentSubscriptions } from './persistent/subsystem.js';
import { handleRead } from './read-call.js';
import { serverClosing } from './rpc-errors.js';
import { supportedMethods } from './server-features.js';
import { SharedPort } from './shared-port.js';
import { Store } from './store.js';

/** Where the store keeps its data and listens. */
export interface EventStoreOptions {
  /** Folder of the data; created when missing. One process at a time. */
  readonly dataFolder: string;
  /** Port to listen on; 0, the default, takes any free one. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 unless told otherwise. */
  readonly host?: string;
}

/** A running store. */
export interface EventStoreServer {
  readonly port: number;
  /** For `EventStoreDBClient.connectionString`, from this machine. */
  readonly connectionString: string;
  /** Answers what is under way, ends the subscriptions and closes the file; open connections are cut after two seconds. */
  close(): Promise<void>;
}

/** Clients may send events of up to 16 MB, only to be told that an append is limited; the real server reads 17 MB too. */
const MAXIMUM_MESSAGE_BYTES = 17 * 1024 * 1024;
const GRACE_MS = 2_000;

/**
 * Starts an event store on a data folder; resolves when it answers.
 *
 * @throws EmbeddedEventStoreError when the folder or the port cannot be used
 */
export async function startEventStore(options: EventStoreOptions): Promise<EventStoreServer> {
  const host = options.host ?? '127.0.0.1';
  const store = Store.open(options.dataFolder);
  const server = new RunningServer(store);
  try {
    const port = await server.listen(options.port ?? 0, host);
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    const connectionString = `esdb://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}?tls=false`;
    return { port, connectionString, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

type LongCall = Pick<Outgoing, 'fail' | 'onStop'>;

class RunningServer {
  private readonly grpc = new GrpcServer({
    'grpc.max_receive_message_length': MAXIMUM_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
  });
  private readonly http: HttpServer = createHttpAnswers();
  private readonly port: SharedPort;
  /** Calls that stay open until one side ends them. */
  private readonly openCalls = new Set<LongCall>();
  private readonly subscriptions: PersistentSubscriptions;
  private closing: Promise<void> | undefined;

  constructor(private readonly store: Store) {
    this.subscriptions = new PersistentSubscriptions(store);
    this.addServices();
    const injector = this.grpc.createConnectionInjector(ServerCredentials.createInsecure());
    this.port = new SharedPort(
      (socket) => injector.injectConnection(socket),
      (socket) => {
        this.http.emit('connection', socket);
        socket.resume();
      },
    );
  }

  listen(port: number, host: string): Promise<number> {
    return this.port.listen(port, host);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private addServices(): void {
    const { store } = this;
    const streams: UntypedServiceImplementation = {
      append: handleAppend.bind(undefined, store),
      batchAppend: (call: BatchAppendCall) => this.track(handleBatchAppend(store, call)),
      delete: handleDelete.bind(undefined, store),
      tombstone: handleTombstone.bind(undefined, store),
      read: (call: Parameters<typeof handleRead>[1]) => this.track(handleRead(store, call)),
    };
    // Read answers are encoded by hand, see encode-event.ts.
    const read = { ...StreamsService.read, responseSerialize: (encoded: Buffer) => encoded };
    this.grpc.addService({ ...StreamsService, read }, streams);
    const persistentRead = { ...PersistentSubscriptionsService.read, responseSerialize: (encoded: Buffer) => encoded };
    this.grpc.addService(
      { ...PersistentSubscriptionsService, read: persistentRead },
      {
        ...persistentSubscriptionCalls(store, this.subscriptions),
        read: (call: ReadCall) => this.track(handlePersistentRead(this.subscriptions, call)),
      },
    );
    const answers = supportedMethods();
    const getSupportedMethods: handleUnaryCall<shared.Empty, features.SupportedMethods> = (_call, callback) =>
      callback(null, answers);
    this.grpc.addService(ServerFeaturesService, { getSupportedMethods });
    const node = new Gossip();
    const readGossip: handleUnaryCall<shared.Empty, gossip.ClusterInfo> = (call, callback) =>
      callback(null, node.read(call.getHost()));
    this.grpc.addService(GossipService, { read: readGossip });
  }

  private track(call: LongCall): void {
    this.openCalls.add(call);
    call.onStop(() => this.openCalls.delete(call));
  }

  private async shutDown(): Promise<void> {
    this.port.stopListening();
    this.subscriptions.close();
    this.store.commits.close();
    for (const call of [...this.openCalls]) call.fail(serverClosing());
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GRACE_MS);
      this.grpc.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.grpc.forceShutdown();
    this.http.close();
    this.port.destroyConnections();
    this.store.close();
  }
}
