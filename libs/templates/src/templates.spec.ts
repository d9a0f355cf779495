import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isRefusal, type CatalogueEntry, type EventBody } from '#libs/letter';
import type { Reading, TemplateCommand, TemplateCommandOf } from './commands.js';
import { templates } from './decide.js';
import { templateCatalogue, type TemplateEvent, type TemplateEventOf, type TemplateEventType } from './events.js';
import { describeKind, exampleOf, isTemplateKind, type TemplateKind } from './kinds.js';
import { templateRefusals, type TemplateRefusalCode } from './refusals.js';
import { textFault } from './rules.js';
import {
  BrokenTemplateHistory,
  builtIn,
  defaultTemplate,
  kinds,
  templateFor,
  templateNamed,
  templatesOfKind,
  type Templates,
} from './state.js';

const agencyId = 'agency-1';
const at = '2026-01-05T23:15:00.000Z';
const later = (minutes: number): string => new Date(Date.parse(at) + minutes * 60_000).toISOString();
const sender = { name: 'Agence Latour', email: 'info@latour.example' };
const kind = 'mail-signature';
const name = 'LATOUR_SIGN';
const original = 'PLI_LRE_SIGN';
const body = '[Signer]({{lien}}) avant le {{dateLimite}}';
const subject = 'Une lettre vous attend';
const base = { agencyId, kind, name, at } as const;

function reading(text: string, title = subject): Reading {
  const prints = new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, field = '']) => field));
  return { prints, example: { subject: title, body: text.replaceAll(/[{}]/g, '') } };
}

const save = (change: Partial<TemplateCommandOf<'saveTemplate'>> = {}): TemplateCommandOf<'saveTemplate'> => {
  const command = { type: 'saveTemplate', ...base, subject, body, sender, ...change } as const;
  return { ...command, reading: change.reading ?? reading(command.body, command.subject) };
};
const saved: TemplateEvent = { type: 'TemplateSaved', data: { ...base, subject, body } };
const changedOriginal: TemplateEvent = { type: 'TemplateSaved', data: { ...base, name: original, subject, body } };
const chosen: TemplateEvent = { type: 'DefaultTemplateChosen', data: base };
const failed: TemplateEvent = { type: 'TemplateFailed', data: { ...base, reason: 'SENDER_NAMED', letterId: 'l' } };
const removed: TemplateEvent = { type: 'TemplateRemoved', data: base };
const reset: TemplateEvent = { type: 'TemplateReset', data: { ...base, name: original } };
const asked = (trial: string, minute = 0): TemplateEventOf<'TrialRequested'> => ({
  type: 'TrialRequested',
  data: { ...base, name: original, trial, at: later(minute) },
  personal: { to: 'claire@latour.example' },
});

const stateAfter = (events: readonly TemplateEvent[]): Templates => events.reduce(templates.evolve, templates.initial);

const given = (...events: readonly TemplateEvent[]) => ({
  when: (command: TemplateCommand) => {
    const decision = templates.decide(stateAfter(events), command);
    return {
      then: (...expected: readonly TemplateEvent[]) => expect(decision).toEqual(expected),
      thenRefused: (code: TemplateRefusalCode) => expect(decision).toEqual({ refused: code }),
      thenNothing: () => expect(decision).toEqual([]),
    };
  },
});

