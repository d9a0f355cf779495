import { decodedText, TableRefused } from '../tables/table-file.js';
import { readPartyFile } from './party-file.js';

const read = (...lines: string[]) => readPartyFile(lines.join('\r\n'));

describe('a file of third parties', () => {
  test.each([';', ','])('is read with %j between the columns, whatever their order and their accents', (sign) => {
    const header = ['N°', 'Qualité', 'NOM', 'Second nom', 'E-mail', 'Téléphone mobile', 'Code postal', 'Solde'].join(
      sign,
    );
    const line = ['40017', 'Locataire', 'ROSE', '', 'a@b.fr', '0612345678', '57000', '12'].join(sign);
    expect(read(`\uFEFF${header}`, line, '')).toEqual({
      ignored: ['Solde'],
      lines: [
        {
          line: 2,
          faults: [],
          texts: {
            code: '40017',
            kind: 'tenant',
            name: 'ROSE',
            secondName: '',
            email: 'a@b.fr',
            mobile: '0612345678',
            postcode: '57000',
          },
        },
      ],
    });
  });

  test('may hold the other sign, quotes and line breaks within quotes', () => {
    const { lines } = read(
      'code;nom;adresse',
      '1;"ROSE ""Anna"" ; fille";1, rue de la Tour',
      '2;L"Étoile;"a\r\nb"',
      '3;x;y',
    );
    expect(lines.map(({ line, texts }) => [line, texts.name, texts.street])).toEqual([
      [2, 'ROSE "Anna" ; fille', '1, rue de la Tour'],
      [4, 'L"Étoile', 'a\nb'],
      [5, 'x', 'y'],
    ]);
  });

  test('may come in UTF-8 or as Windows writes it', () => {
    expect(decodedText(Buffer.from('Éluard – 5 €'))).toBe('Éluard – 5 €');
    expect(decodedText(Buffer.from([0xc9, 0x6c, 0x75, 0x20, 0x96, 0x20, 0x80]))).toBe('Élu – €');
  });

  test('says yes and no in words', () => {
    const { lines } = read('code;pro', '1;Oui', '2;NON', '3;', '4;1', '5;peut-être');
    expect(lines.map(({ texts, faults }) => [texts.professional, faults])).toEqual([
      ['yes', []],
      ['', []],
      ['', []],
      ['yes', []],
      ['peut-être', ['La colonne « professionnel » dit « peut-être » : écrivez oui ou non.']],
    ]);
  });

  test('names a line that has too many or too few columns; empty ones at its end do not count', () => {
    const { lines } = read('code;nom;ville', '1;ROSE', '2;ROSE;Metz;x', '3;ROSE;Metz;;', ' ; ; ', '5;ROSE;Metz');
    expect(lines.map(({ line, faults }) => [line, faults.length])).toEqual([
      [2, 1],
      [3, 1],
      [4, 0],
      [6, 0],
    ]);
    expect(lines[0]?.faults).toEqual(['La ligne compte 2 colonnes au lieu de 3.']);
  });

  test.each([
    ['nothing', [''], 'vide'],
    ['a header only', ['code;nom'], 'en-têtes'],
    ['no column of codes', ['nom;ville', 'ROSE;Metz'], '« code » manque'],
    ['a column twice', ['code;mail;courriel', '1;a;b'], '« courriel » figure deux fois'],
    ['a quote that is not closed', ['code;nom', '1;"ROSE', '2;x'], 'guillemet'],
    ['too many lines', ['code', ...Array.from({ length: 2_001 }, (_, index) => String(index))], '2000 lignes au plus'],
  ] as [string, string[], string][])('with %s is refused', (_name, lines, sentence) => {
    expect(() => read(...lines)).toThrow(TableRefused);
    expect(() => read(...lines)).toThrow(sentence);
  });
});
