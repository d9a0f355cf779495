import type { AgencyEvent } from '#libs/directory';
import { projection, write } from '#projections/engine';

const PREFIX = 'agency-';

/** How an address is compared when somebody logs in: upper case and blanks around it do not count. */
export const normalisedEmail = (email: string): string => email.trim().toLowerCase();

const agencyOf = (stream: string): string => stream.slice(PREFIX.length);

/** Who may come in: agencies, their users and the keys of their programs, one collection told apart by `kind`. */
export const agencyAccessProjection = projection<AgencyEvent>({
  name: 'agency-access',
  version: 1,
  prefixes: [PREFIX],
  indexes: [
    { key: { email: 1 }, sparse: true },
    { key: { keyHash: 1 }, sparse: true },
  ],
  on: {
    AgencyRegistered: ({ event: { data, personal } }) =>
      write(`agency/${data.agencyId}`, {
        kind: 'agency',
        agencyId: data.agencyId,
        code: data.code,
        details: personal ? { name: personal.name, email: personal.email, address: personal.address ?? null } : null,
      }),
    UserRegistered: ({ stream, event: { data, personal } }) =>
      write(`user/${data.userId}`, {
        kind: 'user',
        userId: data.userId,
        agencyId: agencyOf(stream),
        role: data.role,
        // Without its personal part, erased with the agency's key, an account opens to nobody.
        ...(personal && {
          email: normalisedEmail(personal.email),
          name: personal.name,
          passwordHash: personal.passwordHash,
        }),
      }),
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