describe('saving a template', () => {
  it('makes it, changes it, and changes nothing when it says the same', () => {
    given().when(save()).then(saved);
    given(saved).when(save()).thenNothing();
    given(saved)
      .when(save({ subject: 'Autre' }))
      .then({ type: 'TemplateSaved', data: { ...base, subject: 'Autre', body } });
  });

  it('changes a built-in one under its own name, and not when its text stays', () => {
    given()
      .when(save({ name: original }))
      .then(changedOriginal);
    const { subject: own, body: text } = builtIn(kind);
    given()
      .when(save({ name: original, subject: own, body: text }))
      .thenNothing();
  });

  it('never overwrites another one with a new one', () => {
    given()
      .when({ ...save(), type: 'createTemplate' })
      .then(saved);
    given(saved)
      .when({ ...save(), type: 'createTemplate' })
      .thenNothing();
    given(saved)
      .when({ ...save({ subject: 'Autre' }), type: 'createTemplate' })
      .thenRefused('TEMPLATE_NAME_TAKEN');
    given()
      .when({ ...save({ name: original }), type: 'createTemplate' })
      .thenRefused('TEMPLATE_NAME_TAKEN');
  });

  it.each([
    ['TEMPLATE_NAME_MALFORMED', { name: '' }],
    ['TEMPLATE_NAME_MALFORMED', { name: '../x' }],
    ['TEMPLATE_NAME_MALFORMED', { name: '__proto__' }],
    ['TEMPLATE_NAME_MALFORMED', { name: 'x'.repeat(41) }],
    ['TEMPLATE_NAME_RESERVED', { name: 'pli_nouveau' }],
    ['TEMPLATE_NAME_RESERVED', { name: 'PLI_LRE_REFUS' }],
    ['SUBJECT_MISSING', { subject: ' ' }],
    ['SUBJECT_MISSING', { subject: undefined }],
    ['SUBJECT_TOO_LONG', { subject: 'x'.repeat(201) }],
    ['BODY_MISSING', { body: ' \n' }],
    ['BODY_TOO_LONG', { body: `${body}${'x'.repeat(20_000)}` }],
    ['LINK_MISSING', { body: 'avant le {{dateLimite}}' }],
    ['DEADLINE_MISSING', { body: '{{lien}}' }],
    ['CODE_MISSING', { kind: 'sms-code', body: 'Bonjour' }],
    ['SMS_ALPHABET', { kind: 'sms-code', body: 'Voici l’unique code {{code}}' }],
    [
      'SMS_TOO_LONG',
      { kind: 'sms-code', reading: { prints: new Set(['code']), example: { subject: '', body: 'x'.repeat(161) } } },
    ],
  ] as [TemplateRefusalCode, Partial<TemplateCommandOf<'saveTemplate'>>][])(
    'is refused with %s (%#)',
    (code, change) => {
      given().when(save(change)).thenRefused(code);
    },
  );

  it.each(['de l’agence  LATOUR :', 'AGÉNCE-LATOUR', 'écrivez à info@latour.example'])(
    'is refused when the notice names the sender: %s',
    (words) => {
      given()
        .when(save({ body: `${body} ${words}` }))
        .thenRefused('SENDER_NAMED');
      given()
        .when(save({ subject: words }))
        .thenRefused('SENDER_NAMED');
      const toAgency = save({ kind: 'mail-refusal', body: words });
      expect(isRefusal(templates.decide(templates.initial, toAgency))).toBe(false);
    },
  );

  it('is refused for the fifty-first of a kind, and not for that of another kind', () => {
    const many = Array.from({ length: 49 }, (_, index): TemplateEvent => ({
      type: 'TemplateSaved',
      data: { ...base, name: `N${index}`, subject, body },
    }));
    given(...many)
      .when(save())
      .thenRefused('TOO_MANY_TEMPLATES');
    given(...many)
      .when(save({ name: original }))
      .then(changedOriginal);
    expect(isRefusal(templates.decide(stateAfter(many), save({ kind: 'mail-refusal' })))).toBe(false);
  });
});

describe('removing and resetting', () => {
  it('removes an own one; the built-in one is the default again', () => {
    given(saved)
      .when({ type: 'removeTemplate', ...base })
      .then(removed);
    given(saved, chosen)
      .when({ type: 'removeTemplate', ...base })
      .then(removed, { type: 'DefaultTemplateChosen', data: { ...base, name: original } });
    given()
      .when({ type: 'removeTemplate', ...base })
      .thenRefused('UNKNOWN_TEMPLATE');
    given(changedOriginal)
      .when({ type: 'removeTemplate', ...base, name: original })
      .thenRefused('BUILT_IN_TEMPLATE');
  });

  it('gives a built-in one its own text again', () => {
    given(changedOriginal)
      .when({ type: 'resetTemplate', ...base, name: original })
      .then(reset);
    given()
      .when({ type: 'resetTemplate', ...base, name: original })
      .thenNothing();
    given(saved)
      .when({ type: 'resetTemplate', ...base })
      .thenRefused('NOT_BUILT_IN');
    given()
      .when({ type: 'resetTemplate', ...base })
      .thenRefused('UNKNOWN_TEMPLATE');
    expect(templateNamed(stateAfter([changedOriginal, reset]), kind, original)).toEqual(builtIn(kind));
  });
});

describe('which template a letter gets', () => {
  it('is the one that it names, else the default, else the built-in one', () => {
    const own = templateNamed(stateAfter([saved]), kind, name);
    expect(own).toMatchObject({ body, isBuiltIn: false, savedAt: at });
    expect(templateFor(stateAfter([]), kind, undefined)).toEqual(builtIn(kind));
    expect(templateFor(stateAfter([saved]), kind, undefined)).toEqual(builtIn(kind));
    expect(templateFor(stateAfter([saved]), kind, name)).toEqual(own);
    expect(templateFor(stateAfter([saved, chosen]), kind, undefined)).toEqual(own);
    expect(templateFor(stateAfter([saved, chosen]), kind, 'GONE')).toEqual(own);
    expect(templateFor(stateAfter([saved, chosen, removed]), kind, name)).toEqual(builtIn(kind));
  });

  it('is chosen among those that there are, once', () => {
    given(saved)
      .when({ type: 'chooseDefault', ...base })
      .then(chosen);
    given(saved, chosen)
      .when({ type: 'chooseDefault', ...base })
      .thenNothing();
    given()
      .when({ type: 'chooseDefault', ...base })
      .thenRefused('UNKNOWN_TEMPLATE');
    given()
      .when({ type: 'chooseDefault', ...base, name: original })
      .thenNothing();
  });
});

