const ENTRIES = [
  { href: '/agences', label: 'Agences' },
  { href: '/reactions', label: 'Réactions' },
  { href: '/projections', label: 'Projections' },
] as const;

/** The head of every page; `current` is the address of the page's own entry. */
export const navigation = (current: (typeof ENTRIES)[number]['href']): Record<string, unknown> => ({
  navigation: ENTRIES.map((entry) => ({ ...entry, current: entry.href === current })),
});
