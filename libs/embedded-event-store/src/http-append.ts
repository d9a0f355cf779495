import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from './access/authenticator.js';
import { storageFailure } from './rpc-errors.js';
import type { Store } from './store.js';
import { uuidToBytes } from './uuid-bytes.js';
import { append, randomUuidBytes } from './write.js';

const NOTHING = new Uint8Array(0);

/**
 * `POST /streams/<name>`: appends the body as one event, its type in the header `ES-EventType`, its id in `ES-EventId` or made
 * up. The body is stored as it comes, even when it is no JSON; it is how an operator adds an event without a client.
 */
export async function appendOverHttp(
  store: Store,
  authenticator: Authenticator,
  encodedStream: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number, sentence: string) =>
    void response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${sentence}\n`);
  try {
    const stream = decodeURIComponent(encodedStream);
    const caller = await authenticator.callerOf(request.headers.authorization);
    if (caller?.isKnown !== true) return refuse(401, 'Say who you are: HTTP Basic with a name and a password.');
    if (!caller.mayDo('write', stream)) return refuse(403, `You may not write to the stream ${stream}.`);
    const type = request.headers['es-eventtype'];
    if (typeof type !== 'string' || type === '') return refuse(400, 'The header ES-EventType is missing.');
    const id = request.headers['es-eventid'];
    const bytes = typeof id === 'string' ? uuidToBytes(id) : randomUuidBytes();
    if (bytes === undefined) return refuse(400, 'The header ES-EventId is not a UUID.');
    const data = await bodyOf(request, store.maximumAppendSize);
    if (data === undefined) return refuse(413, `An event holds at most ${store.maximumAppendSize} bytes.`);
    const json = /^application\/json\b/.test(request.headers['content-type'] ?? '');
    const event = { id: bytes, type, json, data, metadata: NOTHING };
    const result = await store.commits.run(() => append(store.log, stream, 'any', [event]));
    if (result.kind !== 'written') return refuse(410, `The stream ${stream} is deleted.`);
    response.writeHead(201, { location: `/streams/${encodedStream}/${result.revision}` }).end();
  } catch (error) {
    if (error instanceof URIError) return refuse(400, 'The name of the stream is malformed.');
    refuse(503, storageFailure(error).details);
  }
}

/** The body, or undefined when it is too large. */
async function bodyOf(request: IncomingMessage, maximumSize: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumSize) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
