import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { v7 as uuidv7 } from 'uuid';
import { Clock, readConfiguration, StoresConfiguration } from '#libs/configuration';
import { credit, type CreditEvent, type CreditKey } from '#libs/credit';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';
import type { CommandContext } from '#libs/event-store';
import { CommandCredit, CommandsModule, EnterKey, Stores } from './index.js';

class SetClock extends Clock {
  at = '2026-11-24T12:00:00.000Z';
  now(): string {
    return this.at;
  }
}

/** As many processes as compete: each has its own connections and its own memory. */
const PROCESSES = 3;

const clock = new SetClock();
let folder: string;
let server: EventStoreServer;
let processes: INestApplicationContext[];
let agencyId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-spec-'));
  server = await startEventStore({ dataFolder: folder, port: 0 });
  const mongodb = new URL(process.env['MONGODB_URL'] ?? '');
  mongodb.pathname = `/spec-${randomUUID().slice(0, 8)}`;
  const configuration = readConfiguration(StoresConfiguration, {
    EVENTSTORE_URL: server.connectionString,
    MONGODB_URL: mongodb.href,
    PLI_MASTER_KEY: randomBytes(32).toString('base64'),
  });
  const start = () =>
    NestFactory.createApplicationContext(CommandsModule.over(configuration, clock), { logger: false });
  processes = await Promise.all(Array.from({ length: PROCESSES }, start));
  await Promise.all(processes.map((each) => each.init()));
});
afterAll(async () => {
  await processes[0]?.get(Stores).db.dropDatabase();
  await Promise.all(processes.map((each) => each.close()));
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  agencyId = uuidv7();
  clock.at = '2026-11-24T12:00:00.000Z';
});

const because = (commandId = randomUUID()): CommandContext => ({
  commandId,
  correlationId: commandId,
  causationId: commandId,
  actor: 'user:spec',
});
const keyOf = (changes: Partial<CreditKey> = {}): CreditKey => ({
  serial: randomBytes(8).toString('hex'),
  kind: 'activation',
  agencyId,
  signatures: 10,
  ...changes,
});

/** In one of the processes; answers `entered`, or the code of the refusal. */
const enter = (key: CreditKey, process = 0, context = because(), agency = agencyId): Promise<string> =>
  bus(process)
    .execute(new EnterKey(agency, key, context))
    .then(
      () => 'entered',
      (error: unknown) => (error as { code: string }).code,
    );

function bus(process: number): CommandBus {
  const context = processes[process % PROCESSES];
  if (!context) throw new TypeError('There is no process.');
  return context.get(CommandBus);
}

const eventStore = () => bus(0) && (processes[0] as INestApplicationContext).get(Stores).eventStore;
const account = async (agency = agencyId) => {
  const { events } = await eventStore().load<CreditEvent>(`credit-${agency}`);
  return events.reduce((state, { event }) => credit.evolve(state, event), credit.initial);
};

