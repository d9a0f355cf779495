import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sharedAsset } from '#libs/web';

const require = createRequire(import.meta.url);
const own = (name: string) => readFileSync(new URL(`./assets/${name}`, import.meta.url));
const font = (family: string, weight: number): [string, { type: string; body: Buffer }] => {
  const file = `${family}-latin-${weight}-normal.woff2`;
  return [
    `fonts/${file}`,
    { type: 'font/woff2', body: readFileSync(require.resolve(`@fontsource/${family}/files/${file}`)) },
  ];
};

/** Everything a page loads comes from here; the fonts (SIL OFL) come with the project. */
const ASSETS: Readonly<Record<string, { type: string; body: Buffer }>> = {
  'pli.css': { type: 'text/css; charset=utf-8', body: sharedAsset('pli.css') },
  'catcher.css': { type: 'text/css; charset=utf-8', body: own('catcher.css') },
  'inbox.js': { type: 'text/javascript; charset=utf-8', body: own('inbox.js') },
  'pli.svg': { type: 'image/svg+xml', body: sharedAsset('pli.svg') },
  ...Object.fromEntries([font('source-sans-3', 400), font('source-sans-3', 600), font('source-serif-4', 600)]),
};

/** @returns the file of that name that pages load, or undefined */
export function asset(name: string): { type: string; body: Buffer } | undefined {
  return Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
}
