import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The faces that documents use; each covers Latin, Greek, Cyrillic and Vietnamese. SIL Open Font License. */
const FACES = [
  ['@fontsource/source-sans-3', '400.css'],
  ['@fontsource/source-sans-3', '600.css'],
  ['@fontsource/source-serif-4', '400.css'],
  ['@fontsource/source-serif-4', '600.css'],
] as const;

const { resolve } = createRequire(import.meta.url);
let faces: string | undefined;

/**
 * The `@font-face` rules of 'Source Sans 3' and 'Source Serif 4', weights 400 and 600, with the fonts inside as `data:` URLs:
 * a document looks the same on every machine, and loads nothing.
 */
export function fontFaces(): string {
  faces ??= FACES.map(([name, sheet]) => embedded(dirname(resolve(`${name}/package.json`)), sheet)).join('\n');
  return faces;
}

function embedded(folder: string, sheet: string): string {
  return readFileSync(join(folder, sheet), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll('font-display: swap;', 'font-display: block;')
    .replaceAll(/src: url\(\.\/(files\/[\w-]+\.woff2)\) format\('woff2'\)[^;]*;/g, (_rule, file: string) => {
      const font = readFileSync(join(folder, file)).toString('base64');
      return `src: url(data:font/woff2;base64,${font}) format('woff2');`;
    });
}
