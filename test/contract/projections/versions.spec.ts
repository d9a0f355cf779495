import { readdirSync, readFileSync } from 'node:fs';
import { catalogue as campaignEvents } from '#libs/campaign';
import { catalogue as creditEvents } from '#libs/credit';
import { catalogue as agencyEvents } from '#libs/directory';
import type { StoredEvent } from '#libs/event-store';
import { catalogue as filingEvents } from '#libs/filing';
import { catalogue as letterEvents, type CatalogueEntry, type EventBody } from '#libs/letter';
import { reminderCatalogue as reminderEvents } from '#libs/reminders';
import { proofCatalogue } from '#libs/proof';
import { templateCatalogue } from '#libs/templates';
import { projections } from '#projections/all';

/** The events that a domain library keeps of every schema ever released, as readers get them. */
function released(library: string, stream: string, catalogue: Readonly<Record<string, CatalogueEntry>>): StoredEvent[] {
  const folder = new URL(`../../../libs/${library}/src/fixtures/`, import.meta.url);
  return readdirSync(folder)
    .toSorted()
    .map((file) => {
      const stored = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Stored;
      const { schema: current = 1, upcast = {} } = catalogue[stored.type] ?? {};
      let body: EventBody = { data: stored.data, ...(stored.personal && { personal: stored.personal }) };
      for (let from = stored.schema; from < current; from += 1) body = upcast[from]?.(body) ?? body;
      return { id: file, event: { type: stored.type, ...body }, stream, revision: 0n } as unknown as StoredEvent;
    });
}
type Stored = EventBody & { readonly type: string; readonly schema: number };

const events = [
  ...released('letter', 'letter-1', letterEvents),
  ...released('directory', 'agency-1', agencyEvents),
  ...released('credit', 'credit-1', creditEvents),
  ...released('campaign', 'campaign-1', campaignEvents),
  ...released('reminders', 'reminder-1', reminderEvents),
  ...released('filing', 'filed-agency-1-1', filingEvents),
  ...released('templates', 'templates-1', templateCatalogue),
  ...released('proof', 'evidence-1', proofCatalogue),
];

// A snapshot belongs to a version: whoever changes what a projection writes, or its indexes, raises its `version`, and this
// writes a new one. With the old version the collections that exist would stay as they are, and nobody would notice.
test.each(projections)('$name writes and indexes what its version has always written and indexed', (projection) => {
  const { version, prefixes, indexes } = projection;
  const writes = events
    .filter(
      ({ stream, event }) => prefixes.some((prefix) => stream.startsWith(prefix)) && projection.types.has(event.type),
    )
    .map((stored) => [stored.id, projection.project(stored)]);
  expect({ prefixes, indexes, writes: Object.fromEntries(writes) }).toMatchSnapshot(`version ${String(version)}`);
});
