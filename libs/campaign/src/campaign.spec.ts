import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { CatalogueEntry, EventBody } from '#libs/letter';
import { isRefusal } from '#libs/letter';
import type { CampaignCommand, CampaignCommandOf, LetterToList } from './commands.js';
import { campaign, countsOf, LETTERS_PER_LISTING, MOST_FILES, MOST_LINES } from './decide.js';
import { catalogue, type CampaignEvent, type CampaignEventType, type LetterResult } from './events.js';
import { campaignRefusals } from './refusals.js';
import { BrokenCampaignHistory, type Campaign, type CampaignIn } from './state.js';

const at = '2026-01-05T08:00:00.000Z';
const terms = {
  otp: false,
  retentionDays: 15,
  alertDays: 5,
  templates: { 'mail-signature': 'KRIER_LRE_SIGN' },
} as const;
const draft = { type: 'draft', agencyId: 'agency-1', list: 'unpaid', lines: ['L1', 'L2', 'L3'], at } as const;
const chooseSettings: CampaignCommandOf<'chooseSettings'> = {
  type: 'chooseSettings',
  ...terms,
  agencyEmail: 'info@latour.example',
  professionalsOnly: false,
  at,
};
const chooseCategory: CampaignCommandOf<'chooseCategory'> = {
  type: 'chooseCategory',
  choice: { category: 'lease', whenMissing: 'leave-out' },
  at,
};
const attachFile = {
  type: 'attachFile',
  sha256: 'a'.repeat(64),
  size: 1_000,
  pages: 2,
  name: 'Règlement.pdf',
  at,
} as const;
const letterOf = (row: number, changes: Partial<LetterToList> = {}): LetterToList => ({
  row,
  lineId: `L${row + 1}`,
  partyCode: `4000${row}`,
  partyKind: 'tenant',
  dossier: '001',
  professional: false,
  person: { name: `DESTINATAIRE ${row}`, email: `destinataire.${row}@exemple.example` },
  ...changes,
});
const listing = 'b'.repeat(64);
const list: CampaignCommandOf<'list'> = {
  type: 'list',
  listing,
  letters: [letterOf(0), letterOf(1), letterOf(2)],
  at,
};
const start = { type: 'start', listing, agencyCode: '9998', senderName: 'Agence Latour', at } as const;
const submitted = (row: number): LetterResult => ({
  row,
  outcome: 'submitted',
  letterId: `letter-${row}`,
  reference: `LRE_9998_001_${row}`,
});
const failed = (row: number): LetterResult => ({ row, outcome: 'failed', reason: 'NO_SIGNATURE_LEFT' });
const settle = (...results: LetterResult[]): CampaignCommand => ({ type: 'settle', results, at });

const drafted: CampaignEvent = {
  type: 'CampaignDrafted',
  data: { agencyId: 'agency-1', list: 'unpaid', lines: ['L1', 'L2', 'L3'], at },
};
const settingsChosen: CampaignEvent = {
  type: 'CampaignSettingsChosen',
  data: { ...terms, at },
  personal: { agencyEmail: 'info@latour.example' },
};
const categoryChosen: CampaignEvent = {
  type: 'CampaignCategoryChosen',
  data: { choice: { category: 'lease', whenMissing: 'leave-out' }, at },
};
const fileAttached: CampaignEvent = {
  type: 'CampaignFileAttached',
  data: { sha256: 'a'.repeat(64), size: 1_000, pages: 2, at },
  personal: { name: 'Règlement.pdf' },
};
const fileRemoved: CampaignEvent = { type: 'CampaignFileRemoved', data: { sha256: 'a'.repeat(64), at } };
const selectionChanged: CampaignEvent = {
  type: 'CampaignSelectionChanged',
  data: { ticked: [], unticked: [1], at },
};
const listed = (...letters: readonly LetterToList[]): CampaignEvent => ({
  type: 'CampaignLettersListed',
  data: { listing, letters: letters.map(({ person: _person, ...letter }) => letter), at },
  personal: { people: letters.map(({ person }) => person) },
});
const allListed = listed(letterOf(0), letterOf(1), letterOf(2));
const started: CampaignEvent = {
  type: 'CampaignStarted',
  data: { agencyCode: '9998', letters: 3, at },
  personal: { senderName: 'Agence Latour' },
};
const settled = (...results: LetterResult[]): CampaignEvent => ({
  type: 'CampaignLettersSettled',
  data: { results, at },
});
const finished: CampaignEvent = { type: 'CampaignFinished', data: { submitted: 2, failed: 1, skipped: 0, at } };
const abandoned: CampaignEvent = { type: 'CampaignAbandoned', data: { at } };

