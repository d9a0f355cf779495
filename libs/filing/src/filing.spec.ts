import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isRefusal, type CatalogueEntry, type EventBody } from '#libs/letter';
import type { FiledDocumentCommand, FiledDocumentCommandOf } from './commands.js';
import { filedDocument } from './decide.js';
import { catalogue, documentCategories, type FiledDocumentEvent, type FiledDocumentEventType } from './events.js';
import { categoryLabels, describeFiling } from './labels.js';
import { filingRefusals } from './refusals.js';
import { BrokenFilingHistory, type FiledDocument } from './state.js';

const at = '2026-01-06T08:00:00.000Z';
const print = { sha256: 'a'.repeat(64), size: 1_000, pages: 12 };
const otherPrint = { sha256: 'b'.repeat(64), size: 2_000, pages: 13 };
const place = { partyCode: '40017', category: 'lease' } as const;
const fileDocument: FiledDocumentCommandOf<'fileDocument'> = {
  type: 'fileDocument',
  agencyId: 'agency-1',
  ...place,
  file: { ...print, name: 'Bail.pdf' },
  at,
};
const replaceDocument: FiledDocumentCommandOf<'replaceDocument'> = {
  type: 'replaceDocument',
  file: { ...otherPrint, name: 'Bail signé.pdf' },
  at,
};
const removeDocument = { type: 'removeDocument', at } as const;

const filed: FiledDocumentEvent = {
  type: 'DocumentFiled',
  data: { agencyId: 'agency-1', ...place, file: print, at },
  personal: { name: 'Bail.pdf' },
};
const replaced: FiledDocumentEvent = {
  type: 'DocumentReplaced',
  data: { file: otherPrint, at },
  personal: { name: 'Bail signé.pdf' },
};
const removed: FiledDocumentEvent = { type: 'DocumentRemoved', data: { at } };

const stateAfter = (history: readonly FiledDocumentEvent[]): FiledDocument =>
  history.reduce((state: FiledDocument, event) => filedDocument.evolve(state, event), filedDocument.initial);

/** Given a history, when a command comes, then what is decided. */
const deciding = (history: readonly FiledDocumentEvent[], command: FiledDocumentCommand): unknown =>
  filedDocument.decide(stateAfter(history), command);

describe('a document', () => {
  it('is filed once, for a third party or for the agency', () => {
    expect(deciding([], fileDocument)).toEqual([filed]);
    expect(deciding([filed], fileDocument)).toEqual([]);
    expect(deciding([], { ...fileDocument, partyCode: null })).toMatchObject([{ data: { partyCode: null } }]);
  });

  it.each([
    ['another place', [filed], { category: 'insurance' }],
    ['another third party', [filed], { partyCode: null }],
    ['another file', [filed], { file: { ...otherPrint, name: 'Bail.pdf' } }],
    ['another name', [filed], { file: { ...print, name: 'Autre.pdf' } }],
    ['a file that was replaced since', [filed, replaced], {}],
    ['a file that was removed since', [filed, removed], {}],
  ] as const)('is not filed again under its id with %s', (_name, history, changes) => {
    const command = { ...fileDocument, ...changes };
    expect(deciding(history, command)).toEqual({ refused: 'DOCUMENT_ALREADY_FILED' });
  });

  it('is replaced by another file, in its place', () => {
    expect(deciding([filed], replaceDocument)).toEqual([replaced]);
    expect(deciding([filed, replaced], replaceDocument)).toEqual([]);
    expect(stateAfter([filed, replaced])).toMatchObject({ status: 'filed', ...place, name: 'Bail signé.pdf' });
    expect(deciding([filed], { ...replaceDocument, file: { ...print, name: 'Bail 2.pdf' } })).toHaveLength(1);
  });

  it('is removed, then neither replaced nor filed again', () => {
    expect(deciding([filed], removeDocument)).toEqual([removed]);
    expect(deciding([filed, removed], removeDocument)).toEqual([]);
    expect(deciding([filed, removed], replaceDocument)).toEqual({ refused: 'DOCUMENT_REMOVED' });
  });

  it.each([replaceDocument, removeDocument])('that was never filed does not take $type', (command) => {
    expect(deciding([], command)).toEqual({ refused: 'UNKNOWN_DOCUMENT' });
  });
});

