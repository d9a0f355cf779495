import type { Decider } from '#libs/letter';
import type { AgencyCommand, AgencyCommandOf } from './commands.js';
import type { AgencyEvent } from './events.js';
import { refused } from './refusals.js';
import type { AgencyRefusal, AgencyRefusalCode } from './refusals.js';
import { evolve, initial } from './state.js';
import type { Agency, RegisteredAgency } from './state.js';

type Decision = readonly AgencyEvent[] | AgencyRefusal;

function decide(state: Agency, command: AgencyCommand): Decision {
  if (command.type === 'registerAgency') return registerAgency(state, command);
  if (state.status === 'unknown') return refused('UNKNOWN_AGENCY');
  switch (command.type) {
    case 'registerUser':
      return registerUser(state, command);
    case 'issueApiKey':
      return issueApiKey(state, command);
    case 'revokeApiKey':
      return revokeApiKey(state, command);
  }
}

function registerAgency(state: Agency, command: AgencyCommandOf<'registerAgency'>): Decision {
  const { type: _type, agencyId, code, at, ...details } = command;
  if (state.status === 'registered') {
    return state.agencyId === agencyId && state.code === code ? [] : refused('AGENCY_ALREADY_REGISTERED');
  }
  return [{ type: 'AgencyRegistered', data: { agencyId, code, at }, personal: details }];
}

function registerUser(state: RegisteredAgency, command: AgencyCommandOf<'registerUser'>): Decision {
  const { userId, role, email, name, passwordHash, at } = command;
  const known = state.users.find((user) => user.userId === userId);
  if (known) {
    const isSame = known.personal === 'erased' || known.personal.email === email;
    return isSame ? [] : refused('USER_ALREADY_REGISTERED');
  }
  const isTaken = state.users.some(({ personal }) => personal !== 'erased' && personal.email === email);
  if (isTaken) return refused('USER_EMAIL_TAKEN');
  return [{ type: 'UserRegistered', data: { userId, role, at }, personal: { email, name, passwordHash } }];
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
