/**
 * pdf-lib mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import { CommandLetter } from '#libs/commands';
import { Deadlines, DueLetters, type Round } from './deadlines.js';
import { Press } from './press.js';
import { eventually } from './spec/eventually.js';
import { pdf, World } from './spec/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
  const worker = await world.startWorker({ deadlineInterval: 3_600_000 });
  jest.spyOn(worker.get(Press), 'acknowledgement').mockResolvedValue(await pdf());
  jest.spyOn(worker.get(Press), 'proof').mockResolvedValue(await pdf());
});
afterAll(() => world.close());
beforeEach(() => (world.clock.shift = 0));

const part = <Part>(type: abstract new (...args: never[]) => Part): Part => {
  if (!world.worker) throw new Error('The worker does not run.');
  return world.worker.get(type);
};

/** A letter that waits for its recipient, and that the read model knows. */
async function notified(): Promise<{ letterId: string; windowEndsAt: string }> {
  const email = `${randomUUID().slice(0, 8)}@exemple.example`;
  const letterId = await world.submit({ recipient: { name: 'ROSE Armance', email } });
  const { windowEndsAt } = (await world.event(letterId, 'Notified')).event.data;
  await eventually('the deadline to be known', async () => {
    const due = await part(DueLetters).due(windowEndsAt, 1_000);
    return due.some((letter) => letter.letterId === letterId) || undefined;
  });
  return { letterId, windowEndsAt };
}

/** Puts the worker's clock to an instant and runs the deadlines until the read model has nothing more to say. */
async function runAt(instant: string): Promise<Round> {
  world.clock.shift = Date.parse(instant) - Date.now();
  return part(Deadlines).run();
}

const before = (instant: string, milliseconds: number): string =>
  new Date(Date.parse(instant) - milliseconds).toISOString();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test('a letter is flagged five days before its end, expires at its end, and each is told to the agency once', async () => {
  const { letterId, windowEndsAt } = await notified();
  expect(await runAt(before(windowEndsAt, 6 * DAY + 2 * 60 * MINUTE))).toEqual({ expired: 0, alerted: 0, failed: 0 });
  expect(await runAt(before(windowEndsAt, 4 * DAY))).toEqual({ expired: 0, alerted: 1, failed: 0 });
  await world.told(letterId, 'alert');
  await world.told(letterId, 'notice-reminder');
  expect(await runAt(before(windowEndsAt, MINUTE))).toMatchObject({ expired: 0 });
  expect(await runAt(before(windowEndsAt, -MINUTE))).toMatchObject({ expired: 1, failed: 0 });
  await world.told(letterId, 'expiry');
  expect(await runAt(before(windowEndsAt, -MINUTE))).toMatchObject({ expired: 0, failed: 0 });
  const story = ['Submitted', 'Deposited', 'Notified', 'AlertRaised', 'Informed', 'Informed', 'Expired', 'Informed'];
  expect(await world.story(letterId)).toEqual(story);
  expect((await world.event(letterId, 'Expired')).metadata.actor).toBe('worker');
});

test('a letter that was answered does not expire', async () => {
  const { letterId, windowEndsAt } = await notified();
  await world.command(letterId, { type: 'refuse', at: new Date().toISOString(), session: 'a' });
  expect(await runAt(before(windowEndsAt, -MINUTE))).toMatchObject({ expired: 0, failed: 0 });
  expect(await world.story(letterId)).not.toContain('Expired');
});

test('a letter that fails stops no other, and is tried again in the next round', async () => {
  const [failing, healthy] = [await notified(), await notified()];
  const bus = part(CommandBus);
  const execute = bus.execute.bind(bus);
  const broken = jest.spyOn(bus, 'execute').mockImplementation(async (command: unknown) => {
    const isFailing = command instanceof CommandLetter && command.letterId === failing.letterId;
    if (isFailing && command.command.type === 'expire') throw new Error('the store is full');
    return execute(command as CommandLetter);
  });
  expect(await runAt(before(failing.windowEndsAt, -MINUTE))).toMatchObject({ failed: 1, expired: 1 });
  expect(await world.story(healthy.letterId)).toContain('Expired');
  expect(await world.story(failing.letterId)).not.toContain('Expired');
  broken.mockRestore();
  expect(await runAt(before(failing.windowEndsAt, -MINUTE))).toMatchObject({ failed: 0 });
  expect(await world.story(failing.letterId)).toContain('Expired');
});

test('who asks for a round during a round gets that one', async () => {
  const deadlines = part(Deadlines);
  const rounds = [deadlines.run(), deadlines.run()];
  expect(rounds[1]).toBe(rounds[0]);
  await Promise.all(rounds);
});

test('rounds follow each other at the interval, and end with the worker', async () => {
  await world.stopWorker();
  const worker = await world.startWorker({ deadlineInterval: 10 });
  const due = jest.spyOn(worker.get(DueLetters), 'due');
  await eventually('three rounds', () => due.mock.calls.length >= 3 || undefined);
  await world.stopWorker();
  const rounds = due.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(due.mock.calls).toHaveLength(rounds);
});
