import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, persistentSubscriptionToAllSettingsFromDefaults } from '@eventstore/db-client';
import { Controller, Injectable, Module } from '@nestjs/common';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { EMPTY, of, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { EventStore, EventStoreTransportOptions, StoredEvent } from './index.js';
import { EventContext, EventStoreTransport, EventStoreUnavailable, HandlerFailureFilter } from './index.js';
import type { LetterboxEvent } from './spec/letterbox.js';
import { because, catalogue, empty, letterbox, put } from './spec/letterbox.js';
import { Stores } from './spec/stores.js';

type PutEvent = StoredEvent<LetterboxEvent & { type: 'Put' }>;

/** What the spec watches and directs. */
@Injectable()
class Desk {
  readonly handled: string[] = [];
  readonly alsoHandled: string[] = [];
  readonly carried: string[] = [];
  readonly tries: number[] = [];
  atWork = 0;
  mostAtWork = 0;
  /** Letters that fail, and how often they still do. */
  readonly failing = new Map<string, number>();
  readonly alsoFailing = new Map<string, number>();
  /** When set, handlers wait for it. */
  gate: Promise<void> = Promise.resolve();
}

const mustFail = (failing: Map<string, number>, letter: string): boolean => {
  const times = failing.get(letter) ?? 0;
  failing.set(letter, times - 1);
  return times > 0;
};

@Controller()
class Clerk {
  constructor(private readonly desk: Desk) {}

  @EventPattern<'Put'>('Put')
  async take(@Payload() { event }: PutEvent, @Ctx() context: EventContext): Promise<void> {
    const { desk } = this;
    desk.atWork += 1;
    desk.mostAtWork = Math.max(desk.mostAtWork, desk.atWork);
    await desk.gate;
    await new Promise((resolve) => setTimeout(resolve, 5));
    desk.atWork -= 1;
    desk.tries.push(context.retries);
    if (mustFail(desk.failing, event.data.letter)) throw new Error(`no stamp on ${event.data.letter}`);
    desk.handled.push(`${event.data.letter} ${event.personal?.from ?? '-'}`);
  }

  @EventPattern<'Emptied'>('Emptied')
  emptied(): Observable<never> {
    this.desk.handled.push('emptied');
    return EMPTY;
  }

  @MessagePattern('Put')
  never(): string {
    this.desk.handled.push('a message handler was called');
    return '';
  }
}

/** Another one for the same event, which answers with observables. */
@Controller()
class Archivist {
  constructor(private readonly desk: Desk) {}

  @EventPattern<'Put'>('Put')
  file(@Payload() { event }: PutEvent): Observable<string> {
    if (mustFail(this.desk.alsoFailing, event.data.letter)) return throwError(() => new Error('archive is full'));
    this.desk.alsoHandled.push(event.data.letter);
    return of('filed', 'indexed');
  }
}

/** Does what a group of its own is for. */
@Controller()
class Courier {
  constructor(private readonly desk: Desk) {}

  @EventPattern<'Put'>('Put', { group: 'couriers' })
  carry(@Payload() { event }: PutEvent): void {
    this.desk.carried.push(event.data.letter);
  }
}

@Module({ controllers: [Clerk, Archivist, Courier], providers: [Desk] })
class Office {}

let stores: Stores;
let eventStore: EventStore;
let desk: Desk;
let group: string;
let name: string;
const offices: INestMicroservice[] = [];

beforeEach(async () => {
  stores = await Stores.start();
  eventStore = stores.connect([catalogue]);
  group = `clerks-${randomUUID().slice(0, 8)}`;
  name = `letterbox-${randomUUID().slice(0, 8)}`;
});
afterEach(async () => {
  await Promise.all(offices.splice(0).map((office) => office.close()));
  await stores.close();
});

type Options = Partial<EventStoreTransportOptions>;

const transport = (options: Options = {}): EventStoreTransport =>
  new EventStoreTransport({
    eventStore: stores.connect([catalogue]),
    group,
    prefixes: [name],
    concurrency: 4,
    maxRetries: 3,
    retryDelay: () => 20,
    ...options,
  });

async function open(options: Options = {}, strategy = transport(options)): Promise<INestMicroservice> {
  const office = await NestFactory.createMicroservice(Office, { strategy, logger: false });
  office.useGlobalFilters(new HandlerFailureFilter());
  desk = office.get(Desk);
  await office.listen();
  offices.push(office);
  return office;
}

const send = (letter: string, from?: string): Promise<unknown> =>
  eventStore.execute(letterbox, `${name}-${letter}`, put(letter, from), because());

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('what the spec waits for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The parked events of the group, as an operator finds them. */
async function parked(): Promise<{ reason: string }[]> {
  const client = EventStoreDBClient.connectionString(stores.connectionString);
  const found: { reason: string }[] = [];
  try {
    for await (const { event } of client.readStream(`$persistentsubscription-$all::${group}-parked`)) {
      if (event) found.push(event.metadata as { reason: string });
    }
  } catch {
    return [];
  } finally {
    await client.dispose();
  }
  return found;
}

describe('a handler', () => {
  it('gets what was before it, what comes, and the personal part', async () => {
    await send('a', 'Mme Véron');
    await open();
    await send('b');
    await until(() => desk.handled.length === 2);
    expect([...desk.handled].sort()).toEqual(['a Mme Véron', 'b -']);
  });

  it('gets nothing from other streams, and nothing twice when all goes well', async () => {
    await open();
    await eventStore.execute(letterbox, `other-${name}`, put('other'), because());
    for (const letter of ['a', 'b', 'c', 'd']) await send(letter);
    await until(() => desk.handled.length === 4);
    await offices.pop()?.close();
    await open();
    await send('e');
    await until(() => desk.handled.length > 0);
    expect(desk.handled).toEqual(['e -']);
  });

  it('may answer with an observable, also an empty one', async () => {
    await open();
    await send('a');
    await eventStore.execute(letterbox, `${name}-a`, empty, because());
    await until(() => desk.handled.length === 2);
    await until(() => desk.alsoHandled.length === 1);
    expect(await parked()).toEqual([]);
  });

  it('is one of a bounded number at work', async () => {
    let release = (): void => undefined;
    await open({ concurrency: 2 });
    desk.gate = new Promise((resolve) => (release = resolve));
    for (let n = 0; n < 9; n += 1) await send(`${n}`);
    await until(() => desk.atWork === 2);
    release();
    await until(() => desk.handled.length === 9);
    expect(desk.mostAtWork).toBe(2);
  });

  it('for messages is never called', async () => {
    await open();
    await send('a');
    await until(() => desk.handled.length > 0);
    expect(desk.handled).toEqual(['a -']);
  });
});

describe('an event whose handler fails', () => {
  it('is tried again after a pause', async () => {
    const retries: number[] = [];
    await open({ retryDelay: (retry) => (retries.push(retry), 10) });
    desk.failing.set('a', 2);
    await send('a');
    await until(() => desk.handled.length === 1);
    expect(desk.tries).toEqual([0, 1, 2]);
    expect(retries).toEqual([0, 1]);
    expect(await parked()).toEqual([]);
  });

  it('is parked with the reason after its retries, and holds up nothing else', async () => {
    await open({ maxRetries: 2 });
    desk.failing.set('a', 100);
    await send('a');
    await send('b');
    await until(async () => (await parked()).length > 0);
    expect(desk.tries.filter((retry) => retry > 0)).toEqual([1, 2]);
    const [{ reason } = { reason: '' }] = await parked();
    expect(reason).toContain('no stamp on a');
    expect(desk.handled).toEqual(['b -']);
  });

  it('is handled when the operator replays it', async () => {
    await open({ maxRetries: 0 });
    desk.failing.set('a', 1);
    await send('a');
    await until(async () => (await parked()).length > 0);
    const client = EventStoreDBClient.connectionString(stores.connectionString);
    await client.replayParkedMessagesToAll(group);
    await until(() => desk.handled.length === 1);
    await client.dispose();
    expect(desk.handled).toEqual(['a -']);
  });

  it('is tried again when only one of two handlers failed, and the other gets it again', async () => {
    await open();
    desk.alsoFailing.set('a', 1);
    await send('a');
    await until(() => desk.alsoHandled.length === 1 && desk.handled.length === 2);
    expect(desk.handled).toEqual(['a -', 'a -']);
  });

  it('that this version cannot read is parked, too', async () => {
    const newer = stores.connect([{ ...catalogue, Put: { schema: 2, upcast: { 1: (older) => older } } }]);
    await newer.execute(letterbox, `${name}-a`, put('a'), because());
    await open({ maxRetries: 0 });
    await until(async () => (await parked()).length > 0);
    expect((await parked())[0]?.reason).toContain('Put has schema 2');
  });
});

describe('a consumer group', () => {
  it('shares the work between processes', async () => {
    await open();
    const first = desk;
    await open();
    const second = desk;
    for (let n = 0; n < 20; n += 1) await send(`${n}`);
    await until(() => first.handled.length + second.handled.length === 20);
    expect(first.handled.length).toBeGreaterThan(0);
    expect(second.handled.length).toBeGreaterThan(0);
  });

  it('is used as it is when somebody made it before', async () => {
    const client = EventStoreDBClient.connectionString(stores.connectionString);
    await client.createPersistentSubscriptionToAll(
      group,
      persistentSubscriptionToAllSettingsFromDefaults({ startFrom: 'start' }),
    );
    await client.dispose();
    await open();
    await send('a');
    await until(() => desk.handled.length === 1);
  });

  it('may be gone: it is made again and told from the start', async () => {
    await open();
    await send('a');
    await until(() => desk.handled.length === 1);
    const client = EventStoreDBClient.connectionString(stores.connectionString);
    await client.deletePersistentSubscriptionToAll(group);
    await client.dispose();
    await send('b');
    await until(() => desk.handled.includes('b -'));
  });
});

describe('a dedicated group', () => {
  it('calls the handlers that name it, and no others; the other groups call the rest', async () => {
    await open();
    const rest = desk;
    await open({ group: 'couriers', dedicated: true });
    await send('a');
    await until(() => desk.carried.length === 1 && rest.handled.length === 1);
    expect(desk.handled).toEqual([]);
    expect(rest.carried).toEqual([]);
  });
});

describe('a transport after another one', () => {
  it('handles nothing while that one is at work', async () => {
    let release = (): void => undefined;
    const urgent = transport();
    await open({}, urgent);
    const first = desk;
    first.gate = new Promise((resolve) => (release = resolve));
    await send('a');
    await until(() => first.atWork === 1);
    await open({ group: 'couriers', dedicated: true, after: urgent });
    await send('b');
    await until(() => first.atWork === 2);
    expect(desk.carried).toEqual([]);
    release();
    await until(() => desk.carried.length === 2);
  });
});

describe('closing', () => {
  it('waits for the handlers at work and acknowledges what they did', async () => {
    let release = (): void => undefined;
    const office = await open();
    desk.gate = new Promise((resolve) => (release = resolve));
    await send('a');
    await until(() => desk.atWork === 1);
    const closed = office.close();
    offices.pop();
    await send('b');
    await new Promise((resolve) => setTimeout(resolve, 300));
    release();
    await closed;
    expect(desk.handled).toEqual(['a -']);
    await open();
    await until(() => desk.handled.length > 0);
    expect(desk.handled).toEqual(['b -']);
  });

  it('does not wait for a pause before a retry', async () => {
    const office = await open({ retryDelay: () => 25_000 });
    desk.failing.set('a', 1);
    await send('a');
    await until(() => desk.tries.length === 1);
    offices.pop();
    const from = performance.now();
    await office.close();
    expect(performance.now() - from).toBeLessThan(20_000);
    await open();
    await until(() => desk.handled.length === 1);
  });
});

describe('when the store goes away', () => {
  it('and comes back, handling goes on; nothing is lost', async () => {
    await open();
    await send('a');
    await until(() => desk.handled.length === 1);
    await stores.stopServer();
    await stores.startServer();
    for (const letter of ['b', 'c']) await resend(letter);
    await until(() => ['a -', 'b -', 'c -'].every((letter) => desk.handled.includes(letter)));
  });

  it('in the middle of handling, the event comes again', async () => {
    let release = (): void => undefined;
    await open();
    desk.gate = new Promise((resolve) => (release = resolve));
    await send('a');
    await until(() => desk.atWork === 1);
    await stores.stopServer();
    release();
    await until(() => desk.handled.length === 1);
    await stores.startServer();
    await until(() => desk.handled.length === 2);
    expect(desk.handled).toEqual(['a -', 'a -']);
  });

  it('before the process starts, it waits for it', async () => {
    await send('a');
    await stores.stopServer();
    await open();
    await stores.startServer();
    await until(() => desk.handled.length === 1);
  });
});

/** The same command until the store is back. */
async function resend(letter: string): Promise<void> {
  const context = because();
  for (;;) {
    try {
      await eventStore.execute(letterbox, `${name}-${letter}`, put(letter), context);
      return;
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