const prepared = [drafted, settingsChosen];
const running = [...prepared, allListed, started];
const over = [...running, settled(submitted(0), submitted(1), failed(2)), finished];

const stateAfter = (history: readonly CampaignEvent[]): Campaign =>
  history.reduce((state: Campaign, event) => campaign.evolve(state, event), campaign.initial);

const given = (...history: readonly CampaignEvent[]) => ({
  when: (command: CampaignCommand) => {
    const decision = campaign.decide(stateAfter(history), command);
    return {
      then: (...events: readonly CampaignEvent[]) => expect(decision).toEqual(events),
      thenNothing: () => expect(decision).toEqual([]),
      thenRefused: (code: keyof typeof campaignRefusals) => expect(decision).toEqual({ refused: code }),
    };
  },
});

describe('a draft', () => {
  it('is over the ticked lines, each once', () => {
    given()
      .when({ ...draft, lines: ['L1', 'L2', 'L1', 'L3'] })
      .then(drafted);
    given(drafted).when(draft).thenNothing();
    given(...over)
      .when(draft)
      .thenNothing();
    given(drafted)
      .when({ ...draft, lines: ['L1'] })
      .thenRefused('CAMPAIGN_ALREADY_DRAFTED');
    given(drafted)
      .when({ ...draft, agencyId: 'agency-2' })
      .thenRefused('CAMPAIGN_ALREADY_DRAFTED');
  });

  it('has lines, and not too many', () => {
    const lines = Array.from({ length: MOST_LINES + 1 }, (_, index) => `L${index}`);
    given()
      .when({ ...draft, lines: [] })
      .thenRefused('NO_LINE');
    given()
      .when({ ...draft, lines })
      .thenRefused('TOO_MANY_LINES');
    expect(campaign.decide(campaign.initial, { ...draft, lines: lines.slice(1) })).toMatchObject([
      { type: 'CampaignDrafted' },
    ]);
  });

  it.each([chooseSettings, chooseCategory, attachFile, list, start, settle(), { type: 'abandon', at }] as const)(
    'must exist before anything else: %p',
    (command) => {
      given().when(command).thenRefused('UNKNOWN_CAMPAIGN');
    },
  );

  it('is given up once', () => {
    given(drafted).when({ type: 'abandon', at }).then(abandoned);
    given(drafted, abandoned).when({ type: 'abandon', at }).thenNothing();
    given(drafted, abandoned).when(chooseSettings).thenRefused('CAMPAIGN_ABANDONED');
    given(drafted, abandoned).when(start).thenRefused('CAMPAIGN_ABANDONED');
    given(...running)
      .when({ type: 'abandon', at })
      .thenRefused('CAMPAIGN_STARTED');
  });
});

