import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isRefusal, type CatalogueEntry, type EventBody } from '#libs/letter';
import type { ReminderCommand, ReminderCommandOf } from './commands.js';
import { reminder } from './decide.js';
import type { ReminderEvent, ReminderEventType } from './events.js';
import { reminderCatalogue } from './events.js';
import { describeReminderEvent } from './labels.js';
import { reminderRefusals } from './refusals.js';
import { BrokenReminderHistory, type Reminder } from './state.js';

const at = '2026-11-02T08:00:00.000Z';
const print = { sha256: 'a'.repeat(64), size: 12_345, pages: 2 };
const pdf = { ...print, name: 'Relance.pdf' };
const receive: ReminderCommandOf<'receiveReminder'> = {
  type: 'receiveReminder',
  agencyId: 'agency-1',
  lineId: '2026-11/40017',
  list: 'unpaid',
  level: 'registered',
  partyCode: '40017',
  dossier: '001',
  data: { montantDu: '687.50', periode: 'octobre 2026' },
  at,
};
const withdraw = { type: 'withdrawReminder', at } as const;
const reinstate = { type: 'reinstateReminder', at } as const;
const markSent = { type: 'markSent', campaignId: 'campaign-1', letterId: 'letter-1', at } as const;
const release = { type: 'releaseReminder', letterId: 'letter-1', at } as const;

const standing = { level: 'registered', partyCode: '40017', dossier: '001', document: null, at } as const;
const received: ReminderEvent = {
  type: 'ReminderReceived',
  data: { agencyId: 'agency-1', lineId: '2026-11/40017', list: 'unpaid', ...standing },
  personal: { data: receive.data },
};
const receivedWithPdf: ReminderEvent = {
  ...received,
  data: { ...received.data, document: print },
  personal: { data: receive.data, documentName: 'Relance.pdf' },
};
const withdrawn: ReminderEvent = { type: 'ReminderWithdrawn', data: { at } };
const reinstated: ReminderEvent = { type: 'ReminderReinstated', data: { at } };
const sent: ReminderEvent = { type: 'ReminderSent', data: { campaignId: 'campaign-1', letterId: 'letter-1', at } };
const released: ReminderEvent = { type: 'ReminderReleased', data: { letterId: 'letter-1', at } };

const stateAfter = (history: readonly ReminderEvent[]): Reminder =>
  history.reduce((state: Reminder, event) => reminder.evolve(state, event), reminder.initial);

/** Given a history, when a command comes, then what is decided. */
const deciding = (history: readonly ReminderEvent[], command: ReminderCommand): unknown =>
  reminder.decide(stateAfter(history), command);

