import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Authenticator } from './access/authenticator.js';
import { appendOverHttp } from './http-append.js';
import { SERVER_VERSION } from './server-features.js';
import type { Store } from './store.js';

/**
 * The few plain HTTP answers: `/health/live` for supervisors, `/info`, `/ping` and `/gossip` for whoever looks at the node, and
 * `POST /streams/<name>` for one event from a shell. Everything else is 404.
 */
export function createHttpAnswers(store: Store, authenticator: Authenticator, hasUsers: boolean): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const stream = /^\/streams\/([^/]+)$/.exec(pathname)?.[1];
    if (stream !== undefined && request.method === 'POST') {
      return void appendOverHttp(store, authenticator, stream, request, response);
    }
    answer(pathname, request, response, hasUsers);
  });
}

function answer(path: string, request: IncomingMessage, response: ServerResponse, hasUsers: boolean): void {
  switch (path) {
    case '/health/live':
      response.writeHead(204).end();
      return;
    case '/ping':
      return sendJson(response, { msgTypeId: 0, text: 'Ping request successfully handled' });
    case '/gossip':
      return sendJson(response, gossipOf(request));
    case '/info': {
      const authentication = { type: hasUsers ? 'internal' : 'insecure' };
      return sendJson(response, { esVersion: SERVER_VERSION, state: 'leader', features: {}, authentication });
    }
    default: {
      const sentence =
        'The embedded event store answers /health/live, /info, /ping, /gossip and POST /streams/<name>; the rest goes over gRPC.\n';
      response.writeHead(404, { 'content-type': 'text/plain' }).end(sentence);
    }
  }
}

function gossipOf({ headers }: IncomingMessage) {
  const { hostname, port } = new URL(`http://${headers.host ?? 'localhost'}`);
  const member = { state: 'Leader', isAlive: true, httpEndPointIp: hostname, httpEndPointPort: Number(port) };
  return { members: [member], serverIp: hostname, serverPort: Number(port) };
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
