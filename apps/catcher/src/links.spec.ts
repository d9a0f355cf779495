import { linksOf } from './links.js';

test.each([
  ['nothing', '', null, []],
  [
    'the end of a sentence',
    'Voir https://a.example/x. (ou http://b.example/y)',
    null,
    ['https://a.example/x', 'http://b.example/y'],
  ],
  [
    'each once, the text first',
    'https://a.example/1',
    '<a href="https://b.example/2"><a href="https://a.example/1">',
    ['https://a.example/1', 'https://b.example/2'],
  ],
  ['character references', '', '<a href="https://a.example/?a&#x3D;1&amp;b&#61;2">', ['https://a.example/?a=1&b=2']],
  [
    'every way to write an attribute',
    '',
    "<a href='https://a.example/'><A HREF = https://b.example/>",
    ['https://a.example/', 'https://b.example/'],
  ],
  [
    'neither scripts nor mail addresses',
    'mailto:a@b.example',
    '<a href="javascript:alert(1)"><a href="mailto:a@b.example"><a href="/x">',
    [],
  ],
])('finds %s', (_case, text, html, links) => {
  expect(linksOf(text, html)).toEqual(links);
});