describe('a reminder line', () => {
  it('is received once: the same again is nothing new', () => {
    expect(deciding([], receive)).toEqual([received]);
    expect(deciding([received], receive)).toEqual([]);
    expect(deciding([received], { ...receive, data: { periode: 'octobre 2026', montantDu: '687.50' } })).toEqual([]);
  });

  it.each([
    { level: 'bailiff' },
    { partyCode: '40018' },
    { dossier: '002' },
    { data: { montantDu: '687.51', periode: 'octobre 2026' } },
    { data: { montantDu: '687.50' } },
    { data: { ...receive.data, frais: '12.00' } },
  ] as const)('is corrected by %j while it is open', (change) => {
    const { data, ...changed } = { data: receive.data, ...change };
    expect(deciding([received], { ...receive, ...change })).toEqual([
      { type: 'ReminderCorrected', data: { ...standing, ...changed }, personal: { data } },
    ]);
  });

  it('stays in its list', () => {
    expect(deciding([received], { ...receive, list: 'insurance' })).toEqual({ refused: 'REMINDER_IN_OTHER_LIST' });
  });

  it('keeps its document unless it is told another one, or none', () => {
    expect(deciding([], { ...receive, document: pdf })).toEqual([receivedWithPdf]);
    expect(deciding([receivedWithPdf], receive)).toEqual([]);
    expect(deciding([receivedWithPdf], { ...receive, document: { ...pdf, name: 'Autre nom.pdf' } })).toEqual([]);
    expect(deciding([receivedWithPdf], { ...receive, dossier: '002' })).toMatchObject([
      { data: { document: print }, personal: { documentName: 'Relance.pdf' } },
    ]);
    expect(deciding([receivedWithPdf], { ...receive, document: { ...pdf, sha256: 'b'.repeat(64) } })).toMatchObject([
      { type: 'ReminderCorrected', data: { document: { sha256: 'b'.repeat(64) } } },
    ]);
    const without = deciding([receivedWithPdf], { ...receive, document: null });
    expect(without).toEqual([{ type: 'ReminderCorrected', data: standing, personal: { data: receive.data } }]);
  });

  it.each([withdraw, reinstate, markSent, release])('must exist before anything else: $type', (command) => {
    expect(deciding([], command)).toEqual({ refused: 'UNKNOWN_REMINDER' });
  });

  it('is withdrawn and reinstated, and not corrected or sent in between', () => {
    expect(deciding([received], withdraw)).toEqual([withdrawn]);
    expect(deciding([received, withdrawn], withdraw)).toEqual([]);
    expect(deciding([received, withdrawn], receive)).toEqual([]);
    expect(deciding([received, withdrawn], { ...receive, dossier: '002' })).toEqual({ refused: 'REMINDER_WITHDRAWN' });
    expect(deciding([received, withdrawn], markSent)).toEqual({ refused: 'REMINDER_WITHDRAWN' });
    expect(deciding([received, withdrawn], reinstate)).toEqual([reinstated]);
    expect(deciding([received], reinstate)).toEqual([]);
  });

  it('is sent once, as one letter', () => {
    expect(deciding([received], markSent)).toEqual([sent]);
    expect(deciding([received, sent], markSent)).toEqual([]);
    expect(deciding([received, sent], { ...markSent, letterId: 'letter-2' })).toEqual({ refused: 'REMINDER_SENT' });
    expect(deciding([received, sent], { ...receive, dossier: '002' })).toEqual({ refused: 'REMINDER_SENT' });
    expect(deciding([received, sent], receive)).toEqual([]);
    expect(deciding([received, sent], withdraw)).toEqual({ refused: 'REMINDER_SENT' });
    expect(deciding([received, sent], reinstate)).toEqual({ refused: 'REMINDER_SENT' });
  });

  it('may be sent again when its letter was not submitted after all', () => {
    expect(deciding([received, sent], release)).toEqual([released]);
    expect(deciding([received, sent, released], release)).toEqual([]);
    expect(deciding([received, sent], { ...release, letterId: 'letter-2' })).toEqual({ refused: 'REMINDER_NOT_SENT' });
    expect(deciding([received, withdrawn], release)).toEqual({ refused: 'REMINDER_NOT_SENT' });
    expect(deciding([received, sent, released], { ...markSent, letterId: 'letter-2' })).toMatchObject([
      { type: 'ReminderSent', data: { letterId: 'letter-2' } },
    ]);
  });
});

describe('any course of commands', () => {
  const command: fc.Arbitrary<ReminderCommand> = fc.oneof(
    fc
      .record({ dossier: fc.constantFrom('001', '002'), document: fc.constantFrom(undefined, null, pdf) })
      .map(({ dossier, document }): ReminderCommand => ({
        ...receive,
        dossier,
        ...(document === undefined ? {} : { document }),
      })),
    fc.constantFrom('letter-1', 'letter-2').map((letterId): ReminderCommand => ({ ...markSent, letterId })),
    fc.constantFrom('letter-1', 'letter-2').map((letterId): ReminderCommand => ({ ...release, letterId })),
    fc.constantFrom(withdraw, reinstate),
  );

  it('makes a history that folds, in which each command repeated at once changes nothing and no two letters go out', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (course) => {
        const events: ReminderEvent[] = [];
        for (const next of course) {
          const decision = reminder.decide(stateAfter(events), next);
          if (isRefusal(decision)) continue;
          events.push(...decision);
          expect(reminder.decide(stateAfter(events), next)).toEqual([]);
        }
        const open = events.reduce(
          (count, { type }) => count + (type === 'ReminderSent' ? 1 : type === 'ReminderReleased' ? -1 : 0),
          0,
        );
        expect(open).toBe(stateAfter(events).status === 'sent' ? 1 : 0);
      }),
    );
  });
});