describe('a key', () => {
  test('activates, then recharges', async () => {
    expect(await enter(keyOf())).toBe('entered');
    expect(await enter(keyOf({ kind: 'recharge', signatures: 5 }))).toBe('entered');
    expect(await account()).toMatchObject({ active: true, issued: 15, remaining: 15 });
  });

  test('works once', async () => {
    const key = keyOf();
    expect([await enter(key), await enter(key), await enter(key, 1)]).toEqual(['entered', 'KEY_USED', 'KEY_USED']);
    expect(await account()).toMatchObject({ issued: 10 });
  });

  test('is answered as entered again to the request that entered it', async () => {
    const key = keyOf();
    const context = because();
    expect([await enter(key, 0, context), await enter(key, 1, context)]).toEqual(['entered', 'entered']);
    expect(await account()).toMatchObject({ issued: 10 });
  });

  test('of another agency is refused, and stays good for its own', async () => {
    const key = keyOf();
    const other = uuidv7();
    expect(await enter(key, 0, because(), other)).toBe('KEY_OF_ANOTHER_AGENCY');
    expect([await account(other), await account()]).toMatchObject([{ issued: 0 }, { issued: 0 }]);
    expect(await enter(key)).toBe('entered');
  });

  test('that recharges is refused before the activation, and stays good', async () => {
    const key = keyOf({ kind: 'recharge' });
    expect(await enter(key)).toBe('NOT_ACTIVATED');
    expect(await enter(keyOf({ signatures: 1 }))).toBe('entered');
    expect(await enter(key)).toBe('entered');
  });

  test('recharges an account that is empty', async () => {
    await enter(keyOf({ signatures: 1 }));
    const at = clock.now();
    await bus(0).execute(new CommandCredit(agencyId, { type: 'reserve', letterId: uuidv7(), at }, because()));
    expect(await enter(keyOf({ kind: 'recharge' }))).toBe('entered');
    expect(await account()).toMatchObject({ remaining: 10, reserved: 1 });
  });

  test('may be entered until its last day ends in Paris', async () => {
    const key = keyOf({ expiresOn: '2026-11-24' });
    clock.at = '2026-11-24T23:00:00.000Z';
    expect(await enter(key)).toBe('KEY_EXPIRED');
    expect(await account()).toMatchObject({ issued: 0 });
    clock.at = '2026-11-24T22:59:59.999Z';
    expect(await enter(key)).toBe('entered');
  });

  test('that was claimed by somebody who died before the account was credited is credited on the next try, once', async () => {
    const key = keyOf({ expiresOn: '2026-11-24' });
    const claim = { type: 'KeyClaimed', data: { agencyId } };
    expect(await eventStore().reserve(`key-${key.serial}`, claim, because())).toBe(true);
    // It was claimed in time.
    clock.at = '2026-12-24T12:00:00.000Z';
    const tries = await Promise.all(Array.from({ length: 6 }, (_, process) => enter(key, process)));
    expect(tries.toSorted()).toEqual([...Array<string>(5).fill('KEY_USED'), 'entered'].toSorted());
    expect(await account()).toMatchObject({ issued: 10, serials: [key.serial] });
  });

  test('whose serial another agency has claimed is used', async () => {
    const key = keyOf();
    const claim = { type: 'KeyClaimed', data: { agencyId: uuidv7() } };
    await eventStore().reserve(`key-${key.serial}`, claim, because());
    expect(await enter(key)).toBe('KEY_USED');
    expect(await account()).toMatchObject({ issued: 0 });
  });
});

describe('at the same instant', () => {
  test('a key is entered once, from however many tabs, processes and agencies', async () => {
    const other = uuidv7();
    for (let round = 1; round <= 5; round += 1) {
      const key = keyOf();
      const own = Array.from({ length: 9 }, (_, process) => enter(key, process));
      const foreign = Array.from({ length: 3 }, (_, process) => enter(key, process, because(), other));
      const answers = await Promise.all(own);
      expect(answers.filter((answer) => answer === 'entered')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'KEY_USED')).toHaveLength(8);
      expect(new Set(await Promise.all(foreign))).toEqual(new Set(['KEY_OF_ANOTHER_AGENCY']));
      expect(await account()).toMatchObject({ issued: 10 * round });
    }
    expect(await account(other)).toMatchObject({ issued: 0 });
  });

  test('more letters than signatures reserve as many as there are, and no more', async () => {
    await enter(keyOf({ signatures: 20 }));
    const at = clock.now();
    const reserve = (process: number): Promise<string> =>
      bus(process)
        .execute(new CommandCredit(agencyId, { type: 'reserve', letterId: uuidv7(), at }, because()))
        .then(
          () => 'reserved',
          (error: unknown) => (error as { code: string }).code,
        );
    const answers = await Promise.all(Array.from({ length: 60 }, (_, process) => reserve(process)));
    expect(answers.filter((answer) => answer === 'reserved')).toHaveLength(20);
    expect(answers.filter((answer) => answer === 'NO_SIGNATURE_LEFT')).toHaveLength(40);
    expect(await account()).toMatchObject({ issued: 20, remaining: 0, reserved: 20 });
  });
});