describe('its settings', () => {
  it('are chosen, and the same ones again change nothing', () => {
    given(drafted).when(chooseSettings).then(settingsChosen);
    given(...prepared)
      .when(chooseSettings)
      .thenNothing();
  });

  it.each([
    { otp: true },
    { retentionDays: 30 },
    { alertDays: 4 },
    { agencyEmail: 'autre@latour.example' },
    { templates: {} },
    { templates: { ...terms.templates, 'mail-expiry': 'KRIER_LRE_DELAIS' } },
  ])('have changed with %j', (changes) => {
    expect(campaign.decide(stateAfter(prepared), { ...chooseSettings, ...changes })).toMatchObject([
      { type: 'CampaignSettingsChosen' },
    ]);
  });

  it.each([0, 366, 15.5, Number.NaN])('have no retention of %p days', (retentionDays) => {
    given(drafted)
      .when({ ...chooseSettings, retentionDays })
      .thenRefused('RETENTION_OUT_OF_RANGE');
  });

  it.each([-1, 15, 1.5, Number.NaN])('have no alert %p days before the end of fifteen', (alertDays) => {
    given(drafted)
      .when({ ...chooseSettings, alertDays })
      .thenRefused('ALERT_OUT_OF_RANGE');
  });

  it('leave a non-professional his fifteen days', () => {
    const short = { ...chooseSettings, retentionDays: 14 };
    given(drafted).when(short).thenRefused('RETENTION_TOO_SHORT');
    expect(campaign.decide(stateAfter([drafted]), { ...short, professionalsOnly: true })).toHaveLength(1);
  });

  it('are judged again by who is really written to', () => {
    const short = [drafted, { ...settingsChosen, data: { ...terms, retentionDays: 14, at } } as CampaignEvent];
    const professional = (row: number): LetterToList => letterOf(row, { professional: true });
    given(...short, listed(professional(0), professional(1), letterOf(2)))
      .when(start)
      .thenRefused('RETENTION_TOO_SHORT');
    given(...short, listed(professional(0), professional(1), professional(2)))
      .when(start)
      .then(started);
    given(...short, listed(professional(0), professional(1), letterOf(2, { obstacle: 'CONSENT_MISSING' })))
      .when(start)
      .then(started, settled({ row: 2, outcome: 'skipped', reason: 'CONSENT_MISSING' }));
  });
});

describe('its attachments', () => {
  it('are a category, or none', () => {
    given(drafted).when(chooseCategory).then(categoryChosen);
    given(drafted, categoryChosen).when(chooseCategory).thenNothing();
    given(drafted)
      .when({ ...chooseCategory, choice: null })
      .thenNothing();
    given(drafted, categoryChosen)
      .when({ ...chooseCategory, choice: null })
      .then({ type: 'CampaignCategoryChosen', data: { choice: null, at } });
  });

  it('are files, each once, up to eight', () => {
    given(drafted).when(attachFile).then(fileAttached);
    given(drafted, fileAttached).when(attachFile).thenNothing();
    given(drafted, fileAttached).when({ type: 'removeFile', sha256: attachFile.sha256, at }).then(fileRemoved);
    given(drafted, fileAttached, fileRemoved).when({ type: 'removeFile', sha256: attachFile.sha256, at }).thenNothing();
    const full = Array.from({ length: MOST_FILES }, (_, index): CampaignEvent => ({
      ...fileAttached,
      type: 'CampaignFileAttached',
      data: { sha256: String(index).repeat(64), size: 1, pages: 1, at },
    }));
    given(drafted, ...full)
      .when(attachFile)
      .thenRefused('TOO_MANY_FILES');
  });
});

