import type { FiltersOf } from '../lists/filters.js';

/** The page's filters by the names in its address, and what they are called in `HistoryInput`. */
export const FILTERS = {
  statut: 'status',
  alerte: 'alert',
  du: 'from',
  au: 'to',
  qualite: 'kind',
  recherche: 'search',
  apres: 'after',
} as const;

/** What the address of the history asks for. */
export type Filters = FiltersOf<typeof FILTERS>;
