import { readdirSync } from 'node:fs';

/** The pages of an application by their templates: each is looked at, and shown in the manual. */
export const pagesOf = (app: 'agency' | 'ceremony' | 'operator'): string[] =>
  readdirSync(new URL(`../../apps/${app}/src/pages/`, import.meta.url))
    .filter((name) => name.endsWith('.hbs') && !name.startsWith('_'))
    .map((name) => name.replace('.hbs', ''));

/** Pages that are gone before anybody could look at them. */
export const PASSING = new Set(['campaign-begun']);
