import type { EventStoreDBClient } from '@eventstore/db-client';
import type { Stores } from '#libs/commands';
import { agencyHistoryProjection } from '#projections/agency-history';
import { rebuild } from '#projections/engine';
import { countOf, median, perSecond, ratio, row, type Series } from './figures.js';

const ROUNDS = 3;

/** A rebuild of the history from all events beside a raw `readAll` of the same log, in turn, three times each. */
export async function benchRebuild({ db, eventStore }: Stores, raw: EventStoreDBClient): Promise<string[]> {
  const reads: Series = [];
  const rebuilds: Series = [];
  let events = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    reads.push(await perSecondOf(() => countOf(raw.readAll())));
    rebuilds.push(
      await perSecondOf(async () => {
        ({ events } = await rebuild(agencyHistoryProjection, { db, eventStore }));
        return events;
      }),
    );
  }
  return [
    `Rebuild of agency-history from ${events.toLocaleString('en')} events, median of ${ROUNDS}, in turn with the raw reads`,
    row('', 'events', 'to raw'),
    row('raw readAll', perSecond(median(reads)), ratio(1)),
    row('pli projections rebuild agency-history', perSecond(median(rebuilds)), ratio(median(rebuilds) / median(reads))),
  ];
}

async function perSecondOf(work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const events = await work();
  return (events / (performance.now() - started)) * 1_000;
}
