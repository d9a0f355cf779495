import type { Decider } from '#libs/letter';
import type { AgencyCommand, AgencyCommandOf } from './commands.js';
import {
  changePassword,
  confirmSecondFactor,
  lockLogIn,
  proposeSecondFactor,
  removeSecondFactor,
  requestPasswordReset,
  resetPassword,
  settleUserMail,
  unlockLogIn,
  useRecoveryCode,
} from './decide-log-in.js';
import {
  acceptInvitation,
  changeRole,
  deactivateUser,
  inviteUser,
  reactivateUser,
  registerUser,
} from './decide-users.js';
import type { AgencyEvent } from './events.js';
import { refused } from './refusals.js';
import type { AgencyRefusal, AgencyRefusalCode } from './refusals.js';
import { evolve, initial } from './state.js';
import type { Agency, AgencyUser, RegisteredAgency } from './state.js';

type Decision = readonly AgencyEvent[] | AgencyRefusal;

function decide(state: Agency, command: AgencyCommand): Decision {
  if (command.type === 'registerAgency') return registerAgency(state, command);
  if (state.status === 'unknown') return refused('UNKNOWN_AGENCY');
  switch (command.type) {
    case 'registerUser':
      return registerUser(state, command);
    case 'inviteUser':
      return inviteUser(state, command);
    case 'issueApiKey':
      return issueApiKey(state, command);
    case 'revokeApiKey':
      return revokeApiKey(state, command);
    default: {
      const user = state.users.find(({ userId }) => userId === command.userId);
      return user ? decideOfUser(state, user, command) : refused('UNKNOWN_USER');
    }
  }
}

type OfUser = Exclude<
  AgencyCommand,
  { type: 'registerAgency' | 'registerUser' | 'inviteUser' | 'issueApiKey' | 'revokeApiKey' }
>;

function decideOfUser(state: RegisteredAgency, user: AgencyUser, command: OfUser): Decision {
  switch (command.type) {
    case 'acceptInvitation':
      return acceptInvitation(user, command);
    case 'changeRole':
      return changeRole(state, user, command);
    case 'deactivateUser':
      return deactivateUser(state, user, command);
    case 'reactivateUser':
      return reactivateUser(user, command);
    case 'requestPasswordReset':
      return requestPasswordReset(user, command);
    case 'resetPassword':
      return resetPassword(user, command);
    case 'changePassword':
      return changePassword(user, command);
    case 'proposeSecondFactor':
      return proposeSecondFactor(user, command);
    case 'confirmSecondFactor':
      return confirmSecondFactor(user, command);
    case 'useRecoveryCode':
      return useRecoveryCode(user, command);
    case 'removeSecondFactor':
      return removeSecondFactor(user, command);
    case 'lockLogIn':
      return lockLogIn(user, command);
    case 'unlockLogIn':
      return unlockLogIn(user, command);
    case 'confirmUserMail':
    case 'failUserMail':
      return settleUserMail(user, command);
  }
}

function registerAgency(state: Agency, command: AgencyCommandOf<'registerAgency'>): Decision {
  const { type: _type, agencyId, code, at, ...details } = command;
  if (state.status === 'registered') {
    return state.agencyId === agencyId && state.code === code ? [] : refused('AGENCY_ALREADY_REGISTERED');
  }
  return [{ type: 'AgencyRegistered', data: { agencyId, code, at }, personal: details }];
}

function issueApiKey(state: RegisteredAgency, command: AgencyCommandOf<'issueApiKey'>): Decision {
  const { keyId, keyHash, label, at } = command;
  const known = state.apiKeys.find((key) => key.keyId === keyId);
  if (known) return known.keyHash === keyHash ? [] : refused('API_KEY_ALREADY_ISSUED');
  return [{ type: 'ApiKeyIssued', data: { keyId, keyHash, label, at } }];
}

function revokeApiKey(state: RegisteredAgency, { keyId, at }: AgencyCommandOf<'revokeApiKey'>): Decision {
  const known = state.apiKeys.find((key) => key.keyId === keyId);
  if (!known) return refused('UNKNOWN_API_KEY');
  return known.status === 'revoked' ? [] : [{ type: 'ApiKeyRevoked', data: { keyId, at } }];
}

/** An agency: its users and the keys of its programs. */
export const agency: Decider<Agency, AgencyCommand, AgencyEvent, AgencyRefusalCode> = { initial, decide, evolve };
