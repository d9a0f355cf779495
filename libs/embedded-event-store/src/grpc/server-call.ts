import { Metadata, status, type MethodDefinition } from '@grpc/grpc-js';
import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { storageFailure } from '../rpc-errors.js';
import { MessageFrames, PREFIX_BYTES, prefixOf } from './message-frames.js';

/** Messages leave together in writes of about this size; a smaller one leaves at the end of the current turn of the event loop. */
const CHUNK_BYTES = 32 * 1024;
/** What is kept for a client that does not take it; from here on `write` says to wait, until there is room for another chunk. */
const HIGH_WATER_BYTES = 128 * 1024;

const HEADERS: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' };

type Definition<Request, Response> = Pick<
  MethodDefinition<Request, Response>,
  'requestDeserialize' | 'responseSerialize'
>;

/** What a failed call answers; `RpcError` and the errors of grpc-js have this shape. */
export interface CallFailure {
  readonly code?: status;
  readonly details?: string;
  readonly metadata?: Metadata | undefined;
}

/**
 * One call of a client: emits `data` for each of its messages and `end` after the last, `cancelled` when it left early, `drain`
 * when there is room again, `close` at the end. Emitting `error` on it ends it with that status.
 *
 * Messages that are written in one turn of the event loop leave as one write: the system calls, not the bytes, are what a
 * message costs.
 */
