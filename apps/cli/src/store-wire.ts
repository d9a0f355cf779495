import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { CallOptions, ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';

/** An event as it goes over the wire: no byte of it was interpreted. */
export interface WireEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  /** `application/json` or `application/octet-stream`. */
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** Why the store refused an append. */
export class AppendRefused extends Error {
  constructor(
    readonly stream: string,
    readonly reason: 'other-revision' | 'stream-deleted' | 'other',
    message: string,
  ) {
    super(message);
    this.name = 'AppendRefused';
  }
}

/** How long the store may take for one append, in milliseconds. */
const PATIENCE = 60_000;

type StreamsClient = InstanceType<typeof streamsService.StreamsClient>;

/** What the client keeps for its subclasses, by which one call can be made without its way of encoding events. Its version is pinned. */
interface ClientParts {
  GRPCStreamCreator<Call extends Readable>(
    service: typeof streamsService.StreamsClient,
    name: string,
    call: (client: StreamsClient) => Call,
  ): () => Promise<Call>;
  callArguments(options: object, callOptions: CallOptions): [Metadata, CallOptions];
}

/** A connection for copying: the client's connection strings and credentials, but bytes instead of parsed JSON. */
export class WireConnection {
  private readonly client: EventStoreDBClient;
  private readonly parts: ClientParts;

  /** @throws Error when the connection string is none */
  constructor(connectionString: string) {
    this.client = EventStoreDBClient.connectionString(connectionString);
    this.parts = this.client as unknown as ClientParts;
  }

  /** Every event in `$all`, oldest first, up to the newest there is; links as they are. */
  async *readAll(): AsyncGenerator<WireEvent> {
    const call = await this.open('copyRead', (client, args) => client.read(readAllRequest(), ...args));
    try {
      for await (const response of call as AsyncIterable<streams.ReadResp>) {
        const recorded = response.getEvent()?.getEvent();
        if (recorded !== undefined) yield wireEventOf(recorded);
      }
    } finally {
      // A call that is left in the middle would keep the connection from closing.
      call.cancel();
    }
  }

  /** Ends a stream for good; does nothing to one that has ended already. */
  async tombstone(stream: string): Promise<void> {
    await this.client.tombstoneStream(stream);
  }

  /** Opens the one call over which appends go, in order. */
  async appender(): Promise<Appender> {
    return new Appender(await this.open('copyAppend', (client, args) => client.batchAppend(...args)));
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }

  private open<Call extends Readable>(
    name: string,
    call: (client: StreamsClient, args: [Metadata, CallOptions]) => Call,
  ): Promise<Call> {
    const args = this.parts.callArguments({}, { deadline: Infinity });
    return this.parts.GRPCStreamCreator(streamsService.StreamsClient, name, (client) => call(client, args))();
  }
}

interface Waiting {
  readonly stream: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Appends over one BatchAppend call; the store does them in the order in which they were handed in. */
export class Appender {
  private readonly waiting = new Map<string, Waiting>();
  private failure: Error | undefined;

  constructor(private readonly call: ClientDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>) {
    call.on('data', (answer: streams.BatchAppendResp) => this.settle(answer));
    call.on('error', (error: Error) => this.failAll(error));
    call.on('end', () => this.failAll(new Error('The store ended the call.')));
  }

  /**
   * Appends events, all or none, after the event with the revision before that of the first.
   *
   * @throws AppendRefused
   */
  append(events: readonly [WireEvent, ...WireEvent[]]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      const [first] = events;
      const correlation = randomUUID();
      this.waiting.set(correlation, { stream: first.stream, resolve, reject });
      this.call.write(batchRequest(correlation, first, events));
    });
  }

  end(): void {
    this.call.removeAllListeners('end').end();
  }

  private settle(answer: streams.BatchAppendResp): void {
    const correlation = answer.getCorrelationId()?.getString() ?? '';
    const waiting = this.waiting.get(correlation);
    if (waiting === undefined) return;
    this.waiting.delete(correlation);
    const error = answer.getError();
    if (error === undefined) {
      waiting.resolve();
      return;
    }
    const kind = error.getDetails()?.getTypeName() ?? '';
    const reason = kind.endsWith('WrongExpectedVersion')
      ? 'other-revision'
      : kind.endsWith('StreamDeleted')
        ? 'stream-deleted'
        : 'other';
    waiting.reject(new AppendRefused(waiting.stream, reason, error.getMessage()));
  }

  private failAll(failure: Error): void {
    this.failure ??= failure;
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
  }
}

function readAllRequest(): streams.ReadReq {
  const all = new streams.ReadReq.Options.AllOptions().setStart(new shared.Empty());
  const options = new streams.ReadReq.Options()
    .setAll(all)
    .setResolveLinks(false)
    .setCount(String(Number.MAX_SAFE_INTEGER))
    .setNoFilter(new shared.Empty())
    .setUuidOption(new streams.ReadReq.Options.UUIDOption().setString(new shared.Empty()))
    .setReadDirection(streams.ReadReq.Options.ReadDirection.FORWARDS);
  return new streams.ReadReq().setOptions(options);
}

function wireEventOf(recorded: streams.ReadResp.ReadEvent.RecordedEvent): WireEvent {
  const properties = recorded.getMetadataMap();
  return {
    stream: Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8'),
    revision: BigInt(recorded.getStreamRevision()),
    id: recorded.getId()?.getString() ?? '',
    type: properties.get('type') ?? '',
    contentType: properties.get('content-type') ?? 'application/octet-stream',
    data: recorded.getData_asU8(),
    metadata: recorded.getCustomMetadata_asU8(),
  };
}

function batchRequest(correlation: string, first: WireEvent, events: readonly WireEvent[]): streams.BatchAppendReq {
  const stream = new shared.StreamIdentifier().setStreamName(Buffer.from(first.stream));
  const options = new streams.BatchAppendReq.Options()
    .setStreamIdentifier(stream)
    .setDeadline(timestamp.Timestamp.fromDate(new Date(Date.now() + PATIENCE)));
  if (first.revision === 0n) options.setNoStream(new shared.Empty());
  else options.setStreamPosition(String(first.revision - 1n));
  return new streams.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(correlation))
    .setOptions(options)
    .setProposedMessagesList(events.map(proposed))
    .setIsFinal(true);
}

function proposed({ id, type, contentType, data, metadata }: WireEvent): streams.BatchAppendReq.ProposedMessage {
  const message = new streams.BatchAppendReq.ProposedMessage();
  message.setId(new shared.UUID().setString(id)).setData(data).setCustomMetadata(metadata);
  message.getMetadataMap().set('type', type).set('content-type', contentType);
  return message;
}
