import { builtIn } from '#libs/templates';
import { exampleData, lineFields, shownData, type ReminderList } from '#libs/reminders';
import { TemplateFaulty } from './read-template.js';
import { letterKindOf, writeLetter, type LetterToWrite } from './reminder-letter.js';

const at = '2026-11-30T23:30:00.000Z';
const sender = { name: 'Agence Latour', email: 'info@latour.example' };
const party = {
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  secondName: 'CHARPENTIER Marie',
  email: 'jl.charpentier@exemple.example',
  address: { street: '12 rue des Clercs', postcode: '57000', city: 'Metz' },
};
const LISTS = Object.keys(letterKindOf) as ReminderList[];

function written(list: ReminderList, data: LetterToWrite['line']['data'], template = builtIn(letterKindOf[list])) {
  const letter = writeLetter(template, { sender, line: { list, partyCode: '40017', dossier: '001', data }, party, at });
  const text = letter.html
    .replace(/^[\s\S]*<body>/, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
  return { ...letter, text };
}

describe('the letter of a line', () => {
  it.each(LISTS)('of list %s prints everything that the line knows, by the template that Pli comes with', (list) => {
    const { text } = written(list, exampleData(list));
    for (const { value } of shownData(list, exampleData(list))) expect(text).toContain(value.replaceAll(/\s/g, ' '));
    expect(text).toContain('M. et Mme CHARPENTIER Jean Luc et CHARPENTIER Marie 12 rue des Clercs 57000 Metz');
    expect(text).toContain('Dossier : 001 Votre code : 40017');
    // Half past midnight of 1 December in Paris.
    expect(text).toContain('Le 1er décembre 2026');
  });

  it.each(LISTS)('of list %s needs only what is required', (list) => {
    const required = lineFields[list].filter((field) => field.required).map(({ key }) => key);
    const whole = exampleData(list);
    const { text } = written(list, Object.fromEntries(required.map((key) => [key, whole[key]])));
    expect(text).toContain('dans les huit jours suivant la réception de cette lettre');
    expect(text).not.toMatch(/undefined|null|\( *\)|: +\./);
  });

  it('is named by its subject', () => {
    expect(written('unpaid', { montantDu: '687.50', periode: 'octobre 2026' }).name).toBe(
      'Mise en demeure de payer – octobre 2026.pdf',
    );
  });

  it('is that of the agency’s own template; values stay text', () => {
    const own = {
      ...builtIn('letter-unpaid'),
      subject: 'Rappel {{codeTiers}}',
      body: 'Vous devez {{montantDu}}, {{bien}}.',
    };
    const { name, text } = written('unpaid', { montantDu: '1234.50', bien: '<b>{{x}}</b>' }, own);
    expect(name).toBe('Rappel 40017.pdf');
    expect(text).toContain('Vous devez 1 234,50 €, &lt;b&gt;{{x}}&lt;/b&gt;.');
  });

  it('is not written from a template that asks for what the list does not have', () => {
    const faulty = { ...builtIn('letter-insurance'), body: 'Vous devez {{montantDu}}.' };
    expect(() => written('insurance', { justificatif: 'attestation' }, faulty)).toThrow(TemplateFaulty);
  });

  it('is the same when it is written again', () => {
    expect(written('unpaid', exampleData('unpaid'))).toEqual(written('unpaid', exampleData('unpaid')));
  });
});