describe('its rows', () => {
  it('are unticked and ticked; what does not exist does not count', () => {
    given(drafted)
      .when({ type: 'select', ticked: [0], unticked: [1, 1, 3, -1, 0.5], at })
      .then(selectionChanged);
    given(drafted, selectionChanged)
      .when({ type: 'select', ticked: [], unticked: [1], at })
      .thenNothing();
    given(drafted, selectionChanged)
      .when({ type: 'select', ticked: [1], unticked: [1], at })
      .then({ type: 'CampaignSelectionChanged', data: { ticked: [1], unticked: [], at } });
  });

  it('are listed part by part, a part once', () => {
    given(...prepared)
      .when(list)
      .then(allListed);
    given(...prepared, allListed)
      .when(list)
      .thenNothing();
    given(...prepared, listed(letterOf(0)))
      .when(list)
      .then(listed(letterOf(1), letterOf(2)));
  });

  it('fit in one append, a part of them, whatever their names', () => {
    const long = (length: number): string => '漢'.repeat(length);
    const print = { documentId: 'd'.repeat(36), sha256: 'a'.repeat(64), size: 26_214_400, pages: 1_000 };
    const person = {
      civility: long(30),
      name: long(120),
      email: 'e'.repeat(254),
      mobile: '+33612345678',
      filedName: long(150),
    };
    const letters = Array.from({ length: LETTERS_PER_LISTING }, (_, row) =>
      letterOf(row, { lineId: long(100), partyCode: long(30), dossier: 'd'.repeat(20), filed: print, person }),
    );
    const lines = Array.from({ length: MOST_LINES }, (_, row) => `L${String(row)}`);
    const big = stateAfter([{ ...drafted, data: { ...drafted.data, lines } }]);
    const decision = campaign.decide(big, { ...list, letters });
    const [event] = isRefusal(decision) ? [] : decision;
    // The personal part is encrypted and in base64: a third longer.
    const stored =
      JSON.stringify(event?.data).length * 3 + (Buffer.byteLength(JSON.stringify(event?.personal)) * 4) / 3;
    expect(stored).toBeLessThan(1024 * 1024);
  });
});

describe('the start', () => {
  it('sends what is listed', () => {
    given(...prepared, allListed)
      .when(start)
      .then(started);
    given(...running)
      .when(start)
      .thenNothing();
    given(...running)
      .when(list)
      .thenNothing();
    given(...over)
      .when(start)
      .thenNothing();
  });

  it('leaves out what is unticked, and skips what cannot be sent', () => {
    given(...prepared, selectionChanged, listed(letterOf(0), letterOf(2, { obstacle: 'CONSENT_MISSING' })))
      .when(start)
      .then(
        { ...started, data: { agencyCode: '9998', letters: 2, at } },
        settled({ row: 2, outcome: 'skipped', reason: 'CONSENT_MISSING' }),
      );
  });

  it('needs settings, a whole listing of what is chosen now, and somebody to write to', () => {
    given(drafted, allListed).when(start).thenRefused('SETTINGS_MISSING');
    given(...prepared)
      .when(start)
      .thenRefused('LISTING_OUTDATED');
    given(...prepared, listed(letterOf(0), letterOf(1)))
      .when(start)
      .thenRefused('LISTING_OUTDATED');
    given(...prepared, allListed)
      .when({ ...start, listing: 'c'.repeat(64) })
      .thenRefused('LISTING_OUTDATED');
    for (const change of [categoryChosen, fileAttached, fileRemoved, settingsChosen]) {
      given(...prepared, allListed, change)
        .when(start)
        .thenRefused('LISTING_OUTDATED');
    }
    const obstacle = 'CONSENT_MISSING';
    given(...prepared, listed(...[0, 1, 2].map((row) => letterOf(row, { obstacle }))))
      .when(start)
      .thenRefused('NOTHING_TO_SEND');
  });

  it.each([chooseSettings, chooseCategory, attachFile, { type: 'select', ticked: [], unticked: [0], at }] as const)(
    'is the end of the draft: %p',
    (command) => {
      given(...running)
        .when(command)
        .thenRefused('CAMPAIGN_STARTED');
    },
  );
});

