import type { UserRole } from '#libs/directory';

/** What people read as a role, and what it lets somebody do. */
export const roleLabels: Readonly<Record<UserRole, string>> = {
  manager: 'Gestionnaire',
  clerk: 'Collaborateur',
  reader: 'Consultation',
};

const roleHints: Readonly<Record<UserRole, string>> = {
  manager: 'règle tout : équipe, clés, envois',
  clerk: 'prépare et envoie les lettres',
  reader: 'consulte, sans rien modifier',
};

/** A role with what it lets somebody do, as forms and invitations name it. */
export const roleInWords = (role: UserRole): string => `${roleLabels[role]} – ${roleHints[role]}`;

export const ROLES = Object.keys(roleLabels) as UserRole[];

export const isRole = (text: string | undefined): text is UserRole => ROLES.some((role) => role === text);
