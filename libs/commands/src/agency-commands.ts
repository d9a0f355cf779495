import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { agency, type Agency, type AgencyCommand, type AgencyEvent, type UserRole } from '#libs/directory';
import { EventStore, type CommandContext, type Executed, type Position, type StoredEvent } from '#libs/event-store';
import { logInName, LogIns, LogInTaken } from './log-ins.js';
import { hashPassword } from './passwords.js';

/** The stream of an agency. */
export const agencyStream = (agencyId: string): string => `agency-${agencyId}`;

/** What is stored of an API key: hexadecimal SHA-256; the key itself has 256 random bits, so that no salt is needed. */
export const apiKeyHash = (apiKey: string): string => createHash('sha256').update(apiKey).digest('hex');

type Timeless = AgencyCommand extends infer Each ? (Each extends AgencyCommand ? Omit<Each, 'at'> : never) : never;

/** What became of a command of an agency. */
export type AgencyOutcome = Executed<Agency, AgencyEvent>;

/**
 * Any command of an agency that needs nothing but the agency.
 *
 * Refused with the agency's own codes (`CommandRefused`).
 */
export class CommandAgency extends Command<AgencyOutcome> {
  constructor(
    readonly agencyId: string,
    readonly command: Exclude<Timeless, { type: 'registerUser' | 'inviteUser' }>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandAgency)
export class CommandAgencyHandler implements ICommandHandler<CommandAgency> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ agencyId, command, context }: CommandAgency): Promise<AgencyOutcome> {
    const timed = { ...command, at: this.clock.now() } as AgencyCommand;
    return this.store.execute(agency, agencyStream(agencyId), timed, context);
  }
}

/** An agency with everything that happened to it; `state` is the initial one where there is none. */
export interface ReadAgency {
  readonly state: Agency;
  readonly events: readonly StoredEvent<AgencyEvent>[];
}

/** Reads an agency from its events: always as new as the last command. */
export class AgencyById extends Query<ReadAgency> {
  constructor(readonly agencyId: string) {
    super();
  }
}

@QueryHandler(AgencyById)
export class AgencyByIdHandler implements IQueryHandler<AgencyById> {
  constructor(private readonly store: EventStore) {}

  execute({ agencyId }: AgencyById): Promise<ReadAgency> {
    return this.store.fold(agency, agencyStream(agencyId));
  }
}

export class RegisterAgency extends Command<Position | null> {
  constructor(
    readonly agencyId: string,
    readonly agency: { readonly code: string; readonly name: string; readonly email: string },
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RegisterAgency)
export class RegisterAgencyHandler implements ICommandHandler<RegisterAgency> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, agency: details, context }: RegisterAgency): Promise<Position | null> {
    const command = { type: 'registerAgency', agencyId, ...details, at: this.clock.now() } as const;
    return (await this.store.execute(agency, agencyStream(agencyId), command, context)).position;
  }
}

/** Fails with `LogInTaken`, also where the user was registered before. */
export class RegisterUser extends Command<Position | null> {
  constructor(
    readonly agencyId: string,
    readonly user: {
      readonly userId: string;
      readonly email: string;
      readonly name: string;
      readonly role: UserRole;
      readonly password: string;
    },
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RegisterUser)
export class RegisterUserHandler implements ICommandHandler<RegisterUser> {
  constructor(
    private readonly store: EventStore,
    private readonly logIns: LogIns,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, user, context }: RegisterUser): Promise<Position | null> {
    const { password, ...details } = user;
    const email = logInName(user.email);
    const holder = await this.logIns.claim(email, { agencyId, userId: user.userId }, context);
    const command = {
      type: 'registerUser',
      ...details,
      userId: holder.userId,
      email,
      passwordHash: await hashPassword(password),
      at: this.clock.now(),
    } as const;
    const { events, position } = await this.store.execute(agency, agencyStream(agencyId), command, context);
    // Somebody was quicker: the password that was given here is not the one that counts.
    if (events.length === 0) throw new LogInTaken();
    return position;
  }
}

/** A fresh API key. */
export interface IssuedKey {
  readonly keyId: string;
  readonly apiKey: string;
  readonly position: Position | null;
}

/** Answers the key in clear: the only moment at which anybody can read it. */
export class IssueApiKey extends Command<IssuedKey> {
  constructor(
    readonly agencyId: string,
    readonly label: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(IssueApiKey)
export class IssueApiKeyHandler implements ICommandHandler<IssueApiKey> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, label, context }: IssueApiKey): Promise<IssuedKey> {
    const apiKey = `pli_${randomBytes(32).toString('base64url')}`;
    const keyId = randomUUID();
    const command = {
      type: 'issueApiKey',
      keyId,
      keyHash: apiKeyHash(apiKey),
      label,
      at: this.clock.now(),
    } as const;
    const { position } = await this.store.execute(agency, agencyStream(agencyId), command, context);
    return { keyId, apiKey, position };
  }
}
