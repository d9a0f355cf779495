import {
  eventTypeFilter,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import type { LinkEvent, PersistentSubscriptionToStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { collect, event, eventually, failureOf, newStream, Received, useStore } from './store-under-test.js';

/** A category or an event type that nobody else uses; without a `-`, which would end a category. */
const newName = (prefix: string) => `${prefix}${randomUUID().replaceAll('-', '')}`;

describe('the streams of the system projections', () => {
  const store = useStore(true);
  const read = (stream: string, resolveLinkTos = true) =>
    collect(store.client.readStream(stream, { resolveLinkTos })).catch((): ResolvedEvent[] => []);
  const readWhenThere = (stream: string, count: number, resolveLinkTos = true) =>
    eventually(
      () => read(stream, resolveLinkTos),
      (found) => found.length >= count,
    );

  beforeAll(async () => {
    for (const name of ['$streams', '$stream_by_category', '$by_category', '$by_event_type', '$by_correlation_id']) {
      await store.client.enableProjection(name);
    }
  });

  test('$ce- leads to the events of a category, in their order', async () => {
    const category = newName('category');
    for (let n = 0; n < 6; n++) await store.client.appendToStream(`${category}-${n % 2}-x`, event('A', n));
    await store.client.appendToStream(`${category}other-1`, event('A', 7));
    const found = await readWhenThere(`$ce-${category}`, 6);
    expect(found.map(({ event: e }) => (e?.data as { n: number }).n)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(found.map(({ link }) => link?.streamId)).toEqual(Array.from({ length: 6 }, () => `$ce-${category}`));
    expect(found.map(({ link }) => Number(link?.revision))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('$et- leads to the events of a type, each by a link that names its cause', async () => {
    const type = newName('Type');
    const stream = newStream();
    const written = [event(type), event(newName('Other')), event(type)];
    await store.client.appendToStream(stream, written);
    const resolved = await readWhenThere(`$et-${type}`, 2);
    expect(resolved.map(({ event: e }) => e?.id)).toEqual([written[0]?.id, written[2]?.id]);
    const links = await collect(store.client.readStream<LinkEvent>(`$et-${type}`));
    expect(links[1]?.event).toMatchObject({ type: '$>', metadata: { $causedBy: written[2]?.id } });
    expect(Buffer.from(links[1]?.event?.data ?? []).toString()).toBe(`2@${stream}`);
    expect(links[1]?.link).toBeUndefined();
  });

  test('$bc- leads to the events of a correlation, $category- to streams, $streams to first events', async () => {
    const category = newName('category');
    const correlation = randomUUID();
    const stream = `${category}-1`;
    const correlated = jsonEvent({ type: 'A', data: {}, metadata: { $correlationId: correlation } });
    await store.client.appendToStream(stream, [event('A'), correlated, event('A')]);
    const [found] = await readWhenThere(`$bc-${correlation}`, 1);
    expect(found?.event).toMatchObject({ streamId: stream, revision: 1n });
    const [reference] = await readWhenThere(`$category-${category}`, 1, false);
    expect(reference?.event).toMatchObject({ type: '$@' });
    expect(Buffer.from(reference?.event?.data as Uint8Array).toString()).toBe(stream);
    const streams = await eventually(
      () => read('$streams'),
      (all) => all.some(({ event: e }) => e?.streamId === stream),
    );
    expect(streams.filter(({ event: e }) => e?.streamId === stream)).toHaveLength(1);
  });

  test('give each event once, however many writers there are', async () => {
    const category = newName('category');
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 40; n++)
        await store.client.appendToStream(`${category}-${writer}`, event('A', writer * 40 + n));
    });
    await Promise.all(writers);
    const found = await readWhenThere(`$ce-${category}`, 320);
    const numbers = found.map(({ event: e }) => (e?.data as { n: number }).n);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 320 }, (_, n) => n));
  });

  test('can be subscribed to, and go on live', async () => {
    const category = newName('category');
    await store.client.appendToStream(`${category}-1`, event('Before'));
    const subscription = store.client.subscribeToStream(`$ce-${category}`, { resolveLinkTos: true });
    const received = new Received<ResolvedEvent>(subscription);
    await received.count(1);
    await store.client.appendToStream(`${category}-2`, event('Live'));
    const items = await received.count(2);
    expect(items.map(({ event: e, link }) => [e?.type, e?.streamId, link?.streamId])).toEqual([
      ['Before', `${category}-1`, `$ce-${category}`],
      ['Live', `${category}-2`, `$ce-${category}`],
    ]);
    await subscription.unsubscribe();
  });

  test('show in $all as links, which can be resolved there, too', async () => {
    const type = newName('Type');
    const { position } = await store.client.appendToStream(newStream(), event(type));
    const subscription = store.client.subscribeToAll({ fromPosition: position ?? START, resolveLinkTos: true });
    const received = new Received<ResolvedEvent>(subscription);
    const own = () => received.items.find(({ link }) => link?.streamId === `$et-${type}`);
    await received.until(() => own() !== undefined);
    expect(own()?.event).toMatchObject({ type });
    await subscription.unsubscribe();
    // A filter looks at the link, not at where it leads.
    const filtered = store.client.subscribeToAll({
      resolveLinkTos: true,
      filter: eventTypeFilter({ prefixes: [type] }),
    });
    const original = await new Received<ResolvedEvent>(filtered).count(1);
    expect(original[0]?.link).toBeUndefined();
    await filtered.unsubscribe();
  });

  test('can be consumed by a persistent subscription', async () => {
    const type = newName('Type');
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, resolveLinkTos: true });
    await store.client.createPersistentSubscriptionToStream(`$et-${type}`, 'group', settings);
    const subscription = store.client.subscribeToPersistentSubscriptionToStream(`$et-${type}`, 'group');
    const received = new Received<PersistentSubscriptionToStreamResolvedEvent>(subscription);
    subscription.on('data', (message) => void subscription.ack(message));
    const written = Array.from({ length: 20 }, (_, n) => event(type, n));
    await store.client.appendToStream(newStream(), written);
    const items = await received.count(20);
    expect(items.map(({ event: e }) => e?.id)).toEqual(written.map(({ id }) => id));
    await subscription.unsubscribe();
  });

  test('lead to nothing once the event is deleted, and say that it was', async () => {
    const category = newName('category');
    await store.client.appendToStream(`${category}-1`, event('A'));
    await store.client.deleteStream(`${category}-1`);
    const [gone, deletion] = await readWhenThere(`$ce-${category}`, 2);
    expect(gone).toMatchObject({ link: { type: '$>' } });
    expect(gone?.event).toBeUndefined();
    expect(Buffer.from(deletion?.link?.data ?? []).toString()).toBe(`0@$$${category}-1`);
    expect(deletion?.link?.metadata).toMatchObject({ $o: `${category}-1`, $deleted: -1 });
  });

  test('stand still while their projection is disabled, and go on where it was', async () => {
    const type = newName('Type');
    await store.client.disableProjection('$by_event_type');
    await eventually(
      () => store.client.getProjectionStatus('$by_event_type'),
      ({ status }) => status.startsWith('Stopped'),
    );
    const category = newName('category');
    await store.client.appendToStream(`${category}-1`, event(type));
    await readWhenThere(`$ce-${category}`, 1);
    expect(await read(`$et-${type}`)).toEqual([]);
    await store.client.enableProjection('$by_event_type');
    expect(await readWhenThere(`$et-${type}`, 1)).toHaveLength(1);
  });

  test('have projections that are listed; there are no others', async () => {
    const names = (await store.client.listProjections()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['$by_category', '$by_event_type', '$streams']));
    expect(await failureOf(store.client.enableProjection(newName('missing')))).toMatchObject({ code: 5 });
  });
});
