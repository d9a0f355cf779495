import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { LivePages, type LivePagesOptions } from './live-pages.js';
import { EdgeFailure } from './problem.js';

let server: Server | undefined;
let pages: LivePages;
let mark: string;
let looks: number;
const open = new Set<AbortController>();

/** A page that shows `mark`, and follows it as one of `holder`'s. */
async function serve(options: LivePagesOptions = {}): Promise<string> {
  pages = new LivePages({ every: 5, ...options });
  const app = express();
  app.get('/:holder', (request, response) => {
    const shown = { key: 'page', holder: request.params.holder, mark: async () => ((looks += 1), mark) };
    try {
      pages.follow(request, response, shown);
    } catch (error) {
      response.status(error instanceof EdgeFailure ? error.problem.status : 500).end();
    }
  });
  const started = createServer(app);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((started.address() as AddressInfo).port)}`;
}

beforeEach(() => {
  mark = '7';
  looks = 0;
});
afterEach(async () => {
  for (const controller of open) controller.abort();
  open.clear();
  pages.beforeApplicationShutdown();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
});

/** An open stream; `told` waits for its next event and answers that event's id, or undefined at its end. */
async function follow(address: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  open.add(controller);
  const response = await fetch(address, { headers, signal: controller.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  const told = async (): Promise<string | undefined> => {
    for (;;) {
      const [event, id] = /id: (.*)\nevent: changed\ndata: \1\n\n/.exec(unread) ?? [];
      if (event !== undefined) {
        unread = unread.slice(unread.indexOf(event) + event.length);
        return id;
      }
      const read = await reader?.read();
      if (!read || read.done) return undefined;
      unread += read.value;
    }
  };
  return { response, told, leave: () => controller.abort() };
}

test('an open page is told when what it shows has changed, and again when it changes again', async () => {
  const page = await follow(`${await serve()}/ana?depuis=7`);
  expect(page.response.headers.get('content-type')).toContain('text/event-stream');
  mark = '8';
  expect(await page.told()).toBe('8');
  mark = '9';
  expect(await page.told()).toBe('9');
});

test('a page that is older than what there is now is told at once, wherever it was open before', async () => {
  const address = await serve();
  expect(await (await follow(`${address}/ana?depuis=6`)).told()).toBe('7');
  expect(await (await follow(`${address}/ana?depuis=6`, { 'last-event-id': '5' })).told()).toBe('7');
  const upToDate = await follow(`${address}/ana?depuis=6`, { 'last-event-id': '7' });
  mark = '8';
  expect(await upToDate.told()).toBe('8');
});

test('pages that show the same are looked after together, and nothing is looked at for nobody', async () => {
  const address = await serve({ every: 20 });
  const all = await Promise.all(Array.from({ length: 8 }, () => follow(`${address}/ana?depuis=7`)));
  const before = looks;
  mark = '8';
  await Promise.all(all.map(({ told }) => told()));
  expect(looks - before).toBeLessThan(8);
  for (const { leave } of all) leave();
  let seen = looks;
  // Until the server has noticed that all are gone; from then on it looks no more.
  for (let rounds = 0; rounds < 50; rounds += 1) {
    await new Promise((resolve) => setTimeout(resolve, 45));
    if (looks === seen) return;
    seen = looks;
  }
  throw new Error('It goes on looking.');
});

test('a look that fails is made good by the next one', async () => {
  const page = await follow(`${await serve()}/ana?depuis=7`);
  mark = 'no\nmark';
  const seen = looks;
  while (looks < seen + 2) await new Promise((resolve) => setTimeout(resolve, 1));
  mark = '8';
  expect(await page.told()).toBe('8');
});

test('neither one person nor all together take more than their places', async () => {
  const address = await serve({ places: 3, placesOfHolder: 2 });
  const statuses = [];
  for (const holder of ['ana', 'ana', 'ana', 'bea', 'bea']) {
    statuses.push((await follow(`${address}/${holder}`)).response.status);
  }
  expect(statuses).toEqual([200, 200, 503, 200, 503]);
});

test('a connection ends after its time, so that who may not look any more does not', async () => {
  const page = await follow(`${await serve({ life: 20 })}/ana?depuis=7`);
  expect(await page.told()).toBeUndefined();
});

test('every connection ends with the process, and none begins after', async () => {
  const address = await serve();
  const page = await follow(`${address}/ana?depuis=7`);
  pages.beforeApplicationShutdown();
  expect(await page.told()).toBeUndefined();
  expect((await follow(`${address}/ana`)).response.status).toBe(503);
});
