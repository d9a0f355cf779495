import { fork, type ChildProcess } from 'node:child_process';
import {
  connect,
  createServer,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** An answer as it came over the wire: gRPC messages in the chunks in which the server sent them. */
interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly chunks: readonly Buffer[];
  /** Absent for a subscription, which stays open. */
  readonly trailers: IncomingHttpHeaders | undefined;
}

const APPEND = '/event_store.client.streams.Streams/Append';
/** Headers that belong to one connection and may not be sent again (RFC 9113 §8.2.2). */
const OF_THE_CONNECTION = ['connection', 'date', 'transfer-encoding'];

/**
 * A server that has nothing to do: it asks the real one once for each question and then repeats its answer from memory. What a client
 * gets from it in a second is the most that this client can take on this machine, whatever the server.
 *
 * Batch appends cannot be repeated, because each answer names its own question.
 */
export class ReplayServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly connectionString: string,
  ) {}

  /** @param target `host:port` of a server without TLS. */
  static async before(target: string): Promise<ReplayServer> {
    const child = fork(import.meta.filename, [target]);
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message) => resolve(Number(message)));
      child.once('exit', (code) => reject(new Error(`The replaying server ended with code ${String(code)}.`)));
    });
    return new ReplayServer(child, `esdb://127.0.0.1:${port}?tls=false`);
  }

  async stop(): Promise<void> {
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
  }
}

function serve(target: string): void {
  const answers = new Map<string, Answer>();
  const origin = connect(`http://${target}`);
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    stream.on('error', () => stream.close());
    void body(stream, path).then((asked) => {
      const question = path === APPEND ? path : path + asked.toString('base64');
      const known = answers.get(question);
      if (known === undefined) ask(origin, headers, asked, stream, (answer) => answers.set(question, answer));
      else void repeat(stream, known);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

/** What the client asks; the end of an append's, the beginning of a call that stays open. */
function body(stream: ServerHttp2Stream, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (path !== APPEND) resolve(Buffer.concat(chunks));
    });
    stream.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

function ask(
  origin: ClientHttp2Session,
  headers: IncomingHttpHeaders,
  asked: Buffer,
  stream: ServerHttp2Stream,
  learned: (answer: Answer) => void,
): void {
  const forwarded = origin.request(headers);
  const chunks: Buffer[] = [];
  let head: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | undefined;
  forwarded.on('response', (answered) => {
    head = sendable(answered);
    stream.respond(head, { waitForTrailers: true });
  });
  forwarded.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (stream.destroyed || stream.write(chunk)) return;
    forwarded.pause();
    stream.once('drain', () => forwarded.resume());
  });
  forwarded.on('trailers', (last) => (trailers = sendable(last)));
  forwarded.on('end', () => stream.end());
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
  stream.on('close', () => {
    learned({ headers: head, chunks, trailers });
    forwarded.close();
  });
  forwarded.end(asked);
}

async function repeat(stream: ServerHttp2Stream, { headers, chunks, trailers }: Answer): Promise<void> {
  if (stream.destroyed) return;
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
  stream.respond(headers, { waitForTrailers: true });
  // A subscription is left by its client in the middle, and an answer without an end stays open.
  await pipeline(Readable.from(chunks), stream, { end: trailers !== undefined }).catch(() => stream.close());
}

const sendable = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)));

if (process.send !== undefined) serve(process.argv[2] ?? '');
