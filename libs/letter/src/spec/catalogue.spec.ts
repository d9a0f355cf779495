import { readdirSync, readFileSync } from 'node:fs';
import { stateAfter } from './given.js';
import { erasedFixture, files, fixture, released } from './released.js';
import { catalogue } from '../events.js';
import type { LetterEvent, LetterEventType } from '../events.js';
import { describeEvent, lastDayLabel, statusLabels } from '../labels.js';
import { refusals } from '../refusals.js';
import { documentReference } from '../views.js';

const types = Object.keys(catalogue) as LetterEventType[];

/** Every event type follows somewhere in one of these lives. */
const lives: readonly (readonly LetterEventType[])[] = [
  ['Submitted', 'DepositFailed'],
  ['Submitted', 'Deposited', 'NotificationFailed', 'AddressCorrected', 'Archived', 'Reactivated'],
  ['Submitted', 'Deposited', 'Notified', 'OtpRequested', 'OtpFailed', 'Refused'],
  ['Submitted', 'Deposited', 'Notified', 'AlertRaised', 'Accepted', 'Expired', 'PrintRequested', 'PrintFailed'],
  [
    ...(['Submitted', 'Deposited', 'Notified', 'OtpRequested', 'OtpSent', 'OtpRejected', 'OtpVerified'] as const),
    ...(['Accepted', 'Signed', 'Informed', 'InformFailed', 'ContentAccessed'] as const),
    ...(['PrintRequested', 'PrintPrepared', 'PrintDownloaded', 'PrintDispatched'] as const),
  ],
];

describe('every event type', () => {
  it.each(types)('%s has a fixture of each schema that was ever released', (type) => {
    const versions = Array.from({ length: catalogue[type].schema }, (_, index) => index + 1);
    expect(versions.filter((version) => !files.includes(`${type}.${version}.json`))).toEqual([]);
    const steps = Object.keys(catalogue[type].upcast).map(Number);
    expect(steps).toEqual(versions.slice(0, -1));
  });

  it('has no fixture that belongs to none', () => {
    const known = released.map(([type, version]) => `${type}.${version}.json`);
    expect(files.filter((file) => !known.includes(file))).toEqual([]);
  });

  it('is part of a life below', () => {
    expect(types.filter((type) => !lives.some((life) => life.includes(type)))).toEqual([]);
  });

  it.each(lives.map((life) => [life.at(-1), life]))(
    'still leads to %s, as first stored and as stored now',
    (_last, life) => {
      const first = stateAfter(life.map((type) => fixture(type)));
      expect(first.status).not.toBe('unknown');
      const now = stateAfter(life.map((type) => fixture(type, catalogue[type].schema)));
      expect(now.status).toBe(first.status);
    },
  );

  it.each(released)('%s has a French line, also from schema %i', (type, version) => {
    const line = describeEvent(fixture(type, version));
    expect(line).toMatch(/^\p{Lu}[^\n]+$/u);
    expect(line).not.toMatch(/undefined|null|NaN|\[object/);
  });

  it('has a line of its own', () => {
    const lines = types.map((type) => describeEvent(fixture(type)));
    expect(lines.filter((line, index) => lines.indexOf(line) < index)).toEqual([]);
  });

  it.each(released)('%s has a line still when its personal part is gone, also from schema %i', (type, version) => {
    const line = describeEvent(erasedFixture(type, version));
    expect(line).not.toMatch(/undefined|null/);
    const secrets = Object.values(fixture(type, version).personal ?? {}).filter(
      (value) => typeof value === 'string' && value !== '',
    );
    secrets.forEach((secret) => expect(line).not.toContain(secret));
  });
});

describe('what people read', () => {
  it('names the last day and the counts as one says them', () => {
    expect(lastDayLabel('2018-04-04T22:00:00.000Z')).toBe('04/04/2018');
    expect(describeEvent(fixture('Notified'))).toContain('jusqu’au 04/04/2018 inclus');
    expect(describeEvent(fixture('OtpRejected'))).toBe('Code erroné, 4 essais restants');
    const last: LetterEvent = {
      type: 'OtpRejected',
      data: { challenge: 1, attempt: 'a', remaining: 0, at: '2018-03-20T14:11:00.000Z' },
    };
    expect(describeEvent(last)).toBe('Code erroné, 0 essai restant');
  });

  it('has a label for every status, each its own', () => {
    const labels = Object.values(statusLabels);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels).toEqual(expect.arrayContaining(['Déposé', 'Notifié', 'Accepté', 'Signé', 'Refusé', 'Expiré']));
  });

  it('is the reference of the manual, in Paris time in winter and in summer', () => {
    expect(documentReference('9998', '001', '2018-03-20T13:37:07.000Z')).toBe('LRE_9998_001_20180320143707');
    expect(documentReference('9998', '001', '2018-07-01T22:00:00.999Z')).toBe('LRE_9998_001_20180702000000');
  });
});

describe('every refusal', () => {
  const entries = Object.entries(refusals);

  it.each(entries)('%s says what is wrong and what to do, in one French sentence', (_code, { sentence }) => {
    expect(sentence).toMatch(/^\p{Lu}[^.!]+ : [^.!]+\.$|^\p{Lu}[^.!:]+, [^.!:]+\.$/u);
    expect(sentence).not.toContain("'");
  });

  it.each(entries)('%s has a status that programs understand', (_code, { status }) => {
    expect([403, 404, 409, 410, 422, 429, 503]).toContain(status);
  });

  it('has a spec', () => {
    const specs = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.spec.ts'));
    const text = specs.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')).join('\n');
    expect(entries.filter(([code]) => !text.includes(`thenRefused('${code}')`)).map(([code]) => code)).toEqual([]);
  });
});
