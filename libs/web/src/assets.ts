import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';

const packageFolder = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

/** `/assets`: the style sheet, the fonts (SIL OFL) and htmx (0BSD), all from this service: no page depends on another server. */
export function assets(): Router {
  const router = express.Router();
  const forADay = { maxAge: '1d', index: false, redirect: false } as const;
  router.use('/assets/fonts', express.static(join(packageFolder('@fontsource/source-sans-3'), 'files'), forADay));
  router.use('/assets/fonts', express.static(join(packageFolder('@fontsource/source-serif-4'), 'files'), forADay));
  router.use('/assets/htmx', express.static(join(packageFolder('htmx.org'), 'dist'), forADay));
  router.use(
    '/assets',
    express.static(fileURLToPath(new URL('./assets/', import.meta.url)), { ...forADay, maxAge: 0 }),
  );
  return router;
}

/** A file of the style that a server without Express sends itself. */
export const sharedAsset = (name: string): Buffer => readFileSync(new URL(`./assets/${name}`, import.meta.url));
