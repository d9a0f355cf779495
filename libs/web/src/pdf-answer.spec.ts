import type { Response } from 'express';
import { answerImage, answerPdf, fileName } from './pdf-answer.js';

test.each([
  ['Relance.pdf', 'Relance.pdf'],
  ['Relance', 'Relance.pdf'],
  ['Reçu n° 3 – août.PDF', 'Reçu n° 3 – août.PDF'],
  ["L'avis (2)*.pdf", "L'avis (2)-.pdf"],
  ['..\\"x/y"\r\nSet-Cookie: a.pdf', '--x-y- Set-Cookie- a.pdf'],
  ['.pdf', 'pdf.pdf'],
  ['', 'document.pdf'],
  ['\ud800.pdf', '\ufffd.pdf'],
])('%j is kept as %j', (name, expected) => {
  expect(fileName(name)).toBe(expected);
});

test('the header names the file for every program, and as it is for those that know RFC 8187', () => {
  const headers = new Map<string, unknown>();
  const response = {
    setHeader: (header: string, value: unknown) => headers.set(header, value),
    type: () => response,
    send: () => response,
  } as unknown as Response;
  answerPdf(response, Buffer.from('%PDF-'), 'Reçu – août.pdf', 'inline');
  expect(headers.get('Content-Disposition')).toMatch(
    /^inline; filename="Recu _ aout\.pdf"; filename\*=UTF-8''Re%C3%A7u%20%E2%80%93%20ao%C3%BBt\.pdf$/i,
  );
});

test.each([
  ['Accord.PNG', 'image/png', 'Accord.PNG'],
  ['Accord.pdf', 'image/png', 'Accord.pdf.png'],
  ['Accord.jpeg', 'image/jpeg', 'Accord.jpeg'],
  ['', 'image/jpeg', 'document.jpg'],
] as const)('an image named %j of type %s is shown as %j', (name, type, expected) => {
  const answered: unknown[] = [];
  const response = {
    setHeader: (header: string, value: unknown) => answered.push([header, value]),
    type: (sent: string) => ({ send: () => answered.push(['type', sent]) }),
  } as unknown as Response;
  answerImage(response, Buffer.from('x'), name, type);
  expect(answered).toContainEqual(['type', type]);
  expect(answered).toContainEqual(['Content-Disposition', `inline; filename=${expected}`]);
});