describe('a failure', () => {
  const report = { type: 'reportFailure', ...base, reason: 'SENDER_NAMED', letterId: 'l' } as const;

  it('is told once since the template was saved, and not of one that is the built-in text', () => {
    given(saved).when(report).then(failed);
    given(saved, failed).when(report).thenNothing();
    given(saved, failed, saved).when(report).then(failed);
    given()
      .when({ ...report, name: original })
      .thenNothing();
    given(saved, removed).when(report).thenNothing();
    expect(templateNamed(stateAfter([saved, failed]), kind, name)?.failure).toMatchObject({ reason: 'SENDER_NAMED' });
  });
});

describe('a trial', () => {
  const request = (trial: string, minute: number) =>
    ({ type: 'requestTrial', ...base, name: original, trial, to: 'claire@latour.example', at: later(minute) }) as const;

  it('is asked for once, five times in ten minutes at most', () => {
    given().when(request('a', 0)).then(asked('a'));
    given(asked('a')).when(request('a', 0)).thenNothing();
    const five = ['a', 'b', 'c', 'd', 'e'].map((trial, minute) => asked(trial, minute));
    given(...five)
      .when(request('f', 9))
      .thenRefused('TOO_MANY_TRIALS');
    given(...five)
      .when(request('f', 10))
      .then(asked('f', 10));
  });

  it('is one of an e-mail that there is', () => {
    given()
      .when({ ...request('a', 0), name })
      .thenRefused('UNKNOWN_TEMPLATE');
    given()
      .when({ ...request('a', 0), kind: 'sms-code', name: 'PLI_SMS_CODE' })
      .thenRefused('NO_TRIAL');
  });

  it('comes to one end', () => {
    const sent: TemplateEvent = { type: 'TrialSent', data: { agencyId, trial: 'a', at } };
    const refusedMail: TemplateEvent = { type: 'TrialFailed', data: { agencyId, trial: 'a', code: 550, at } };
    given(asked('a')).when({ type: 'confirmTrial', agencyId, trial: 'a', at }).then(sent);
    given(asked('a')).when({ type: 'failTrial', agencyId, trial: 'a', code: 550, at }).then(refusedMail);
    given(asked('a'), sent).when({ type: 'failTrial', agencyId, trial: 'a', code: 550, at }).thenNothing();
    given(asked('a'), refusedMail).when({ type: 'confirmTrial', agencyId, trial: 'a', at }).thenNothing();
    given().when({ type: 'confirmTrial', agencyId, trial: 'a', at }).thenRefused('UNKNOWN_TRIAL');
    expect(stateAfter([asked('a'), sent]).trials).toEqual([{ trial: 'a', at, outcome: 'sent' }]);
  });
});

describe('the kinds', () => {
  it.each(kinds)('%s comes with a text that it may keep, and fields that are described', (each) => {
    const { fields, mustPrint, hidesSender, medium } = describeKind(each);
    const original = builtIn(each);
    expect(original.name).toMatch(/^PLI_[A-Z_]+$/);
    expect(isTemplateKind(each)).toBe(true);
    for (const field of Object.keys(mustPrint)) expect(original.body).toContain(`{{${field}}}`);
    for (const { label } of Object.values(fields)) expect(label).toMatch(/^[\p{Lu}«]/u);
    const example = Object.entries(exampleOf(each)).reduce(
      (text, [field, value]) => text.replaceAll(`{{${field}}}`, typeof value === 'string' ? value : ''),
      original.body,
    );
    expect(textFault(each, { subject: original.subject, body: example }, sender)).toBeNull();
    // Nothing that tells of the sender can be printed before the recipient has accepted.
    if (hidesSender) expect(JSON.stringify(exampleOf(each))).not.toMatch(/latour|LRE_|9998|relance/i);
    expect(original.subject === '').toBe(medium === 'sms');
  });

  it('have names of their own', () => {
    expect(new Set(kinds.map((each) => builtIn(each).name)).size).toBe(kinds.length);
    expect(isTemplateKind('constructor')).toBe(false);
  });

  it.each([
    'mail-confirmation',
    'mail-refusal',
    'mail-expiry',
    'mail-alert',
    'mail-bounce',
    'mail-deposit-proof',
  ] as const)('%s has the codes of dossier and third party in its subject (manual V.4)', (each) => {
    expect(builtIn(each).subject).toMatch(/\{\{dossier\}\}.*\{\{codeTiers\}\}/);
  });
});

