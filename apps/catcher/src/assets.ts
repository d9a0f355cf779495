import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const own = (name: string) => readFileSync(new URL(`./assets/${name}`, import.meta.url));
const font = (name: string) => readFileSync(require.resolve(`@fontsource/${name}.woff2`));

/** Everything a page loads comes from here; the fonts (SIL OFL) come with the project. */
const ASSETS: Readonly<Record<string, { type: string; body: Buffer }>> = {
  'catcher.css': { type: 'text/css; charset=utf-8', body: own('catcher.css') },
  'inbox.js': { type: 'text/javascript; charset=utf-8', body: own('inbox.js') },
  'pli.svg': { type: 'image/svg+xml', body: own('pli.svg') },
  'sans-400.woff2': {
    type: 'font/woff2',
    body: font('source-sans-3/files/source-sans-3-latin-400-normal'),
  },
  'sans-600.woff2': {
    type: 'font/woff2',
    body: font('source-sans-3/files/source-sans-3-latin-600-normal'),
  },
  'serif-600.woff2': {
    type: 'font/woff2',
    body: font('source-serif-4/files/source-serif-4-latin-600-normal'),
  },
};

/** @returns the file of that name that pages load, or undefined */
export function asset(name: string): { type: string; body: Buffer } | undefined {
  return Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
}
