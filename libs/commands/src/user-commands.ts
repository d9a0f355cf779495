import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { agency, type AgencyRefusalCode, type AgencyUser, type RegisteredAgency, type UserRole } from '#libs/directory';
import { CommandRefused, EventStore, Keyring, StreamKeyMissing, type CommandContext } from '#libs/event-store';
import { isSealed, readAccessToken, type AddressedLink, type LinkPurpose } from './access-links.js';
import { agencyStream, type AgencyOutcome } from './agency-commands.js';
import { logInName, LogIns } from './log-ins.js';
import { hashPassword, isPassword } from './passwords.js';
import { newFactorSecret, newRecoveryCodes, recoveryHash, stepOfCode } from './second-factor.js';

const HOUR = 3_600_000;
/** Seven days: an invitation must outlive a week-end and a holiday bridge. */
const INVITATION_MS = 7 * 24 * HOUR;
const RESET_MS = HOUR;

const later = (at: string, milliseconds: number): string => new Date(Date.parse(at) + milliseconds).toISOString();
const refusal = (code: AgencyRefusalCode): CommandRefused => new CommandRefused(code);

/**
 * Invites somebody into an agency, again if he has not joined yet; the worker mails the link.
 *
 * Fails with `LogInTaken`; refused with USER_HAS_JOINED.
 */
export class InviteUser extends Command<AgencyOutcome & { readonly userId: string }> {
  constructor(
    readonly agencyId: string,
    readonly user: { readonly email: string; readonly role: UserRole },
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(InviteUser)
export class InviteUserHandler implements ICommandHandler<InviteUser> {
  constructor(
    private readonly store: EventStore,
    private readonly logIns: LogIns,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, user, context }: InviteUser): Promise<AgencyOutcome & { readonly userId: string }> {
    const email = logInName(user.email);
    const { userId } = await this.logIns.claim(email, { agencyId, userId: randomUUID() }, context);
    const at = this.clock.now();
    const link = { linkId: randomUUID(), expiresAt: later(at, INVITATION_MS) };
    const command = { type: 'inviteUser', userId, role: user.role, email, ...link, at } as const;
    return { ...(await this.store.execute(agency, agencyStream(agencyId), command, context)), userId };
  }
}

/** Whom a mailed link leads to. */
export interface LinkedUser {
  readonly agency: RegisteredAgency;
  readonly user: AgencyUser;
  readonly linkId: string;
  readonly isExpired: boolean;
}

/** Reads a mailed link without using it; undefined where it is forged, used or replaced. */
export class UserOfLink extends Query<LinkedUser | undefined> {
  constructor(
    readonly purpose: LinkPurpose,
    readonly token: string,
  ) {
    super();
  }
}

@QueryHandler(UserOfLink)
export class UserOfLinkHandler implements IQueryHandler<UserOfLink> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async execute({ purpose, token }: UserOfLink): Promise<LinkedUser | undefined> {
    const link = readAccessToken(token);
    if (!link || !(await this.isOurs(purpose, link))) return undefined;
    const { state } = await this.store.fold(agency, agencyStream(link.agencyId));
    if (state.status !== 'registered') return undefined;
    for (const user of state.users) {
      const open = purpose === 'invitation' ? user.invitation : user.reset;
      if (open?.linkId !== link.linkId) continue;
      return { agency: state, user, linkId: link.linkId, isExpired: this.clock.now() >= open.expiresAt };
    }
    return undefined;
  }

  private async isOurs(purpose: LinkPurpose, link: AddressedLink): Promise<boolean> {
    try {
      return isSealed(await this.keyring.get(agencyStream(link.agencyId)), purpose, link);
    } catch (error) {
      if (error instanceof StreamKeyMissing) return false;
      throw error;
    }
  }
}

/** Accepts an invitation: the link works once. Refused with LINK_USED or LINK_EXPIRED. */
export class AcceptInvitation extends Command<AgencyOutcome> {
  constructor(
    readonly linked: LinkedUser,
    readonly answer: { readonly name: string; readonly password: string },
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(AcceptInvitation)
export class AcceptInvitationHandler implements ICommandHandler<AcceptInvitation> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute({ linked, answer: { name, password }, context }: AcceptInvitation): Promise<AgencyOutcome> {
    const { agencyId } = linked.agency;
    const { userId } = linked.user;
    const passwordHash = await hashPassword(password);
    const at = this.clock.now();
    const command = { type: 'acceptInvitation', userId, linkId: linked.linkId, name, passwordHash, at } as const;
    return this.store.execute(agency, agencyStream(agencyId), command, context);
  }
}

/** Mails a link by which somebody who forgot his password sets a new one. Refused with USER_NOT_ACTIVE. */
export class RequestPasswordReset extends Command<AgencyOutcome> {
  constructor(
    readonly agencyId: string,
    readonly userId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RequestPasswordReset)
export class RequestPasswordResetHandler implements ICommandHandler<RequestPasswordReset> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ agencyId, userId, context }: RequestPasswordReset): Promise<AgencyOutcome> {
    const at = this.clock.now();
    const link = { linkId: randomUUID(), expiresAt: later(at, RESET_MS) };
    const command = { type: 'requestPasswordReset', userId, ...link, at } as const;
    return this.store.execute(agency, agencyStream(agencyId), command, context);
  }
}

