import { renderAddressPage, renderJobTicket, type Envelope } from './envelope.js';

const envelope: Envelope = {
  number: '4F2A-90C1',
  reference: 'LRE_9998_001_20180320143707',
  sender: { name: 'Agence <Latour>', email: 'info@latour.example' },
  addressLines: ['M. et Mme CHARPENTIER Jean Luc', '12 rue des Clercs', '57000 METZ'],
  requestedAt: '2018-03-21T09:00:00.000Z',
  requestedBy: 'sender',
  documents: [
    { name: 'Relance.pdf', pages: 1 },
    { name: 'Décompte.pdf', pages: 3 },
  ],
};
const windowOf = (html: string): string[] => {
  const [, lines = ''] = /<div class="window[^"]*">(.*?)<\/div>/s.exec(html) ?? [];
  return [...lines.matchAll(/<p>(.*?)<\/p>/gs)].map(([, line = '']) => line);
};

test('the address stands in the window, line by line, and nothing else does', () => {
  expect(windowOf(renderAddressPage(envelope))).toEqual([...envelope.addressLines]);
});

test('a line that the window does not show whole goes on in the next, in a smaller face where there are many', () => {
  const long = {
    ...envelope,
    addressLines: [
      'M. et Mme CHARPENTIER-DESROUSSEAUX Jean Luc et Marie Antoinette',
      'Résidence des Bois',
      '1 rue',
      '57000 METZ',
    ],
  };
  expect(windowOf(renderAddressPage(long))).toEqual([
    'M. et Mme CHARPENTIER-DESROUSSEAUX',
    'Jean Luc et Marie Antoinette',
    'Résidence des Bois',
    '1 rue',
    '57000 METZ',
  ]);
  expect(renderAddressPage(long)).toContain('class="window"');
  const longest = { ...long, addressLines: [...long.addressLines, 'Luxembourg', 'Luxembourg'] };
  expect(renderAddressPage(longest)).toContain('class="window long"');
});

test('address page and ticket name the job, the letter and what is in it, and hold no markup of others', () => {
  const ticket = renderJobTicket(envelope, { pages: 8, sheets: 4, weight: 'environ 25 g' });
  for (const html of [renderAddressPage(envelope), ticket]) {
    for (const words of ['4F2A-90C1', envelope.reference, 'Relance.pdf', '3 pages', 'l’expéditeur'])
      expect(html).toContain(words);
    expect(html).not.toContain('<Latour>');
    expect(html.match(/url\((?!data:)/g)).toBeNull();
  }
  expect(ticket).toContain('4 feuilles A4, 8 pages');
  expect(renderAddressPage(envelope)).toContain('Service non qualifié');
  expect(renderAddressPage({ ...envelope, qualification: 'Liste FR' })).toContain('recommandé électronique : Liste FR');
});
