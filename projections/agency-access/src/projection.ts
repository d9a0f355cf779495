import type { AgencyEvent, UserRole } from '#libs/directory';
import type { StoredEvent } from '#libs/event-store';
import { projection, write, type Write } from '#projections/engine';

const PREFIX = 'agency-';

/** How an address is compared when somebody logs in: upper case and blanks around it do not count. */
export const normalisedEmail = (email: string): string => email.trim().toLowerCase();

const agencyOf = (stream: string): string => stream.slice(PREFIX.length);

/** An event after which whoever is logged in as this user has to log in again. */
const endingSessions = (
  stored: StoredEvent<{ type: string; data: { userId: string } }>,
  set: Write['set'] = {},
): Write => write(`user/${stored.event.data.userId}`, { ...set, epoch: String(stored.revision) });

const changing = (userId: string, set: Write['set']): Write => write(`user/${userId}`, set);

/** Who may come in: agencies, their users and the keys of their programs, one collection told apart by `kind`. */
export const agencyAccessProjection = projection<AgencyEvent>({
  name: 'agency-access',
  version: 2,
  prefixes: [PREFIX],
  indexes: [
    { key: { email: 1 }, sparse: true },
    { key: { keyHash: 1 }, sparse: true },
    { key: { kind: 1, agencyId: 1 } },
  ],
  on: {
    AgencyRegistered: ({ event: { data, personal } }) =>
      write(`agency/${data.agencyId}`, {
        kind: 'agency',
        agencyId: data.agencyId,
        code: data.code,
        details: personal ? { name: personal.name, email: personal.email, address: personal.address ?? null } : null,
        registeredAt: data.at,
      }),
    UserRegistered: ({ stream, event: { data, personal } }) =>
      changing(data.userId, {
        ...user(stream, data),
        active: true,
        // Without its personal part, erased with the agency's key, an account opens to nobody.
        ...(personal && { email: normalisedEmail(personal.email), name: personal.name }),
      }),
    UserInvited: ({ stream, event: { data, personal } }) =>
      changing(data.userId, {
        ...user(stream, data),
        active: false,
        ...(personal && { email: normalisedEmail(personal.email) }),
      }),
    InvitationAccepted: ({ event: { data, personal } }) =>
      changing(data.userId, { active: true, ...(personal && { name: personal.name }) }),
    UserRoleChanged: (stored) => endingSessions(stored, { role: stored.event.data.role }),
    UserDeactivated: (stored) => endingSessions(stored, { active: false }),
    UserReactivated: ({ event: { data } }) => changing(data.userId, { active: true }),
    PasswordChanged: (stored) => endingSessions(stored),
    SecondFactorConfirmed: ({ event: { data } }) => changing(data.userId, { secondFactor: true }),
    SecondFactorRemoved: (stored) => endingSessions(stored, { secondFactor: false }),
    LogInLocked: ({ event: { data } }) => changing(data.userId, { lockedUntil: data.until }),
    LogInUnlocked: ({ event: { data } }) => changing(data.userId, { lockedUntil: null }),
    ApiKeyIssued: ({ stream, event: { data } }) =>
      write(`key/${data.keyId}`, {
        kind: 'key',
        keyId: data.keyId,
        agencyId: agencyOf(stream),
        keyHash: data.keyHash,
        label: data.label,
        revoked: false,
      }),
    ApiKeyRevoked: ({ event: { data } }) => write(`key/${data.keyId}`, { revoked: true }),
  },
});

function user(stream: string, { userId, role }: { readonly userId: string; readonly role: UserRole }): Write['set'] {
  return { kind: 'user', userId, agencyId: agencyOf(stream), role, secondFactor: false, epoch: '', lockedUntil: null };
}
