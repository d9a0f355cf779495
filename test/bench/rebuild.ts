import type { EventStoreDBClient } from '@eventstore/db-client';
import type { Stores } from '#libs/commands';
import { agencyHistoryProjection } from '#projections/agency-history';
import { rebuild } from '#projections/engine';
import { countOf, median, perSecond, ratio, row, type Series } from './figures.js';

const ROUNDS = 3;

/** A rebuild of the history from all events until readers see it, beside a raw `readAll` of the same log, in turn. */
export async function benchRebuild({ db, eventStore }: Stores, raw: EventStoreDBClient): Promise<string[]> {
  const reads: Series = [];
  const rebuilds: Series = [];
  let events = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const reading = performance.now();
    reads.push(((await countOf(raw.readAll())) / (performance.now() - reading)) * 1_000);
    const building = performance.now();
    let shown = building;
    ({ events } = await rebuild(agencyHistoryProjection, {
      db,
      eventStore,
      onShown: () => (shown = performance.now()),
    }));
    rebuilds.push((events / (shown - building)) * 1_000);
  }
  return [
    `Rebuild of agency-history from ${events.toLocaleString('en')} events, median of ${ROUNDS}, in turn with the raw reads`,
    row('', 'events', 'to raw'),
    row('raw readAll', perSecond(median(reads)), ratio(1)),
    row('pli projections rebuild agency-history', perSecond(median(rebuilds)), ratio(median(rebuilds) / median(reads))),
  ];
}