export class ServerCall<Request = unknown, Response = unknown> extends EventEmitter {
  /** The one message of a call whose client sends only one. */
  request!: Request;
  cancelled = false;
  writableEnded = false;
  private readonly frames: MessageFrames;
  private readonly inbox: Buffer[] = [];
  private inboxEnds = false;
  private receiving = false;
  private paused = false;
  private readonly outbox: Uint8Array[] = [];
  private outboxBytes = 0;
  private sendingIsScheduled = false;
  private chunkIsUnderWay = false;
  private needsDrain = false;
  private knownMetadata: Metadata | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly headers: IncomingHttpHeaders,
    private readonly definition: Definition<Request, Response>,
  ) {
    super();
    const encoding = headers['grpc-encoding'];
    this.frames = new MessageFrames(typeof encoding === 'string' ? encoding : undefined);
    this.on('error', (error: CallFailure) => this.fail(error));
    stream.on('close', () => this.closed());
    // The stream closes after an error; a client that goes away is no event for the server.
    stream.on('error', () => undefined);
  }

  /** What the client sent along with the call. */
  get metadata(): Metadata {
    return (this.knownMetadata ??= Metadata.fromHttp2Headers(this.headers));
  }

  /** Address and port of the client. */
  getPeer(): string {
    const socket = this.stream.session?.socket;
    return `${socket?.remoteAddress ?? 'unknown'}:${String(socket?.remotePort ?? '')}`;
  }

  /** Name and port by which the client called the server. */
  getHost(): string {
    return this.headers[':authority'] ?? '';
  }

  /** Messages wait for the first who listens to them: a handler may have to ask others first who the client is. */
  override on(name: string, listener: Parameters<EventEmitter['on']>[1]): this {
    super.on(name, listener);
    if (name === 'data' && !this.receiving) this.receive();
    return this;
  }

  pause(): void {
    this.paused = true;
    this.stream.pause();
  }

  resume(): void {
    this.paused = false;
    this.deliver();
    if (!this.paused) this.stream.resume();
  }

  isPaused(): boolean {
    return this.paused;
  }

  /** @returns false when the client has enough to take for now: wait for `drain`, or it will be kept in memory */
  write(message: Response): boolean {
    if (this.isOver) return true;
    const bytes = this.definition.responseSerialize(message);
    this.outbox.push(prefixOf(bytes), bytes);
    this.outboxBytes += bytes.byteLength + PREFIX_BYTES;
    if (this.outboxBytes >= CHUNK_BYTES) this.sendChunk();
    else this.scheduleSending();
    this.needsDrain ||= this.outboxBytes >= HIGH_WATER_BYTES;
    return !this.needsDrain;
  }

  /** Ends the call with status OK, after what was written. */
  end(): void {
    this.finish({ code: status.OK, details: 'OK' });
  }

  /** Ends the call with an error, after what was written. */
  private fail(failure: CallFailure): void {
    this.finish(failure);
    // What the client still sends is of no interest, but must not block its connection.
    this.inbox.length = 0;
    this.stream.off('data', this.take).resume();
  }

  private finish({ code = status.UNKNOWN, details = 'Unknown Error', metadata }: CallFailure): void {
    if (this.isOver) return;
    const rest = this.outboxBytes === 0 ? undefined : this.takeOutbox(Infinity);
    this.writableEnded = true;
    const message = encodeURI(details.toWellFormed());
    const trailers = { 'grpc-status': code, 'grpc-message': message, ...metadata?.toHttp2Headers() };
    if (!this.stream.headersSent && rest === undefined) {
      this.stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
      return;
    }
    this.sendHeaders();
    this.stream.once('wantTrailers', () => {
      if (!this.stream.closed) this.stream.sendTrailers(trailers);
    });
    this.stream.end(rest);
  }

  private receive(): void {
    this.receiving = true;
    this.stream.on('data', this.take);
    // A stream that the client breaks off ends first and says only then that it was aborted: half a request is no request.
    this.stream.on('end', () => {
      setImmediate(() => {
        this.inboxEnds = true;
        this.deliver();
      });
    });
  }

  private readonly take = (bytes: Buffer): void => {
    try {
      for (const message of this.frames.take(bytes)) this.inbox.push(message);
    } catch (error) {
      this.fail(storageFailure(error));
      return;
    }
    this.deliver();
  };

  private deliver(): void {
    while (!this.paused && !this.isOver) {
      const message = this.inbox.shift();
      if (message === undefined) break;
      let request: Request;
      try {
        request = this.definition.requestDeserialize(message);
      } catch {
        this.fail({ code: status.INTERNAL, details: 'Error deserializing request' });
        return;
      }
      this.emit('data', request);
    }
    if (this.paused || this.isOver || !this.inboxEnds) return;
    this.inboxEnds = false;
    this.emit('end');
  }

  /** Nothing can be sent any more; a stream that is destroyed says so only later. */
  private get isOver(): boolean {
    return this.cancelled || this.writableEnded || this.stream.destroyed || this.stream.closed;
  }

  private scheduleSending(): void {
    if (this.sendingIsScheduled || this.chunkIsUnderWay) return;
    this.sendingIsScheduled = true;
    process.nextTick(() => {
      this.sendingIsScheduled = false;
      this.sendChunk();
    });
  }

  /**
   * Chunk by chunk, and the next as soon as the one before has left: given everything at once, HTTP/2 would say that there is room
   * only when all of it has left, and client and server would work in turn instead of at the same time.
   */
  private sendChunk(): void {
    if (this.isOver || this.chunkIsUnderWay || this.outboxBytes === 0) return;
    this.chunkIsUnderWay = true;
    this.sendHeaders();
    this.stream.write(this.takeOutbox(CHUNK_BYTES), () => {
      this.chunkIsUnderWay = false;
      this.sendChunk();
      if (!this.needsDrain || this.outboxBytes > HIGH_WATER_BYTES - CHUNK_BYTES) return;
      this.needsDrain = false;
      this.emit('drain');
    });
  }

  /** Takes messages until they are `bytes` together. */
  private takeOutbox(bytes: number): Buffer {
    let count = 0;
    let size = 0;
    while (size < bytes && count < this.outbox.length) size += this.outbox[count++]?.byteLength ?? 0;
    const chunk = Buffer.concat(this.outbox.splice(0, count), size);
    this.outboxBytes -= size;
    return chunk;
  }

  private sendHeaders(): void {
    if (!this.stream.headersSent) this.stream.respond(HEADERS, { waitForTrailers: true });
  }

  private closed(): void {
    if (!this.writableEnded) {
      this.cancelled = true;
      this.emit('cancelled');
    }
    this.emit('close');
  }
}
