import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalAuthority } from '#libs/evidence';
import type { Settings } from './settings.js';

/** Far more than any request for a timestamp has, in bytes. */
const LONGEST_REQUEST = 16 * 1024;

const PATHS = { timestamps: '/timestamps', certificate: '/authority.cer', list: '/revocation-list.crl' } as const;

export interface Authority {
  readonly url: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

/**
 * Starts the authority: timestamps (RFC 3161 §3.4) by POST to `/timestamps`, its certificate and revocation list by GET.
 * @throws the error of `listen` when a port is taken, of the file system, or EvidenceRejected when a file of the folder is damaged
 */
export async function startAuthority({ host, port, data, operator, url }: Settings): Promise<Authority> {
  const authority = await LocalAuthority.open({
    folder: data,
    operator,
    addresses: { certificate: `${url}${PATHS.certificate}`, revocationList: `${url}${PATHS.list}` },
    now: () => new Date(),
  });
  const server = createServer((request, response) => {
    answerOf(authority, request)
      .catch(failure)
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerOf(authority: LocalAuthority, request: IncomingMessage): Promise<Answer> {
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case `POST ${PATHS.timestamps}`: {
      const body = await bodyOf(request);
      if (!body) return text(413, 'A request for a timestamp has at most 16 KiB.');
      return { status: 200, type: 'application/timestamp-reply', body: await authority.timestamp(body) };
    }
    case `GET ${PATHS.certificate}`:
      return { status: 200, type: 'application/pkix-cert', body: authority.certificate };
    case `GET ${PATHS.list}`:
      return { status: 200, type: 'application/pkix-crl', body: await authority.revocationList() };
    case 'GET /health/live':
      return { status: 200, type: 'application/json', body: '{"status":"ok"}' };
    default:
      return text(404, `POST ${PATHS.timestamps}, GET ${PATHS.certificate} or GET ${PATHS.list}.`);
  }
}

/** Undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_REQUEST) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });

function failure(error: unknown): Answer {
  console.error(error instanceof Error ? error.message : error);
  return text(500, 'The authority failed; its log says why.');
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  const length = Buffer.byteLength(body);
  const headers = { 'Content-Type': type, 'Content-Length': length, 'Cache-Control': 'no-store' };
  response.writeHead(status, status === 413 ? { ...headers, Connection: 'close' } : headers);
  response.end(body);
}
