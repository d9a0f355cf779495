/** The page's filters by the names in its address, and what they are called in the question. */
const FILTERS = {
  statut: 'status',
  alerte: 'alert',
  du: 'from',
  au: 'to',
  qualite: 'kind',
  recherche: 'search',
  apres: 'after',
} as const;

type Filter = keyof typeof FILTERS;

/** What the address of the history asks for. */
export type Filters = Partial<Record<Filter, string>>;

/** What an address or a form holds of the page's filters; an empty field of the form asks for nothing. */
export function filtersOf(address: Record<string, unknown>): Filters {
  const names = Object.keys(FILTERS) as Filter[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = address[name];
      return typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [];
    }),
  );
}

/** The same as the fields of `HistoryInput`. */
export const questionOf = (filters: Filters): Record<string, string> =>
  Object.fromEntries(Object.entries(filters).map(([name, value]) => [FILTERS[name as Filter], value]));

/** The address at which the history shows that. */
export function addressOf(filters: Filters, path = '/lettres'): string {
  const text = new URLSearchParams(filters).toString();
  return text === '' ? path : `${path}?${text}`;
}