/** Sets a new password by a mailed link, which works once. Refused with LINK_USED or LINK_EXPIRED. */
export class ResetPassword extends Command<AgencyOutcome> {
  constructor(
    readonly linked: LinkedUser,
    readonly password: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ResetPassword)
export class ResetPasswordHandler implements ICommandHandler<ResetPassword> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute({ linked, password, context }: ResetPassword): Promise<AgencyOutcome> {
    const { userId } = linked.user;
    const passwordHash = await hashPassword(password);
    const command = {
      type: 'resetPassword',
      userId,
      linkId: linked.linkId,
      passwordHash,
      at: this.clock.now(),
    } as const;
    return this.store.execute(agency, agencyStream(linked.agency.agencyId), command, context);
  }
}

/** The current password was not the one that was given. */
export class PasswordWrong extends Error {
  readonly code = 'PASSWORD_WRONG';
  constructor() {
    super('Ce n’est pas votre mot de passe actuel : vérifiez-le, puis recommencez.');
  }
}

/** Changes a password by whoever knows the current one. Fails with `PasswordWrong`. */
export class ChangePassword extends Command<AgencyOutcome> {
  constructor(
    readonly agencyId: string,
    readonly userId: string,
    readonly passwords: { readonly current: string; readonly next: string },
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ChangePassword)
export class ChangePasswordHandler implements ICommandHandler<ChangePassword> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, userId, passwords, context }: ChangePassword): Promise<AgencyOutcome> {
    const user = await userOf(this.store, agencyId, userId);
    const currentHash = user.personal === 'erased' ? undefined : user.personal.passwordHash;
    if (currentHash === undefined || !(await isPassword(passwords.current, currentHash))) throw new PasswordWrong();
    const passwordHash = await hashPassword(passwords.next);
    const command = { type: 'changePassword', userId, currentHash, passwordHash, at: this.clock.now() } as const;
    return this.store.execute(agency, agencyStream(agencyId), command, context);
  }
}

/** The secret of a second factor that awaits its first code; the one that was proposed before, if there is one. */
export class ProposeSecondFactor extends Command<{ readonly factorId: string; readonly secret: string }> {
  constructor(
    readonly agencyId: string,
    readonly userId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ProposeSecondFactor)
export class ProposeSecondFactorHandler implements ICommandHandler<ProposeSecondFactor> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, userId, context }: ProposeSecondFactor): Promise<{ factorId: string; secret: string }> {
    const { secondFactor } = await userOf(this.store, agencyId, userId);
    if (secondFactor.status === 'proposed') return secondFactor;
    const proposed = { factorId: randomUUID(), secret: newFactorSecret() };
    const command = { type: 'proposeSecondFactor', userId, ...proposed, at: this.clock.now() } as const;
    await this.store.execute(agency, agencyStream(agencyId), command, context);
    return proposed;
  }
}

/** A code is not the one that the authenticator app shows now. */
export class SecondFactorWrong extends Error {
  readonly code = 'SECOND_FACTOR_WRONG';
  constructor() {
    super('Ce code n’est pas celui qu’affiche votre application en ce moment : saisissez le prochain.');
  }
}

/** A second factor that has just come into force; its recovery codes can be read this once. */
export type ConfirmedFactor = AgencyOutcome & {
  readonly recoveryCodes: readonly string[];
  readonly factorId: string;
  readonly step: number;
};

/** Puts a proposed second factor into force by a first code of it. Fails with `SecondFactorWrong`. */
export class ConfirmSecondFactor extends Command<ConfirmedFactor> {
  constructor(
    readonly agencyId: string,
    readonly userId: string,
    readonly code: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ConfirmSecondFactor)
export class ConfirmSecondFactorHandler implements ICommandHandler<ConfirmSecondFactor> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, userId, code, context }: ConfirmSecondFactor): Promise<ConfirmedFactor> {
    const stream = agencyStream(agencyId);
    const { secondFactor } = await userOf(this.store, agencyId, userId);
    if (secondFactor.status === 'confirmed') throw refusal('SECOND_FACTOR_IN_FORCE');
    if (secondFactor.status === 'none') throw refusal('SECOND_FACTOR_REPLACED');
    const at = this.clock.now();
    const { factorId, secret } = secondFactor;
    const step = stepOfCode(secret, code, at);
    if (step === undefined) throw new SecondFactorWrong();
    const key = await this.keyring.get(stream);
    const recoveryCodes = newRecoveryCodes();
    const recoveryHashes = recoveryCodes.map((recovery) => recoveryHash(key, factorId, recovery));
    const command = { type: 'confirmSecondFactor', userId, factorId, recoveryHashes, at } as const;
    return { ...(await this.store.execute(agency, stream, command, context)), recoveryCodes, factorId, step };
  }
}

/** Lets somebody in by a recovery code, once. Refused with RECOVERY_CODE_WRONG. */
export class UseRecoveryCode extends Command<AgencyOutcome> {
  constructor(
    readonly agencyId: string,
    readonly userId: string,
    readonly code: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(UseRecoveryCode)
export class UseRecoveryCodeHandler implements ICommandHandler<UseRecoveryCode> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, userId, code, context }: UseRecoveryCode): Promise<AgencyOutcome> {
    const stream = agencyStream(agencyId);
    const { secondFactor } = await userOf(this.store, agencyId, userId);
    if (secondFactor.status !== 'confirmed') throw refusal('RECOVERY_CODE_WRONG');
    const hash = recoveryHash(await this.keyring.get(stream), secondFactor.factorId, code);
    const command = { type: 'useRecoveryCode', userId, hash, at: this.clock.now() } as const;
    return this.store.execute(agency, stream, command, context);
  }
}

async function userOf(store: EventStore, agencyId: string, userId: string): Promise<AgencyUser> {
  const { state } = await store.fold(agency, agencyStream(agencyId));
  const user = state.status === 'registered' ? state.users.find((known) => known.userId === userId) : undefined;
  if (!user) throw refusal('UNKNOWN_USER');
  return user;
}
