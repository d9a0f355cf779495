import { jobNumber, sheetsOf, trackingNumber, weightOf, weightWords } from '../paper.js';

test('sheets are printed on both sides', () => {
  expect([1, 2, 3, 10].map(sheetsOf)).toEqual([1, 1, 2, 5]);
});

test('a job has a number that people can say', () => {
  expect(jobNumber('01962f5e-0000-4000-8000-00004f2a90c1')).toBe('4F2A-90C1');
});

test.each([
  [1, 'DL', 10, 20],
  [3, 'DL', 20, 20],
  [5, 'DL', 30, 50],
  [6, 'C4', 55, 100],
  [15, 'C4', 100, 100],
  [395, 'C4', 2_000, 2_000],
  [396, 'C4', 2_005, null],
] as const)('%i sheets go into %s, weigh about %i g', (sheets, envelope, grams, upTo) => {
  expect(weightOf(sheets)).toEqual({ envelope, grams, upTo });
});

test('a weight is said in words', () => {
  expect(weightWords(5)).toBe('environ 30 g (tranche jusqu’à 50 g), enveloppe DL');
  expect(weightWords(500)).toBe('environ 2525 g (au-delà des tranches de la lettre), enveloppe C4');
});

test.each([
  ['1A 123 456 7890 1', '1A12345678901'],
  ['2c12345678901', '2C12345678901'],
  // The example of the standard, and one that is printed for French recommandés.
  ['RR473124829GB', 'RR473124829GB'],
  ['ra 34135671 3 fr', 'RA341356713FR'],
  ['6A-99.999-999', '6A99999999'],
])('%s is kept as %s', (text, kept) => {
  expect(trackingNumber(text)).toBe(kept);
});

test.each([
  '',
  'RECOMMANDE',
  '12345',
  'RA341356714FR',
  'RR473124828GB',
  '1A<script>78901',
  'A'.repeat(36),
  `1${'A'.repeat(35)}`,
])('%j is none', (text) => {
  expect(trackingNumber(text)).toBeUndefined();
});