describe('the results', () => {
  it('are told once for each letter; the last one ends the campaign', () => {
    given(...running)
      .when(settle(submitted(0), submitted(1)))
      .then(settled(submitted(0), submitted(1)));
    given(...running, settled(submitted(0), submitted(1)))
      .when(settle(submitted(1), failed(0), failed(2), failed(2)))
      .then(settled(failed(2)), finished);
    given(...over)
      .when(settle(submitted(2)))
      .thenNothing();
  });

  it('are none of letters that are not sent', () => {
    given(...running)
      .when(settle(submitted(3)))
      .thenNothing();
    given(...prepared)
      .when(settle(submitted(0)))
      .thenRefused('CAMPAIGN_NOT_STARTED');
    given(drafted, abandoned)
      .when(settle(submitted(0)))
      .thenRefused('CAMPAIGN_NOT_STARTED');
  });
});

describe('any course of runners', () => {
  const LETTERS = 6;
  const lines = Array.from({ length: LETTERS }, (_, row) => `L${row}`);
  const letters = lines.map((_line, row) => letterOf(row));
  const begun: readonly CampaignEvent[] = [
    { ...drafted, data: { ...drafted.data, lines } },
    settingsChosen,
    listed(...letters),
    { ...started, data: { agencyCode: '9998', letters: LETTERS, at } },
  ];
  const row = fc.integer({ min: 0, max: LETTERS });
  const result = fc.oneof(row.map(submitted), row.map(failed));
  /** What runners tell: repeated after a crash, twice at the same time, contradicting each other. */
  const course = fc.array(fc.array(result, { maxLength: 4 }), { maxLength: 30 });

  it('gives each letter exactly one result, the first one told, and finishes when all have one', () => {
    fc.assert(
      fc.property(course, (told) => {
        let state = stateAfter(begun);
        const first = new Map<number, LetterResult>();
        const events: CampaignEvent[] = [];
        for (const results of told) {
          for (const each of results) if (each.row < LETTERS && !first.has(each.row)) first.set(each.row, each);
          const decision = campaign.decide(state, settle(...results));
          if (isRefusal(decision)) throw new Error(decision.refused);
          state = decision.reduce((folded, event) => campaign.evolve(folded, event), state);
          events.push(...decision);
          expect(campaign.decide(state, settle(...results))).toEqual([]);
        }
        const sent = state as CampaignIn<'running' | 'finished'>;
        expect(new Map(sent.results)).toEqual(first);
        expect(sent.status).toBe(first.size === LETTERS ? 'finished' : 'running');
        expect(events.filter(({ type }) => type === 'CampaignFinished')).toHaveLength(first.size === LETTERS ? 1 : 0);
        if (sent.status === 'finished') expect(sent.counts).toEqual(countsOf(first.values()));
      }),
    );
  });
});

describe('any course of commands', () => {
  const rows = fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 });
  const command: fc.Arbitrary<CampaignCommand> = fc.oneof(
    fc.constantFrom<CampaignCommand>(draft, chooseSettings, chooseCategory, attachFile, list, start, {
      type: 'abandon',
      at,
    }),
    fc.constantFrom<CampaignCommand>(
      { ...draft, lines: ['L1'] },
      { ...chooseSettings, otp: true },
      { ...chooseCategory, choice: null },
      { type: 'removeFile', sha256: attachFile.sha256, at },
      { ...list, letters: [letterOf(1, { obstacle: 'CONSENT_MISSING' })] },
      { ...list, listing: 'c'.repeat(64) },
      { ...start, listing: 'c'.repeat(64) },
    ),
    fc.tuple(rows, rows).map(([ticked, unticked]): CampaignCommand => ({ type: 'select', ticked, unticked, at })),
    fc
      .array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
      .map((settledRows): CampaignCommand => settle(...settledRows.map(submitted))),
  );

  it('makes a history that folds, in which each command repeated at once changes nothing', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (asked) => {
        const events: CampaignEvent[] = [];
        for (const next of asked) {
          const decision = campaign.decide(stateAfter(events), next);
          if (isRefusal(decision)) continue;
          events.push(...decision);
          expect(campaign.decide(stateAfter(events), next)).toEqual([]);
        }
        stateAfter(events);
      }),
      { numRuns: 300 },
    );
  });
});

