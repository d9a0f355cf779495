import type { AgencyCommandOf } from './commands.js';
import type { AgencyEvent } from './events.js';
import { refused } from './refusals.js';
import type { AgencyRefusal } from './refusals.js';
import type { AgencyUser } from './state.js';

type Decision = readonly AgencyEvent[] | AgencyRefusal;

export function requestPasswordReset(user: AgencyUser, command: AgencyCommandOf<'requestPasswordReset'>): Decision {
  const { userId, linkId, expiresAt, at } = command;
  if (user.reset?.linkId === linkId) return [];
  if (user.status !== 'active') return refused('USER_NOT_ACTIVE');
  return [{ type: 'PasswordResetRequested', data: { userId, linkId, expiresAt, at } }];
}

export function resetPassword(user: AgencyUser, command: AgencyCommandOf<'resetPassword'>): Decision {
  const { userId, linkId, passwordHash, at } = command;
  if (user.reset?.linkId !== linkId) return refused('LINK_USED');
  if (at >= user.reset.expiresAt) return refused('LINK_EXPIRED');
  return [{ type: 'PasswordChanged', data: { userId, proof: 'link', at }, personal: { passwordHash } }];
}

/** Of two who change it at the same moment from the same password, one wins. */
export function changePassword(user: AgencyUser, command: AgencyCommandOf<'changePassword'>): Decision {
  const { userId, currentHash, passwordHash, at } = command;
  if (user.status !== 'active') return refused('USER_NOT_ACTIVE');
  const current = user.personal === 'erased' ? undefined : user.personal.passwordHash;
  if (current !== currentHash) return refused('PASSWORD_CHANGED_MEANWHILE');
  return [{ type: 'PasswordChanged', data: { userId, proof: 'password', at }, personal: { passwordHash } }];
}

/** A proposal that was not confirmed is replaced. */
export function proposeSecondFactor(user: AgencyUser, command: AgencyCommandOf<'proposeSecondFactor'>): Decision {
  const { userId, factorId, secret, at } = command;
  const { secondFactor } = user;
  if (secondFactor.status !== 'none' && secondFactor.factorId === factorId) return [];
  if (secondFactor.status === 'confirmed') return refused('SECOND_FACTOR_IN_FORCE');
  if (user.status !== 'active') return refused('USER_NOT_ACTIVE');
  return [{ type: 'SecondFactorProposed', data: { userId, factorId, at }, personal: { secret } }];
}

export function confirmSecondFactor(user: AgencyUser, command: AgencyCommandOf<'confirmSecondFactor'>): Decision {
  const { userId, factorId, recoveryHashes, at } = command;
  const { secondFactor } = user;
  if (secondFactor.status === 'confirmed') return refused('SECOND_FACTOR_IN_FORCE');
  if (secondFactor.status === 'none' || secondFactor.factorId !== factorId) return refused('SECOND_FACTOR_REPLACED');
  return [{ type: 'SecondFactorConfirmed', data: { userId, factorId, at }, personal: { recoveryHashes } }];
}

/** Each code works once: of two who use it at the same moment, one gets in. */
export function useRecoveryCode(user: AgencyUser, command: AgencyCommandOf<'useRecoveryCode'>): Decision {
  const { userId, hash, at } = command;
  const { secondFactor } = user;
  if (user.status !== 'active' || secondFactor.status !== 'confirmed') return refused('RECOVERY_CODE_WRONG');
  const number = secondFactor.recoveryHashes.indexOf(hash);
  if (number < 0) return refused('RECOVERY_CODE_WRONG');
  return [{ type: 'RecoveryCodeUsed', data: { userId, factorId: secondFactor.factorId, number, at } }];
}

export function removeSecondFactor(
  { secondFactor }: AgencyUser,
  { userId, at }: AgencyCommandOf<'removeSecondFactor'>,
): Decision {
  return secondFactor.status === 'none' ? [] : [{ type: 'SecondFactorRemoved', data: { userId, at } }];
}

/** Processes that count the same last attempt make one lock-out of it. */
export function lockLogIn(user: AgencyUser, command: AgencyCommandOf<'lockLogIn'>): Decision {
  const { userId, lockId, until, at } = command;
  const isLocked = user.lock !== null && (user.lock.lockId === lockId || user.lock.until > at);
  return isLocked ? [] : [{ type: 'LogInLocked', data: { userId, lockId, until, at } }];
}

export function unlockLogIn({ lock }: AgencyUser, { userId, at }: AgencyCommandOf<'unlockLogIn'>): Decision {
  return lock === null ? [] : [{ type: 'LogInUnlocked', data: { userId, at } }];
}

/** The outcome of an e-mail, the first that is told. */
export function settleUserMail(
  user: AgencyUser,
  command: AgencyCommandOf<'confirmUserMail' | 'failUserMail'>,
): Decision {
  const { userId, about, messageId, at } = command;
  if (user.mailed.includes(messageId)) return [];
  if (command.type === 'confirmUserMail') return [{ type: 'UserMailSent', data: { userId, about, messageId, at } }];
  return [{ type: 'UserMailFailed', data: { userId, about, messageId, code: command.code, at } }];
}