describe('its history', () => {
  it('forgets the person, not that the line was sent, once the key is destroyed', () => {
    const erased = [receivedWithPdf, sent].map(({ type, data }) => ({ type, data }) as ReminderEvent);
    expect(stateAfter(erased)).toMatchObject({
      status: 'sent',
      data: 'erased',
      document: { sha256: print.sha256, name: null },
    });
  });

  it.each([
    ['a correction of nothing', [{ type: 'ReminderCorrected', data: standing }]],
    ['a second reception', [received, received]],
    ['a correction after sending', [received, sent, { type: 'ReminderCorrected', data: standing }]],
    ['a withdrawal after sending', [received, sent, withdrawn]],
    ['two letters', [received, sent, sent]],
    ['the end of what did not begin', [received, released]],
    ['an event of somebody else', [received, { type: 'Franked', data: {} } as unknown as ReminderEvent]],
  ] as [string, ReminderEvent[]][])('is not folded with %s', (_name, history) => {
    expect(() => stateAfter(history)).toThrow(BrokenReminderHistory);
  });

  const corrected: ReminderEvent = {
    type: 'ReminderCorrected',
    data: { ...standing, document: print },
    personal: { data: receive.data, documentName: 'Relance.pdf' },
  };
  const lives: Readonly<Record<ReminderEventType, readonly ReminderEvent[]>> = {
    ReminderReceived: [received],
    ReminderCorrected: [received, corrected],
    ReminderWithdrawn: [received, withdrawn],
    ReminderReinstated: [received, withdrawn, reinstated],
    ReminderSent: [received, sent],
    ReminderReleased: [received, sent, released],
  };
  const stored = (Object.keys(reminderCatalogue) as ReminderEventType[]).flatMap((type) =>
    Array.from({ length: reminderCatalogue[type].schema }, (_, index) => [type, index + 1] as const),
  );

  it.each(stored)('reads %s as it was stored under schema %i', (type, version) => {
    const url = new URL(`./fixtures/${type}.${version}.json`, import.meta.url);
    const { schema, ...kept } = JSON.parse(readFileSync(url, 'utf8')) as { type: string; schema: number } & EventBody;
    expect([kept.type, schema]).toEqual([type, version]);
    const { schema: current, upcast }: CatalogueEntry = reminderCatalogue[type];
    let body: EventBody = kept;
    for (let from = version; from < current; from += 1) body = upcast[from]?.(body) ?? body;
    const read = { ...body, type } as unknown as ReminderEvent;
    const decided = lives[type].at(-1);
    // Whoever changes the fields of an event gives it a new schema.
    expect(Object.keys(read.data).toSorted()).toEqual(Object.keys(decided?.data ?? {}).toSorted());
    expect(Object.keys(read.personal ?? {})).toEqual(Object.keys(decided?.personal ?? {}));
    expect(stateAfter([...lives[type].slice(0, -1), read])).toMatchObject({ partyCode: '40017' });
    expect(describeReminderEvent(read)).toMatch(/^\p{Lu}/u);
  });
});

describe('each refusal', () => {
  it.each(Object.entries(reminderRefusals))(
    '%s says what to do in a French sentence, and to programs a 4xx',
    (_code, meaning) => {
      expect(meaning.sentence).toMatch(/^\p{Lu}.+ : .+\.$/u);
      expect(meaning.status).toBeGreaterThanOrEqual(400);
      expect(meaning.status).toBeLessThan(500);
    },
  );
});
