import { contentDisposition } from './pdf-answer.js';

test.each([
  ['Relance.pdf', 'inline; filename="Relance.pdf"; filename*=UTF-8\'\'Relance.pdf'],
  ['Relance', 'inline; filename="Relance.pdf"; filename*=UTF-8\'\'Relance.pdf'],
  [
    'Reçu n° 3 – août.PDF',
    'inline; filename="Recu n_ 3 _ aout.PDF"; filename*=UTF-8\'\'Re%C3%A7u%20n%C2%B0%203%20%E2%80%93%20ao%C3%BBt.PDF',
  ],
  ["L'avis (2)*.pdf", "inline; filename=\"L'avis (2)-.pdf\"; filename*=UTF-8''L%27avis%20%282%29-.pdf"],
  [
    '..\\"x/y"\r\nSet-Cookie: a.pdf',
    'inline; filename="--x-y- Set-Cookie- a.pdf"; filename*=UTF-8\'\'--x-y-%20Set-Cookie-%20a.pdf',
  ],
  ['.pdf', 'inline; filename="pdf.pdf"; filename*=UTF-8\'\'pdf.pdf'],
  ['', 'inline; filename="document.pdf"; filename*=UTF-8\'\'document.pdf'],
  ['\ud800.pdf', 'inline; filename="_.pdf"; filename*=UTF-8\'\'%EF%BF%BD.pdf'],
])('%j', (name, header) => {
  expect(contentDisposition('inline', name)).toBe(header);
});