describe('its history', () => {
  it('forgets people, not what happened, once the key is destroyed', () => {
    const erased = [...running, settled(submitted(0))].map(({ type, data }) => ({ type, data }) as CampaignEvent);
    const state = stateAfter(erased) as CampaignIn<'running'>;
    expect(state).toMatchObject({ senderName: null, settings: { agencyEmail: null } });
    expect(state.letters.get(1)).toMatchObject({ partyCode: '40001', person: null });
    expect(state.results.get(0)).toEqual(submitted(0));
  });

  it.each([
    ['settings of nothing', [settingsChosen]],
    ['a second draft', [drafted, drafted]],
    ['a start without settings', [drafted, allListed, started]],
    ['a start with more letters than are listed', [...prepared, listed(letterOf(0)), started]],
    ['results before the start', [...prepared, settled(submitted(0))]],
    ['two results of one letter', [...running, settled(submitted(0)), settled(failed(0))]],
    ['a result of no letter', [...running, settled(submitted(7))]],
    ['an end before the last result', [...running, finished]],
    ['anything after the end', [...over, abandoned]],
    ['an event of somebody else', [drafted, { type: 'Franked', data: {} } as unknown as CampaignEvent]],
  ] as [string, CampaignEvent[]][])('is not folded with %s', (_name, history) => {
    expect(() => stateAfter(history)).toThrow(BrokenCampaignHistory);
  });

  const lives: Readonly<Record<CampaignEventType, readonly CampaignEvent[]>> = {
    CampaignDrafted: [drafted],
    CampaignSettingsChosen: [drafted, settingsChosen],
    CampaignCategoryChosen: [drafted, categoryChosen],
    CampaignFileAttached: [drafted, fileAttached],
    CampaignFileRemoved: [drafted, fileAttached, fileRemoved],
    CampaignSelectionChanged: [drafted, selectionChanged],
    CampaignLettersListed: [...prepared, allListed],
    CampaignStarted: running,
    CampaignLettersSettled: [...running, settled(submitted(0), submitted(1), failed(2))],
    CampaignFinished: over,
    CampaignAbandoned: [drafted, abandoned],
  };
  const released = (Object.keys(catalogue) as CampaignEventType[]).flatMap((type) =>
    Array.from({ length: catalogue[type].schema }, (_, index) => [type, index + 1] as const),
  );

  it.each(released)('reads %s as it was stored under schema %i', (type, version) => {
    const url = new URL(`./fixtures/${type}.${version}.json`, import.meta.url);
    const { schema, ...stored } = JSON.parse(readFileSync(url, 'utf8')) as { type: string; schema: number } & EventBody;
    expect([stored.type, schema]).toEqual([type, version]);
    const { schema: current, upcast }: CatalogueEntry = catalogue[type];
    let body: EventBody = stored;
    for (let from = version; from < current; from += 1) body = upcast[from]?.(body) ?? body;
    const read = { ...body, type } as unknown as CampaignEvent;
    const decided = lives[type].at(-1);
    // Whoever changes the fields of an event gives it a new schema.
    expect(Object.keys(read.data).toSorted()).toEqual(Object.keys(decided?.data ?? {}).toSorted());
    expect(Object.keys(read.personal ?? {})).toEqual(Object.keys(decided?.personal ?? {}));
    expect(stateAfter([...lives[type].slice(0, -1), read])).toMatchObject({ agencyId: 'agency-1' });
  });
});

describe('each refusal', () => {
  it.each(Object.entries(campaignRefusals))(
    '%s says what to do in a French sentence, and to programs a 4xx',
    (_code, meaning) => {
      expect(meaning.sentence).toMatch(/^\p{Lu}.+ : .+\.$/u);
      expect(meaning.status).toBeGreaterThanOrEqual(400);
      expect(meaning.status).toBeLessThan(500);
    },
  );
});
