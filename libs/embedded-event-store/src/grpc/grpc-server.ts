import { status, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { ServerCall, type CallFailure } from './server-call.js';

type Method = MethodDefinition<unknown, unknown>;
/** `call` is what `Call` and the like of grpc-js are to their handlers: a ServerCall offers what ours use of it. */
type Handlers = Readonly<Record<string, ((...args: never[]) => unknown) | undefined>>;
type Handler = (call: ServerCall, answer: (failure: CallFailure | null, response?: unknown) => void) => void;

/** What a client may send on one call before it was read: appends come in one go. */
const RECEIVE_WINDOW_BYTES = 1024 * 1024;

/**
 * A gRPC server (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) on connections that others have accepted, with
 * the service definitions of grpc-js. It exists because the server of grpc-js hands every message to HTTP/2 by itself and waits for it,
 * and takes twice the time for every call. Deadlines are the client's to keep: it cancels its call.
 */
export class GrpcServer {
  private readonly http2: Http2Server;
  private readonly methods = new Map<string, { readonly definition: Method; readonly handler: Handler }>();
  private readonly sessions = new Set<ServerHttp2Session>();

  constructor() {
    this.http2 = createServer({
      settings: { enablePush: false, initialWindowSize: RECEIVE_WINDOW_BYTES },
      // Flow control limits the memory; at its own limit Node.js would end the connection.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    });
    this.http2.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
      session.on('error', () => session.destroy());
    });
    this.http2.on('stream', (stream, headers) => this.answer(stream, headers));
  }

  /** `handlers` by the names of the service's methods; a method without one answers UNIMPLEMENTED. */
  addService(service: ServiceDefinition, handlers: Handlers): void {
    for (const [name, definition] of Object.entries(service)) {
      const handler = handlers[name];
      if (handler !== undefined) this.methods.set(definition.path, { definition, handler: handler as Handler });
    }
  }

  /** Takes over a connection on which nothing was read yet. */
  takeConnection(socket: Socket): void {
    this.http2.emit('connection', socket);
  }

  /** Takes no more calls and waits for those that there are, but not longer than `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const ended = [...this.sessions].map((session) => {
      // Not the callback of `close`: it is forgotten when the client has said goodbye first and a call is still open.
      const closed = new Promise((resolve) => session.once('close', resolve));
      session.close();
      return closed;
    });
    const timer = setTimeout(() => {
      for (const session of this.sessions) session.destroy();
    }, graceMs);
    await Promise.all(ended);
    clearTimeout(timer);
  }

  private answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const contentType = headers['content-type'];
    if (contentType === undefined || !contentType.startsWith('application/grpc')) {
      stream.respond({ ':status': 415 }, { endStream: true });
      return;
    }
    const path = headers[':path'] ?? '';
    const method = this.methods.get(path);
    if (method === undefined) {
      const refused = new ServerCall(stream, headers, unknownMethod);
      refused.emit('error', {
        code: status.UNIMPLEMENTED,
        details: `The server does not implement the method ${path}`,
      });
      return;
    }
    start(new ServerCall(stream, headers, method.definition), method.definition, method.handler);
  }
}

const unknownMethod = { requestDeserialize: (bytes: Buffer) => bytes, responseSerialize: () => Buffer.alloc(0) };

function start(call: ServerCall, { requestStream, responseStream }: Method, handler: Handler): void {
  const answer = (failure: CallFailure | null, response?: unknown): void => {
    if (failure !== null) {
      call.emit('error', failure);
      return;
    }
    call.write(response);
    call.end();
  };
  const begin = (): void => {
    if (responseStream) (handler as (call: ServerCall) => void)(call);
    else handler(call, answer);
  };
  if (requestStream) {
    begin();
  } else {
    call.once('data', (request) => {
      call.request = request;
      begin();
    });
    call.once('end', () => {
      if (call.request === undefined) answer({ code: status.INTERNAL, details: 'The call has no request message.' });
    });
  }
}