test('any course of commands makes a history that folds, in which each command repeated at once changes nothing', () => {
  const file = fc.constantFrom({ ...print, name: 'Bail.pdf' }, { ...otherPrint, name: 'Bail signé.pdf' });
  const category = fc.constantFrom(...documentCategories);
  const command: fc.Arbitrary<FiledDocumentCommand> = fc.oneof(
    fc.record({ file, category }).map((changes): FiledDocumentCommand => ({ ...fileDocument, ...changes })),
    file.map((next): FiledDocumentCommand => ({ ...replaceDocument, file: next })),
    fc.constant(removeDocument),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 15 }), (course) => {
      const events: FiledDocumentEvent[] = [];
      for (const next of course) {
        const decision = filedDocument.decide(stateAfter(events), next);
        if (isRefusal(decision)) continue;
        events.push(...decision);
        expect(filedDocument.decide(stateAfter(events), next)).toEqual([]);
      }
      expect(events.filter(({ type }) => type === 'DocumentFiled').length).toBeLessThanOrEqual(1);
    }),
  );
});

test('people read eleven categories in the order of the manual, and a line for each event', () => {
  expect(documentCategories.map((category) => categoryLabels[category])).toEqual(
    'Assurance Avis Bail Charges Correspondances Départ Encaissement Historique Relance Révision Test'.split(' '),
  );
  expect([filed, replaced, removed].map(describeFiling)).toEqual([
    'Document classé : Bail.pdf',
    'Fichier remplacé : Bail signé.pdf',
    'Document retiré',
  ]);
});

describe('its history', () => {
  it('forgets the name once the key is destroyed', () => {
    const erased = [filed, replaced].map(({ type, data }) => ({ type, data }) as FiledDocumentEvent);
    expect(stateAfter(erased)).toMatchObject({ name: null, file: otherPrint });
    expect(erased.map(describeFiling)).toEqual(['Document classé', 'Fichier remplacé']);
  });

  it.each([
    ['a replacement of nothing', [replaced]],
    ['a second filing', [filed, filed]],
    ['a removal after a removal', [filed, removed, removed]],
    ['an event of somebody else', [filed, { type: 'Franked', data: {} } as unknown as FiledDocumentEvent]],
  ] as [string, FiledDocumentEvent[]][])('is not folded with %s', (_name, history) => {
    expect(() => stateAfter(history)).toThrow(BrokenFilingHistory);
  });

  const lives: Readonly<Record<FiledDocumentEventType, readonly FiledDocumentEvent[]>> = {
    DocumentFiled: [filed],
    DocumentReplaced: [filed, replaced],
    DocumentRemoved: [filed, removed],
  };
  const released = (Object.keys(catalogue) as FiledDocumentEventType[]).flatMap((type) =>
    Array.from({ length: catalogue[type].schema }, (_, index) => [type, index + 1] as const),
  );

  it.each(released)('reads %s as it was stored under schema %i', (type, version) => {
    const url = new URL(`./fixtures/${type}.${version}.json`, import.meta.url);
    const { schema, ...stored } = JSON.parse(readFileSync(url, 'utf8')) as { type: string; schema: number } & EventBody;
    expect([stored.type, schema]).toEqual([type, version]);
    const { schema: current, upcast }: CatalogueEntry = catalogue[type];
    let body: EventBody = stored;
    for (let from = version; from < current; from += 1) body = upcast[from]?.(body) ?? body;
    const read = { ...body, type } as unknown as FiledDocumentEvent;
    const decided = lives[type].at(-1);
    // Whoever changes the fields of an event gives it a new schema.
    expect(Object.keys(read.data).toSorted()).toEqual(Object.keys(decided?.data ?? {}).toSorted());
    expect(Object.keys(read.personal ?? {})).toEqual(Object.keys(decided?.personal ?? {}));
    expect(stateAfter([...lives[type].slice(0, -1), read])).toMatchObject({ agencyId: 'agency-1' });
  });
});

test.each(Object.entries(filingRefusals))(
  '%s says what to do in a French sentence, and to programs a 4xx',
  (_code, { sentence, status }) => {
    expect(sentence).toMatch(/^\p{Lu}.+ : .+\.$/u);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  },
);
