import type { SignedInUser } from './access/asker.js';

/** The head of every page behind the log-in; `current` is the address of the page's own entry. */
export function navigation(
  { name, maySend, mayManage, agency }: SignedInUser,
  current: string,
): Record<string, unknown> {
  // In the order of the work: who has to be written to, what was sent, whom and what with, what the agency settles once.
  const entries = [
    { href: '/relances', label: 'Relances' },
    { href: '/envois', label: 'Envois' },
    { href: '/lettres', label: 'Lettres' },
    { href: '/tiers', label: 'Tiers' },
    { href: '/documents', label: 'Documents' },
    { href: '/modeles', label: 'Modèles' },
    { href: '/impression', label: 'Impression' },
    { href: '/cles', label: 'Signatures' },
    ...(mayManage ? [{ href: '/equipe', label: 'Équipe' }] : []),
  ];
  return {
    navigation: entries.map((entry) => ({ ...entry, current: entry.href === current })),
    user: `${name}, ${agency.name}`,
    account: '/compte',
    maySend,
    mayManage,
  };
}
