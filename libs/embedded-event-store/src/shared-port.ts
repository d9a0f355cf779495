import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { EmbeddedEventStoreError } from './errors.js';

/** First bytes of an HTTP/2 connection (RFC 9113, section 3.4); no HTTP/1 method begins like that. */
const HTTP2_PREFACE = Buffer.from('PRI');
/** A connection that says nothing for so long is closed. */
const SILENCE_MS = 30_000;

/** Takes over a connection whose first bytes were looked at and put back. */
export type ConnectionTaker = (socket: Socket) => void;

/** Certificate (with its chain) and key of a TLS server, both PEM. */
export interface TlsFiles {
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
}

/**
 * One port for gRPC and plain HTTP, as on the real server: each connection goes where its first bytes say, or with TLS the
 * protocol that was negotiated (ALPN, RFC 7301).
 */
export class SharedPort {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  /** @throws EmbeddedEventStoreError CERTIFICATE_UNUSABLE */
  constructor(
    private readonly takeHttp2: ConnectionTaker,
    private readonly takeHttp1: ConnectionTaker,
    tls?: TlsFiles,
  ) {
    this.server =
      tls === undefined
        ? createServer({ noDelay: true, pauseOnConnect: false }, (socket) => this.sort(socket))
        : this.createTlsServer(tls);
  }

  /**
   * @param port 0 for any free one
   * @returns the port that is listened on
   * @throws EmbeddedEventStoreError PORT_TAKEN or ADDRESS_UNUSABLE
   */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(asListenError(error, port, host)));
      this.server.listen(port, host, () => {
        const address = this.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Takes no more connections; those that there are stay. */
  stopListening(): void {
    this.server.close();
  }

  /** Ends every connection at once. */
  destroyConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private createTlsServer({ certificate, key }: TlsFiles): Server {
    try {
      const options = { cert: certificate, key, ALPNProtocols: ['h2', 'http/1.1'], noDelay: true };
      const server = createTlsServer(options, (socket: TLSSocket) => {
        socket.on('error', () => socket.destroy());
        (socket.alpnProtocol === 'h2' ? this.takeHttp2 : this.takeHttp1)(socket);
      });
      // Every connection is known from its first byte on, so that an unfinished handshake does not outlive the server.
      return server.on('connection', (socket: Socket) => this.remember(socket));
    } catch (error) {
      throw new EmbeddedEventStoreError(
        'CERTIFICATE_UNUSABLE',
        `The certificate and the key cannot be used (${error instanceof Error ? error.message : String(error)}): name two PEM files that belong together.`,
        { cause: error },
      );
    }
  }

  private remember(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    // A client that resets its connection is no event for the server; whoever takes the socket over adds its own listener.
    socket.on('error', () => socket.destroy());
  }

  private sort(socket: Socket): void {
    this.remember(socket);
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    let seen = Buffer.alloc(0);
    const look = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const compared = Math.min(seen.length, HTTP2_PREFACE.length);
      const isHttp2 = seen.compare(HTTP2_PREFACE, 0, compared, 0, compared) === 0;
      if (isHttp2 && seen.length < HTTP2_PREFACE.length) return;
      socket.off('data', look);
      socket.pause();
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.unshift(seen);
      (isHttp2 ? this.takeHttp2 : this.takeHttp1)(socket);
    };
    socket.on('data', look);
  }
}

function asListenError(error: NodeJS.ErrnoException, port: number, host: string): EmbeddedEventStoreError {
  if (error.code === 'EADDRINUSE') {
    return new EmbeddedEventStoreError(
      'PORT_TAKEN',
      `Port ${port} of ${host} is taken by another process: stop that process or name another port.`,
      { cause: error },
    );
  }
  return new EmbeddedEventStoreError(
    'ADDRESS_UNUSABLE',
    `The event store cannot listen on ${host}:${port} (${error.message}): name an address of this machine and a port above 1023.`,
    { cause: error },
  );
}
