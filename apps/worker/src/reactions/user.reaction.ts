import { EventPattern, Payload } from '@nestjs/microservices';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v5 as uuidv5 } from 'uuid';
import { accessToken, AgencyById, CommandAgency } from '#libs/commands';
import type { AgencyEventOf, AgencyUser, UserMail } from '#libs/directory';
import { Keyring, type StoredEvent } from '#libs/event-store';
import type { Mail } from '#libs/messaging';
import { UserMails, type Addressee } from '../mails/user-mails.js';
import { Outbox } from '../outbox.js';
import { Reaction } from './reaction.js';

const STREAM_PREFIX = 'agency-';

type Cause = 'UserInvited' | 'PasswordResetRequested' | 'LogInLocked';

/** What a reaction works on: the user as he is now, and the event that calls for an e-mail. */
interface UserMatter<Type extends Cause> {
  readonly agencyId: string;
  readonly user: AgencyUser;
  readonly to: Addressee;
  readonly data: AgencyEventOf<Type>['data'];
  readonly cause: StoredEvent;
}

/** Mails the users of an agency what they asked for or must know: invitation, new password, lock-out. */
@Reaction()
export class UserReaction {
  constructor(
    private readonly outbox: Outbox,
    private readonly mails: UserMails,
    private readonly keyring: Keyring,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @EventPattern('UserInvited')
  async userInvited(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.open(delivered, 'UserInvited');
    // An invitation that was accepted, replaced or withdrawn meanwhile is nobody's any more.
    if (!matter || matter.user.invitation?.linkId !== matter.data.linkId) return;
    const key = await this.keyring.get(delivered.stream);
    const token = accessToken(key, 'invitation', matter.agencyId, matter.data.linkId);
    await this.send(matter, 'invitation', this.mails.invitation(matter.to, matter.data, token));
  }

  @EventPattern('PasswordResetRequested')
  async passwordResetRequested(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.open(delivered, 'PasswordResetRequested');
    if (!matter || matter.user.reset?.linkId !== matter.data.linkId) return;
    const key = await this.keyring.get(delivered.stream);
    const token = accessToken(key, 'password-reset', matter.agencyId, matter.data.linkId);
    await this.send(matter, 'password-reset', this.mails.passwordReset(matter.to, matter.data, token));
  }

  @EventPattern('LogInLocked')
  async logInLocked(@Payload() delivered: StoredEvent): Promise<void> {
    const matter = await this.open(delivered, 'LogInLocked');
    if (!matter || matter.user.lock?.lockId !== matter.data.lockId) return;
    await this.send(matter, 'lock-out', this.mails.lockOut(matter.to, matter.data));
  }

  /** Of what was delivered only the id counts. Undefined where there is nobody to write to. */
  private async open<Type extends Cause>(delivered: StoredEvent, type: Type): Promise<UserMatter<Type> | undefined> {
    const agencyId = delivered.stream.slice(STREAM_PREFIX.length);
    const { state, events } = await this.queries.execute(new AgencyById(agencyId));
    const cause = events.find(({ id }) => id === delivered.id);
    if (state.status !== 'registered' || cause?.event.type !== type) return undefined;
    const data = cause.event.data as AgencyEventOf<Type>['data'];
    const { userId }: AgencyEventOf<Cause>['data'] = data;
    const user = state.users.find((known) => known.userId === userId);
    if (!user || user.personal === 'erased') return undefined;
    const agency = state.details === 'erased' ? '' : state.details.name;
    return { agencyId, user, to: { email: user.personal.email, agency }, data, cause };
  }

  /** Sends the e-mail unless its outcome is known, and tells the agency. */
  private async send(
    { agencyId, user, cause }: Omit<UserMatter<Cause>, 'data'>,
    about: UserMail,
    mail: Mail,
  ): Promise<void> {
    const { messageId } = mail;
    if (user.mailed.includes(messageId)) return;
    const outcome = await this.outbox.mail(mail);
    const told = { userId: user.userId, about, messageId };
    const command =
      outcome.outcome === 'accepted'
        ? ({ type: 'confirmUserMail', ...told } as const)
        : ({ type: 'failUserMail', ...told, code: outcome.code } as const);
    const context = { correlationId: cause.metadata.correlationId, causationId: cause.id, actor: 'worker' };
    const commandId = uuidv5(command.type, cause.id);
    await this.commands.execute(new CommandAgency(agencyId, command, { ...context, commandId }));
  }
}
