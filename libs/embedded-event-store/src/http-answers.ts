import { createServer, type Server } from 'node:http';
import { SERVER_VERSION } from './server-features.js';

/** The few plain HTTP answers: `/health/live` for supervisors, `/info` for the version. Everything else is 404. */
export function createHttpAnswers(): Server {
  return createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/health/live') {
      response.writeHead(204).end();
    } else if (path === '/info') {
      const info = { esVersion: SERVER_VERSION, state: 'leader', features: {}, authentication: { type: 'insecure' } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(info));
    } else {
      const sentence =
        'The embedded event store answers /health/live and /info only; everything else goes over gRPC.\n';
      response.writeHead(404, { 'content-type': 'text/plain' }).end(sentence);
    }
  });
}
