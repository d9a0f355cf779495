import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InboxFeed } from './inbox-feed.js';
import type { Incoming, Message } from './message.js';
import type { MessageStore } from './message-store.js';
import { asset } from './assets.js';
import { failurePage, inboxPage, mailBody, messagePage } from './pages.js';
import { BadRequest, readFilter } from './requests.js';
import { readSms } from './sms.js';

const PAGE_SIZE = 100;

/** The page's own policy: nothing but its own files. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A caught mail is untrusted: no script, no request, no form, no origin; its links may open a page of their own. */
const MAIL_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

const SECURITY_HEADERS = {
  'Content-Security-Policy': PAGE_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-DNS-Prefetch-Control': 'off',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'Cache-Control': 'no-store',
} as const;

interface Answer {
  status?: number;
  type: string;
  body: string | Buffer;
  headers?: Record<string, string>;
}

export interface WebServer {
  port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

interface Parts {
  store: MessageStore;
  feed: InboxFeed;
  /** Keeps messages and tells the open inbox pages. */
  keep(incoming: readonly Incoming[]): Message[];
}

/**
 * Serves the inbox page, the API for programs, the SMS gateway and `/health/live`.
 * @throws the error of `listen` when the port is not to be had
 */
export async function startWebServer({ host, port }: { host: string; port: number }, parts: Parts): Promise<WebServer> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const url = new URL(`http://catcher.invalid${request.url ?? '/'}`);
    if (url.pathname === '/changes' && request.method === 'GET') return parts.feed.follow(response);
    answer(parts, request, url)
      .catch((error: unknown) => failure(error, url.pathname))
      .then((given) => send(response, given, request.method === 'HEAD'))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(parts: Parts, request: IncomingMessage, { pathname, searchParams }: URL): Promise<Answer> {
  if (pathname === '/sms') {
    if (request.method !== 'POST') throw new BadRequest(405, 'Send text messages with POST.', { Allow: 'POST' });
    const [kept] = parts.keep([readSms(request.headers['content-type'], await bodyOf(request))]);
    return json(kept, 201);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new BadRequest(405, 'Cette adresse ne fait que montrer : utilisez GET.', { Allow: 'GET, HEAD' });
  }
  return show(parts.store, pathname, searchParams);
}

function show(store: MessageStore, path: string, query: URLSearchParams): Answer {
  if (path === '/') {
    const filter = readFilter(query, PAGE_SIZE);
    const total = store.count({ ...filter, before: undefined });
    return html(inboxPage({ messages: store.list(filter), total, filter }));
  }
  if (path === '/health/live') return json({ status: 'ok' });
  if (path === '/api/messages') return json({ messages: store.list(readFilter(query, 200)) });
  const file = path.startsWith('/assets/') ? asset(path.slice('/assets/'.length)) : undefined;
  if (file) return { ...file, headers: { 'Cache-Control': 'public, max-age=3600' } };
  const [, api, id, part] = /^(\/api)?\/messages\/(\d{1,15})(?:\/(body|source))?$/.exec(path) ?? [];
  const message = id ? store.get(Number(id)) : undefined;
  if (!message) throw new BadRequest(404, 'Il n’y a rien à cette adresse : revenez à la boîte de réception.');
  if (api && !part) return json(message);
  return showMessage(store, message, part);
}

function showMessage(store: MessageStore, message: Message, part: string | undefined): Answer {
  const source = store.source(message.id);
  if (!part) return html(messagePage(message, source?.headers ?? null));
  if (part === 'body' && message.html !== null) {
    const headers = { 'Content-Security-Policy': MAIL_POLICY, 'X-Frame-Options': 'SAMEORIGIN' };
    return { ...html(mailBody(message.html)), headers };
  }
  if (part === 'source' && source) {
    const headers = { 'Content-Disposition': `attachment; filename="message-${message.id}.eml"` };
    return { type: 'message/rfc822', body: source.raw, headers };
  }
  throw new BadRequest(404, 'Ce message n’a pas cette partie : revenez à la boîte de réception.');
}

const html = (body: string): Answer => ({ type: 'text/html; charset=utf-8', body });
const json = (value: unknown, status = 200): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

/** A page for people; problem details (RFC 9457) for programs, which are those that ask the API or the gateway. */
function failure(error: unknown, path: string): Answer {
  const { status, sentence, headers } =
    error instanceof BadRequest
      ? error
      : new BadRequest(500, 'La boîte de réception a rencontré une erreur : réessayez.');
  if (path.startsWith('/api') || path === '/sms') {
    return { status, headers, type: 'application/problem+json', body: JSON.stringify({ status, title: sentence }) };
  }
  return { ...html(failurePage(sentence)), status, headers };
}

function send(
  response: ServerResponse,
  { status = 200, type, body, headers = {} }: Answer,
  withoutBody: boolean,
): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': length, ...headers });
  response.end(withoutBody ? undefined : body);
}

const LONGEST_SMS_REQUEST = 16 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_SMS_REQUEST)
      throw new BadRequest(413, 'The request is longer than 16 KiB.', { Connection: 'close' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
