import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Db } from 'mongodb';
import { OperatorConfiguration } from '#libs/configuration';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';
import { EventStore } from '#libs/event-store';
import { newKeyPair, readKey } from '#libs/keys';
import { agencyAccessProjection } from '#projections/agency-access';
import { ProjectionEngine } from '#projections/engine';
import { createOperatorApp } from './operator-app.js';

const PASSWORD = 'un mot de passe long comme le bras';
const keys = newKeyPair();
let folder: string;
let store: EventStoreServer;
let app: NestExpressApplication;
let url: string;
const stop = new AbortController();
let engine: Promise<unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-operator-spec-'));
  store = await startEventStore({ dataFolder: folder, port: 0 });
  const mongo = new URL(process.env['MONGODB_URL'] ?? '');
  mongo.pathname = `/operator-spec-${randomUUID().slice(0, 8)}`;
  const configuration = Object.assign(new OperatorConfiguration(), {
    EVENTSTORE_URL: store.connectionString,
    MONGODB_URL: mongo.href,
    PLI_MASTER_KEY: randomBytes(32).toString('base64'),
    PLI_OPERATOR_URL: 'http://127.0.0.1:7408',
    PLI_OPERATOR_PASSWORD: PASSWORD,
    PLI_KEYS_PRIVATE: keys.privateKey,
    PLI_PORT: 7408,
  });
  app = await createOperatorApp(configuration);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  const parts = { db: app.get(Db), eventStore: app.get(EventStore), projection: agencyAccessProjection };
  engine = new ProjectionEngine(parts).run(stop.signal);
});
afterAll(async () => {
  stop.abort();
  await engine;
  await app.get(Db).dropDatabase();
  await app.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const authorised = (password = PASSWORD): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`exploitant:${password}`).toString('base64')}`,
});

async function ask(path: string, fields?: Record<string, string>, headers = authorised()) {
  const init = fields ? { method: 'POST', body: new URLSearchParams(fields) } : {};
  const response = await fetch(`${url}${path}`, { ...init, headers, redirect: 'manual' });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const agency = {
  code: '9998',
  name: 'Agence Latour',
  email: 'info@latour.example',
  managerName: 'Claire Martin',
  managerEmail: 'claire@latour.example',
};

test.each(['/', '/agences', '/reactions', '/projections'])('%s asks for the operator’s password', async (path) => {
  for (const headers of [{}, authorised('faux'), { authorization: 'Basic eA==' }, { authorization: 'Bearer x' }]) {
    const answer = await ask(path, undefined, headers);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Basic')]);
    await app.get(Db).collection('attempts').deleteMany({});
  }
});

test('forms of other sites are refused, with the password, too', async () => {
  const answer = await ask('/agences', agency, { ...authorised(), 'sec-fetch-site': 'cross-site' });
  expect(answer.status).toBe(403);
});

test('wrong passwords are counted', async () => {
  for (let time = 0; time < 10; time += 1)
    expect((await ask('/agences', undefined, authorised('faux'))).status).toBe(401);
  const answer = await ask('/agences');
  expect([answer.status, Number(answer.headers.get('retry-after')) > 60]).toEqual([429, true]);
  await app.get(Db).collection('attempts').deleteMany({});
});

test('an agency is created, shown and gets its key', async () => {
  expect((await ask('/agences', { ...agency, code: '!' })).text).toContain('id="code-fault"');
  const created = await ask('/agences', agency);
  const [, agencyId = ''] = /identifiant <span class="mono">([0-9a-f-]{36})/.exec(created.text) ?? [];
  expect(created.text).toMatch(/affiché cette seule fois : <span class="mono">[\w-]{20}</);
  const again = await ask('/agences', agency);
  expect([again.status, again.text.includes('id="managerEmail-fault"')]).toEqual([422, true]);
  while (!(await ask('/agences')).text.includes(agencyId)) await new Promise((resolve) => setTimeout(resolve, 20));
  const issued = await ask('/cles', { agencyId, kind: 'activation', signatures: '50' });
  const [, key = ''] = /<p class="mono">([^<]+)</.exec(issued.text) ?? [];
  expect(readKey(keys.publicKey, key)).toMatchObject({ agencyId, kind: 'activation', signatures: 50 });
  expect((await ask('/cles', { agencyId: randomUUID(), kind: 'activation', signatures: '50' })).status).toBe(422);
});

test('read models are listed and built anew', async () => {
  const page = await ask('/projections');
  expect(page.text).toContain('agency-access');
  expect((await ask('/projections', { name: 'agency-access' })).status).toBe(303);
  expect((await ask('/projections', { name: 'nichts' })).status).toBe(404);
});

test('parked reactions are listed and handed out again', async () => {
  expect((await ask('/reactions')).text).toContain('Aucune réaction abandonnée');
  expect((await ask('/reactions', {})).headers.get('location')).toBe('/reactions?rejoue');
});
