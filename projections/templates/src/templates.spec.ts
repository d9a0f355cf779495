import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import type { EventStore, StoredEvent } from '#libs/event-store';
import {
  builtIn,
  defaultTemplate,
  kinds,
  templates as aggregate,
  templatesOfKind,
  type TemplateEvent,
} from '#libs/templates';
import { FoldedWrites, rebuild } from '#projections/engine';
import { AgencyTemplates, templatesProjection } from './index.js';

const at = '2026-01-05T08:00:00.000Z';
const agencyId = 'latour';
const base = { agencyId, kind: 'mail-refusal', at } as const;
const saved = (name: string, body = 'Texte', agency = agencyId): TemplateEvent => ({
  type: 'TemplateSaved',
  data: { ...base, agencyId: agency, name, subject: 'Objet', body },
});
const chosen = (name: string): TemplateEvent => ({ type: 'DefaultTemplateChosen', data: { ...base, name } });
const ORIGINAL = 'PLI_LRE_REFUS';

const story: Readonly<Record<string, readonly TemplateEvent[]>> = {
  'templates-latour': [
    saved('ZEBRE'),
    saved('ANCIEN'),
    saved('ANCIEN', 'Nouveau texte'),
    saved('PARTI'),
    chosen('PARTI'),
    chosen('ANCIEN'),
    { type: 'TemplateRemoved', data: { ...base, name: 'PARTI' } },
    saved(ORIGINAL, 'Le nôtre'),
    { type: 'TemplateFailed', data: { ...base, name: 'ZEBRE', reason: 'RENDERING_FAILED', letterId: 'l' } },
    {
      type: 'TrialRequested',
      data: { ...base, name: 'ZEBRE', trial: 't' },
      personal: { to: 'claire@latour.example' },
    },
  ],
  'templates-autre': [saved('ETRANGER', 'Texte', 'autre')],
};

const events = Object.entries(story).flatMap(([stream, parts], index) =>
  parts.map((event, revision) => {
    const commit = BigInt(index * 20 + revision);
    return { event, stream, position: { commit, prepare: commit } } as unknown as StoredEvent;
  }),
);

const mongo = new MongoClient(process.env['MONGODB_URL'] ?? '');
let db: Db;
let templates: AgencyTemplates;

beforeAll(async () => {
  db = mongo.db(`templates-${randomUUID().slice(0, 8)}`);
  const eventStore = {
    *subscribeInBatches() {
      yield { events, position: events.at(-1)?.position, caughtUp: true };
    },
  } as unknown as EventStore;
  await rebuild(templatesProjection, { db, eventStore });
  templates = new AgencyTemplates(db);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const refusals = async (agency: string) =>
  (await templates.list(agency)).find(({ kind }) => kind === 'mail-refusal')?.templates ?? [];

test('it is the same when each event is applied twice', () => {
  const once = new FoldedWrites();
  once.add(templatesProjection, events);
  const twice = new FoldedWrites();
  twice.add(
    templatesProjection,
    events.flatMap((event) => [event, event]),
  );
  expect([...twice.documents()]).toEqual([...once.documents()]);
});

test('an agency that has changed nothing has the built-in template of each kind', async () => {
  expect(await templates.list('nobody')).toEqual(
    kinds.map((kind) => ({ kind, templates: [{ ...builtIn(kind), isDefault: true }] })),
  );
});

test('the list has what was saved and not removed, as it is now, the built-in one first', async () => {
  expect(await refusals(agencyId)).toEqual([
    expect.objectContaining({ name: ORIGINAL, body: 'Le nôtre', isBuiltIn: true, savedAt: at, isDefault: false }),
    expect.objectContaining({
      name: 'ANCIEN',
      body: 'Nouveau texte',
      isBuiltIn: false,
      isDefault: true,
      failure: null,
    }),
    expect.objectContaining({
      name: 'ZEBRE',
      isDefault: false,
      failure: { reason: 'RENDERING_FAILED', letterId: 'l', at },
    }),
  ]);
  expect((await refusals('autre')).map(({ name }) => name)).toEqual([ORIGINAL, 'ETRANGER']);
});

test('it says the same as the aggregate', async () => {
  const state = (story['templates-latour'] ?? []).reduce(aggregate.evolve, aggregate.initial);
  expect(await refusals(agencyId)).toEqual(
    templatesOfKind(state, 'mail-refusal').map((one) => ({
      ...one,
      isDefault: one.name === defaultTemplate(state, 'mail-refusal').name,
    })),
  );
});
