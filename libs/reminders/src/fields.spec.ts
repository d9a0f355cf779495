import fc from 'fast-check';
import { lineFields, readLineData, shownData } from './fields.js';

const unpaid = (texts: Record<string, string>) => readLineData('unpaid', { montantDu: '1', ...texts });
const dataOf = (read: ReturnType<typeof readLineData>) => ('data' in read ? read.data : read.faults);

describe('an amount', () => {
  it.each([
    ['687,50', '687.50'],
    ['687.5', '687.50'],
    ['687', '687.00'],
    ['0', '0.00'],
    ['007', '7.00'],
    ['1 234,56 €', '1234.56'],
    ['1 234,56 €', '1234.56'],
    ['1’234’567.80 EUR', '1234567.80'],
    ['1.234,56', '1234.56'],
    ['1,234.56', '1234.56'],
    ['1.234.567', '1234567.00'],
    ['9999999,99', '9999999.99'],
  ])('%s is %s', (text, value) => {
    expect(dataOf(unpaid({ montantDu: text }))).toEqual({ montantDu: value });
  });

  it.each([
    'abc',
    '1.234',
    '1,234',
    '12,345',
    '1.234.56',
    '1.23,456',
    '-5',
    '1,2,3',
    '10000000',
    '1e3',
    '€',
    '12,',
    ',5',
  ])('%s is none', (text) => {
    expect(unpaid({ montantDu: text })).toEqual({
      faults: [
        {
          key: 'montantDu',
          message: `« ${text} » n’est pas un montant : écrivez-le en euros, par exemple 687,50.`,
        },
      ],
    });
  });
});

describe('a day', () => {
  it.each([
    ['14/03/2026', '2026-03-14'],
    ['4/3/2026', '2026-03-04'],
    ['14.03.2026', '2026-03-14'],
    ['2026-03-14', '2026-03-14'],
    ['29/02/2028', '2028-02-29'],
  ])('%s is %s', (text, value) => {
    expect(dataOf(unpaid({ dateLimite: text }))).toMatchObject({ dateLimite: value });
  });

  it.each(['29/02/2026', '31/04/2026', '00/01/2026', '14/13/2026', '14/03/26', 'demain', '2026-3-14'])(
    '%s is none',
    (text) => {
      expect(unpaid({ dateLimite: text })).toMatchObject({ faults: [{ key: 'dateLimite' }] });
    },
  );
});

describe('the fields of a line', () => {
  it('are those of its list; what is empty is absent', () => {
    expect(dataOf(unpaid({ periode: '  octobre 2026 ', frais: '' }))).toEqual({
      montantDu: '1.00',
      periode: 'octobre 2026',
    });
    expect(dataOf(readLineData('insurance', { justificatif: 'attestation', montantDu: '1' }))).toEqual([
      { key: 'montantDu', message: 'Ce champ n’existe pas dans cette liste : retirez-le.' },
    ]);
  });

  it('are each told when they are wrong', () => {
    const read = readLineData('unpaid', { montantDu: '', frais: 'x', dateLimite: 'x', periode: 'x'.repeat(201) });
    expect('faults' in read && read.faults.map(({ key }) => key)).toEqual([
      'periode',
      'frais',
      'montantDu',
      'dateLimite',
    ]);
    expect(unpaid({ periode: 'a\nb' })).toMatchObject({ faults: [{ key: 'periode' }] });
  });

  it('read what they show as it was stored', () => {
    const amount = fc.integer({ min: 0, max: 999_999_999 }).map((cents) => (cents / 100).toFixed(2));
    const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(amount, day, (montantDu, date) => {
        const data = { montantDu, dateLimite: date.toISOString().slice(0, 10) };
        const shown = new Map(shownData('unpaid', data).map(({ key, value }) => [key, value]));
        expect(dataOf(readLineData('unpaid', { montantDu: shown.get('montantDu') ?? '' }))).toEqual({ montantDu });
        expect(shown.get('dateLimite')).toMatch(/^\d+(er)? \p{L}+ \d{4}$/u);
        expect(shown.get('frais')).toBe('');
      }),
    );
    expect(shownData('unpaid', { dateLimite: '2026-03-01', montantDu: '1234.50' }).map(({ value }) => value)).toEqual(
      expect.arrayContaining(['1er mars 2026', '1\u202f234,50\u00a0€']),
    );
  });

  it('have examples that they would take', () => {
    for (const [list, fields] of Object.entries(lineFields)) {
      const texts = Object.fromEntries(fields.map(({ key, example }) => [key, example]));
      expect(readLineData(list as keyof typeof lineFields, texts)).toHaveProperty('data');
    }
  });
});
