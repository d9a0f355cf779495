import { readdirSync, readFileSync, statSync } from 'node:fs';
import { pagesOf, PASSING } from './page-templates.js';

const docs = new URL('../../docs/', import.meta.url);
const manual = readFileSync(new URL('manuel.md', docs), 'utf8');
const pictures = [...manual.matchAll(/!\[([^\]]*)\]\(manuel\/([\w-]+)\.png\)/g)].map(([, alt = '', name = '']) => ({
  alt,
  name,
}));
const files = readdirSync(new URL('manuel/', docs));

test('the manual shows each of its pictures, each is told in words, and there are no others', () => {
  expect(pictures.map(({ name }) => `${name}.png`).toSorted()).toEqual(files.toSorted());
  expect(pictures.filter(({ alt }) => alt.trim().length < 5)).toEqual([]);
});

test('every page of agency and ceremony has its picture', () => {
  const names = new Set(pictures.map(({ name }) => name));
  const ceremony = pagesOf('ceremony').map((name) => `lre-${name}`);
  const missing = [...pagesOf('agency'), ...ceremony].filter((name) => !names.has(name) && !PASSING.has(name));
  expect(missing).toEqual([]);
});

test('its links lead to headings and files that are there', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-');
  const headings = new Set([...manual.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading)));
  const links = [...manual.matchAll(/[^!]\[[^\]]+\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  for (const link of links) {
    if (link.startsWith('#')) expect([link, headings.has(link.slice(1))]).toEqual([link, true]);
    else expect([link, statSync(new URL(link, docs)).isFile()]).toEqual([link, true]);
  }
});

test('its pictures together are small enough for a repository', () => {
  const bytes = files.reduce((sum, name) => sum + statSync(new URL(`manuel/${name}`, docs)).size, 0);
  expect(bytes).toBeLessThan(6 * 1024 * 1024);
});