describe('whatever is asked', () => {
  const someKind = fc.constantFrom<TemplateKind>('mail-signature', 'mail-refusal', 'sms-code');
  const someName = fc.constantFrom('A', 'B', 'PLI_LRE_SIGN', 'PLI_LRE_REFUS', 'PLI_SMS_CODE');
  const target = fc.record({ agencyId: fc.constant(agencyId), kind: someKind, name: someName, at: fc.constant(at) });
  const command: fc.Arbitrary<TemplateCommand> = target.chain((each) =>
    fc.constantFrom<TemplateCommand>(
      save({ ...each, body: '{{lien}} {{dateLimite}} {{code}}' }),
      { type: 'removeTemplate', ...each },
      { type: 'resetTemplate', ...each },
      { type: 'chooseDefault', ...each },
      { type: 'reportFailure', ...each, reason: 'RENDERING_FAILED', letterId: 'l' },
    ),
  );

  it('there is always a default of each kind, the built-in ones stay, and the same command twice is once', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 15 }), (course) => {
        let state = templates.initial;
        for (const next of course) {
          const decision = templates.decide(state, next);
          if (isRefusal(decision)) continue;
          state = decision.reduce(templates.evolve, state);
          const again = templates.decide(state, next);
          expect(isRefusal(again) ? again.refused : again).toEqual(
            next.type === 'removeTemplate' ? 'UNKNOWN_TEMPLATE' : [],
          );
        }
        for (const each of kinds) {
          const all = templatesOfKind(state, each);
          expect(all[0]?.name).toBe(builtIn(each).name);
          expect(all).toContainEqual(defaultTemplate(state, each));
        }
      }),
    );
  });
});

describe('the stored events', () => {
  const lives: Readonly<Record<TemplateEventType, readonly TemplateEvent[]>> = {
    TemplateSaved: [saved],
    TemplateRemoved: [saved, removed],
    TemplateReset: [changedOriginal, reset],
    DefaultTemplateChosen: [saved, chosen],
    TemplateFailed: [saved, failed],
    TrialRequested: [asked('a')],
    TrialSent: [asked('a'), { type: 'TrialSent', data: { agencyId, trial: 'a', at } }],
    TrialFailed: [asked('a'), { type: 'TrialFailed', data: { agencyId, trial: 'a', code: 550, at } }],
  };
  const released = (Object.keys(templateCatalogue) as TemplateEventType[]).flatMap((type) =>
    Array.from({ length: templateCatalogue[type].schema }, (_, index) => [type, index + 1] as const),
  );

  it.each(released)('reads %s as it was stored under schema %i', (type, version) => {
    const url = new URL(`./fixtures/${type}.${version}.json`, import.meta.url);
    const { schema, ...stored } = JSON.parse(readFileSync(url, 'utf8')) as { type: string; schema: number } & EventBody;
    expect([stored.type, schema]).toEqual([type, version]);
    const { schema: current, upcast }: CatalogueEntry = templateCatalogue[type];
    let older: EventBody = stored;
    for (let from = version; from < current; from += 1) older = upcast[from]?.(older) ?? older;
    const read = { ...older, type } as unknown as TemplateEvent;
    const decided = lives[type].at(-1);
    // Whoever changes the fields of an event gives it a new schema.
    expect(Object.keys(read.data).toSorted()).toEqual(Object.keys(decided?.data ?? {}).toSorted());
    expect(Object.keys(read.personal ?? {})).toEqual(Object.keys(decided?.personal ?? {}));
    expect(stateAfter([...lives[type].slice(0, -1), read])).toHaveProperty('saved');
  });

  it('are not folded where they cannot have happened', () => {
    expect(() => stateAfter([failed])).toThrow(BrokenTemplateHistory);
    expect(() => stateAfter([{ type: 'Franked', data: {} } as unknown as TemplateEvent])).toThrow(
      BrokenTemplateHistory,
    );
  });
});

describe('each refusal', () => {
  it.each(Object.entries(templateRefusals))(
    '%s says what to do in a French sentence, and to programs a 4xx',
    (_code, meaning) => {
      expect(meaning.sentence).toMatch(/^\p{Lu}.+ : .+\.$/u);
      expect(meaning.status).toBeGreaterThanOrEqual(400);
      expect(meaning.status).toBeLessThan(500);
    },
  );
});
