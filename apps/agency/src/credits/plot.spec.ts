import { plotOf } from './plot.js';

const at = (day: number): string => `2026-11-0${day}T12:00:00.000Z`;

test('there is nothing to draw of an account without movements', () => {
  expect(plotOf([], at(1))).toBeUndefined();
});

test('a balance goes in steps from its first movement to now', () => {
  const plot = plotOf(
    [
      { at: at(1), balance: 100 },
      { at: at(3), balance: 50 },
    ],
    at(5),
  );
  expect(plot).toMatchObject({ line: 'M0 4H500V120H1000', area: 'M0 4H500V120H1000V236H0Z', middle: 120, foot: 236 });
  expect(plot?.labels).toEqual({ top: '100', middle: '50', from: '01/11/2026', to: '05/11/2026' });
  expect(plot?.summary).toBe('Du 01/11/2026 au 05/11/2026, le solde a été compris entre 50 et 100 ; il est de 50.');
});

test('a course of one day tells the times', () => {
  const plot = plotOf([{ at: '2026-11-01T12:00:00.000Z', balance: 1 }], '2026-11-01T14:30:00.000Z');
  expect(plot?.labels).toMatchObject({ from: '01/11/2026 à 13:00', to: '01/11/2026 à 15:30' });
});

test.each([
  [0, '2'],
  [1, '2'],
  [9, '10'],
  [11, '12'],
  [698, '700'],
  [1_000, '1 000'],
  [4_294_967_295, '4 400 000 000'],
])('a balance of %i is drawn on a scale to %s', (balance, top) => {
  const plot = plotOf([{ at: at(1), balance }], at(1));
  expect(plot?.labels.top.replace(/\s/g, ' ')).toBe(top);
  expect(plot?.line).toMatch(/^M0 [\d.]+H1000$/);
});
