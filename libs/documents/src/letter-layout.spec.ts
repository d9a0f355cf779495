import { layOutLetter, type LetterWords } from './letter-layout.js';

const words: LetterWords = {
  sender: { name: 'Agence <Latour>', email: 'info@latour.example' },
  addressee: ['M. et Mme CHARPENTIER', '12 rue des Clercs', '57000 Metz'],
  date: '24 novembre 2026',
  references: [{ label: 'Dossier', value: '001' }],
  subject: 'Mise en demeure',
  body: `# Titre

Madame, Monsieur,
deuxième ligne

- Loyer : 780,00 €
- Charges : 95,00 €

> Montant dû : 875,00 €`,
};

/** What a letter says, without its head and its marks. */
const read = (html: string): string =>
  html
    .replace(/^[\s\S]*<body>/, '')
    .replaceAll(/<br>/g, '\n')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

describe('a letter', () => {
  it('says sender, addressee, date, subject and text, in this order', () => {
    expect(read(layOutLetter(words))).toBe(
      'Agence &lt;Latour&gt; info@latour.example M. et Mme CHARPENTIER 12 rue des Clercs 57000 Metz Dossier : 001 ' +
        'Le 24 novembre 2026 Lettre recommandée électronique avec avis de réception Objet : Mise en demeure Titre ' +
        'Madame, Monsieur, deuxième ligne Loyer 780,00 € Charges 95,00 € Montant dû : 875,00 € Agence &lt;Latour&gt;',
    );
  });

  it('is made of text: nothing in it is markup, loads or runs', () => {
    const hostile = '<img src="http://evil.example/x"><script>1</script>[x](http://evil.example)';
    const html = layOutLetter({
      ...words,
      sender: { name: hostile, email: hostile },
      addressee: [hostile],
      references: [{ label: hostile, value: hostile }],
      subject: hostile,
      body: [hostile, `# ${hostile}`, `- ${hostile} : ${hostile}`, `> ${hostile}`, '</main></body>'].join('\n\n'),
    });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('href');
    expect(html.match(/<\/main>/g)).toHaveLength(1);
    // Fonts are within it.
    expect(html.match(/url\((?!data:)/g)).toBeNull();
  });

  it('is the same each time', () => {
    expect(layOutLetter(words)).toBe(layOutLetter(words));
  });
});
