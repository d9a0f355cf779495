import fc from 'fast-check';
import { dayOf, plusDays, startOf, wallClock } from './calendar.js';
import { currentLegalProfile as profile, legalProfile } from './profiles.js';
import { alertDueAt, lastDay, nonClaimProofDueBefore, windowEndsAt } from './window.js';

const DAY = 86_400_000;

describe('the deadline table', () => {
  it.each([
    ['2018-03-20T13:36:07.000Z', '2018-04-04', '2018-04-04T22:00:00.000Z', '2018-04-05T22:00:00.000Z'],
    ['2026-03-14T22:59:59.000Z', '2026-03-29', '2026-03-29T22:00:00.000Z', '2026-03-30T22:00:00.000Z'],
    ['2026-03-14T23:00:00.000Z', '2026-03-30', '2026-03-30T22:00:00.000Z', '2026-03-31T22:00:00.000Z'],
    ['2026-10-10T21:59:59.000Z', '2026-10-25', '2026-10-25T23:00:00.000Z', '2026-10-26T23:00:00.000Z'],
    ['2028-02-14T10:00:00.000Z', '2028-02-29', '2028-02-29T23:00:00.000Z', '2028-03-01T23:00:00.000Z'],
  ])('a notice of %s may be answered until the end of %s', (notice, last, end, proof) => {
    expect(lastDay(profile, notice, 15)).toBe(last);
    expect(windowEndsAt(profile, notice, 15)).toBe(end);
    expect(nonClaimProofDueBefore(profile, end)).toBe(proof);
  });

  it('puts the alert at the Paris midnight that many days before the end, across a change of the clocks', () => {
    expect(alertDueAt(profile, '2026-03-30T22:00:00.000Z', 5)).toBe('2026-03-25T23:00:00.000Z');
    expect(alertDueAt(profile, '2026-03-30T22:00:00.000Z', 0)).toBe('2026-03-30T22:00:00.000Z');
  });
});

describe('the window, whenever the notice is sent and however long it is', () => {
  const notices = fc
    .date({ min: new Date('2018-05-09T00:00:00.000Z'), max: new Date('2060-12-31T00:00:00.000Z'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const retentions = fc.integer({ min: 1, max: 365 });

  it('ends at a Paris midnight', () => {
    fc.assert(
      fc.property(notices, retentions, (notice, days) => {
        const end = new Date(windowEndsAt(profile, notice, days));
        expect(end.toLocaleTimeString('fr-FR', { timeZone: 'Europe/Paris', hourCycle: 'h23' })).toBe('00:00:00');
        expect(end.getUTCMilliseconds()).toBe(0);
      }),
    );
  });

  it('counts whole Paris days, the first one being the day after the notice', () => {
    fc.assert(
      fc.property(notices, retentions, (notice, days) => {
        const counted: string[] = [];
        for (let day = plusDays(dayOf(profile.zone, notice), 1); counted.length < days; day = plusDays(day, 1)) {
          counted.push(day);
        }
        expect(lastDay(profile, notice, days)).toBe(counted.at(-1));
        const lastMoment = new Date(Date.parse(windowEndsAt(profile, notice, days)) - 1).toISOString();
        expect(dayOf(profile.zone, lastMoment)).toBe(counted.at(-1));
      }),
    );
  });

  it('gives no less than its whole days, but for the hour that spring takes', () => {
    fc.assert(
      fc.property(notices, retentions, (notice, days) => {
        const length = Date.parse(windowEndsAt(profile, notice, days)) - Date.parse(notice);
        expect(length).toBeGreaterThan(days * DAY - 3_600_000);
        expect(length).toBeLessThanOrEqual((days + 1) * DAY + 3_600_000);
      }),
    );
  });

  it('never ends earlier for a later notice or a longer retention', () => {
    fc.assert(
      fc.property(notices, notices, retentions, retentions, (one, other, days, more) => {
        const [earlier, later] = one < other ? [one, other] : [other, one];
        expect(windowEndsAt(profile, earlier, days) <= windowEndsAt(profile, later, days)).toBe(true);
        const [short, long] = days < more ? [days, more] : [more, days];
        expect(windowEndsAt(profile, one, short) <= windowEndsAt(profile, one, long)).toBe(true);
      }),
    );
  });

  it('leaves one whole Paris day for the non-claim proof', () => {
    fc.assert(
      fc.property(notices, retentions, (notice, days) => {
        const end = windowEndsAt(profile, notice, days);
        const due = nonClaimProofDueBefore(profile, end);
        expect(due).toBe(windowEndsAt(profile, notice, days + 1));
        expect([23, 24, 25]).toContain((Date.parse(due) - Date.parse(end)) / 3_600_000);
      }),
    );
  });

  it('finds the start of the day on which any moment falls', () => {
    fc.assert(
      fc.property(notices, (moment) => {
        const start = startOf(profile.zone, dayOf(profile.zone, moment));
        expect(dayOf(profile.zone, start)).toBe(dayOf(profile.zone, moment));
        expect(start <= moment).toBe(true);
        const before = new Date(Date.parse(start) - 1).toISOString();
        expect(dayOf(profile.zone, before)).toBe(plusDays(dayOf(profile.zone, moment), -1));
      }),
    );
  });

  it('finds the start of a day on which the clocks change before UTC comes to that day', () => {
    expect(startOf('Pacific/Auckland', '2026-09-27')).toBe('2026-09-26T12:00:00.000Z');
    expect(startOf('Pacific/Auckland', '2026-09-28')).toBe('2026-09-27T11:00:00.000Z');
  });

  it('reads the wall clock on both sides of a change', () => {
    expect(wallClock('Europe/Paris', '2026-10-25T00:59:59.999Z')).toMatchObject({ hour: '02', minute: '59' });
    expect(wallClock('Europe/Paris', '2026-10-25T01:00:00.000Z')).toMatchObject({ hour: '02', minute: '00' });
    expect(wallClock('Europe/Paris', '2026-03-29T01:00:00.000Z')).toMatchObject({ hour: '03', minute: '00' });
    expect(wallClock('Europe/Paris', '2025-12-31T23:00:00.000Z')).toMatchObject({
      year: '2026',
      month: '01',
      day: '01',
      hour: '00',
    });
  });
});

describe('the French profile of 2018', () => {
  it('is found by its name, and no other is', () => {
    expect(legalProfile('fr-cpce-2018')).toBe(profile);
    expect(legalProfile('fr-cpce-1817')).toBeUndefined();
  });

  it('holds the rules of R. 53-2 and R. 53-3 CPCE', () => {
    expect(profile).toMatchObject({
      zone: 'Europe/Paris',
      windowDays: 15,
      shorterWindow: { professional: true, nonProfessional: false },
      nonClaimProofDays: 1,
      paperRequesters: ['sender', 'non-professional-recipient'],
      senderShownFrom: 'acceptance',
      keptYears: 1,
    });
    expect(Object.keys(profile.proofs).toSorted()).toEqual(['deposit', 'non-claim', 'reception', 'refusal']);
    expect(profile.proofs.reception).toContain('reception-time');
    expect(profile.proofs.refusal).toContain('refusal-time');
  });

  it('asks of every proof what a deposit proof states', () => {
    const deposit = [
      'sender-name',
      'sender-email',
      'recipient-name',
      'recipient-email',
      'unique-number',
      'deposit-time',
    ];
    Object.values(profile.proofs).forEach((content) => expect(content).toEqual(expect.arrayContaining(deposit)));
  });
});
