import { TableRefused } from '../tables/table-file.js';
import { levelOf, readReminderFile } from './reminder-file.js';

const read = (list: 'unpaid' | 'insurance', ...lines: string[]) => readReminderFile(list, lines.join('\r\n'));
const HEADER = 'Ligne;Tiers;Niveau;Dossier;Montant dû';

describe('a file of reminders', () => {
  it('names its columns in French, in any order and however they are written', () => {
    const { lines, ignored } = read(
      'unpaid',
      'SOLDE;N° locataire;numéro de ligne;Niveau de relance;code dossier;gestionnaire;Échéance',
      '687,50;40017;nov/1;LRAR;001;Camille;octobre 2026',
    );
    expect(lines).toEqual([
      {
        line: 2,
        texts: {
          montantDu: '687,50',
          partyCode: '40017',
          lineId: 'nov/1',
          level: 'LRAR',
          dossier: '001',
          periode: 'octobre 2026',
        },
        fault: undefined,
      },
    ]);
    expect(ignored).toEqual(['gestionnaire']);
  });

  it('means by « échéance » a day where the list has one', () => {
    const { lines } = read(
      'insurance',
      'ligne;tiers;niveau;dossier;justificatif;échéance',
      '1;40017;1;001;a;31/10/2026',
    );
    expect(lines[0]?.texts).toMatchObject({ dateEcheance: '31/10/2026' });
  });

  it.each([
    ['', 'Ce fichier est vide'],
    [HEADER, 'ne contient que ses en-têtes'],
    ['Ligne;Tiers;Niveau;Montant dû', 'La colonne « Dossier » manque'],
    ['a;b', 'Les colonnes « Ligne », « Tiers », « Niveau », « Dossier », « Montant dû » manquent'],
    [`${HEADER};solde`, 'La colonne « solde » figure deux fois'],
    [[HEADER, ...Array.from({ length: 5_001 }, () => '1;1;1;1;1')].join('\n'), 'Ce fichier compte 5001 lignes'],
  ])('%j is refused as a whole', (text, sentence) => {
    expect(() => readReminderFile('unpaid', text)).toThrow(TableRefused);
    expect(() => readReminderFile('unpaid', text)).toThrow(sentence);
  });

  it('tells a line that is cut', () => {
    expect(read('unpaid', HEADER, '1;2;3').lines[0]).toMatchObject({
      fault: 'La ligne compte 3 colonnes au lieu de 5.',
    });
  });
});

test.each([
  ['Rappel simple 1', 'reminder-1'],
  ['rappel 2', 'reminder-2'],
  ['RAPPEL RECOMMANDÉ (LRAR)', 'registered'],
  ['lrar', 'registered'],
  ['Commandement d’huissier', 'bailiff'],
  ['bailiff', 'bailiff'],
  ['5', undefined],
  ['', undefined],
  ['constructor', undefined],
])('« %s » is the level %s', (text, level) => {
  expect(levelOf(text)).toBe(level);
});
