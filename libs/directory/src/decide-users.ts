import type { AgencyCommandOf } from './commands.js';
import type { AgencyEvent } from './events.js';
import { refused } from './refusals.js';
import type { AgencyRefusal } from './refusals.js';
import type { AgencyUser, RegisteredAgency } from './state.js';

type Decision = readonly AgencyEvent[] | AgencyRefusal;

const hasAddress = ({ personal }: AgencyUser, email: string): boolean =>
  personal !== 'erased' && personal.email === email;

/** Whether somebody has ever set a password, and so a name. */
const hasJoined = ({ personal }: AgencyUser): boolean => personal === 'erased' || personal.passwordHash !== undefined;

export function registerUser(state: RegisteredAgency, command: AgencyCommandOf<'registerUser'>): Decision {
  const { userId, role, email, name, passwordHash, at } = command;
  const known = state.users.find((user) => user.userId === userId);
  if (known) {
    const isSame = known.personal === 'erased' || known.personal.email === email;
    return isSame ? [] : refused('USER_ALREADY_REGISTERED');
  }
  if (state.users.some((user) => hasAddress(user, email))) return refused('USER_EMAIL_TAKEN');
  return [{ type: 'UserRegistered', data: { userId, role, at }, personal: { email, name, passwordHash } }];
}

/** Somebody who has not joined may be invited again; the older link then leads nowhere. */
export function inviteUser(state: RegisteredAgency, command: AgencyCommandOf<'inviteUser'>): Decision {
  const { userId, role, email, linkId, expiresAt, at } = command;
  const known = state.users.find((user) => user.userId === userId);
  if (known?.invitation?.linkId === linkId) return [];
  if (known && hasJoined(known)) return refused('USER_HAS_JOINED');
  if (known ? !hasAddress(known, email) : state.users.some((user) => hasAddress(user, email))) {
    return refused('USER_EMAIL_TAKEN');
  }
  return [{ type: 'UserInvited', data: { userId, role, linkId, expiresAt, at }, personal: { email } }];
}

export function acceptInvitation(user: AgencyUser, command: AgencyCommandOf<'acceptInvitation'>): Decision {
  const { userId, linkId, name, passwordHash, at } = command;
  if (user.invitation?.linkId !== linkId) return refused('LINK_USED');
  if (at >= user.invitation.expiresAt) return refused('LINK_EXPIRED');
  return [{ type: 'InvitationAccepted', data: { userId, at }, personal: { name, passwordHash } }];
}

const isActiveManager = ({ status, role }: AgencyUser): boolean => status === 'active' && role === 'manager';

/** Whether nobody would be left to settle things. */
const isLastManager = ({ users }: RegisteredAgency, user: AgencyUser): boolean =>
  isActiveManager(user) && users.filter(isActiveManager).length === 1;

export function changeRole(
  state: RegisteredAgency,
  user: AgencyUser,
  { userId, role, at }: AgencyCommandOf<'changeRole'>,
): Decision {
  if (user.role === role) return [];
  if (isLastManager(state, user)) return refused('LAST_MANAGER');
  return [{ type: 'UserRoleChanged', data: { userId, role, at } }];
}

/** Takes somebody's access away, or the invitation of somebody who has not joined. */
export function deactivateUser(
  state: RegisteredAgency,
  user: AgencyUser,
  { userId, at }: AgencyCommandOf<'deactivateUser'>,
): Decision {
  if (user.status === 'deactivated') return [];
  if (isLastManager(state, user)) return refused('LAST_MANAGER');
  return [{ type: 'UserDeactivated', data: { userId, at } }];
}

export function reactivateUser(user: AgencyUser, { userId, at }: AgencyCommandOf<'reactivateUser'>): Decision {
  if (user.status === 'active') return [];
  if (!hasJoined(user) || user.status === 'invited') return refused('USER_NOT_ACTIVE');
  return [{ type: 'UserReactivated', data: { userId, at } }];
}
