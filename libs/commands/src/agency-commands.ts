import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { agency, type UserRole } from '#libs/directory';
import { EventStore, type CommandContext, type Position } from '#libs/event-store';
import { hashPassword } from './passwords.js';

const agencyStream = (agencyId: string): string => `agency-${agencyId}`;

/** E-mail addresses name a user whatever their case. */
export const logInName = (email: string): string => email.trim().toLowerCase();

/** What is stored of an API key: hexadecimal SHA-256; the key itself has 256 random bits, so that no salt is needed. */
export const apiKeyHash = (apiKey: string): string => createHash('sha256').update(apiKey).digest('hex');

/** Somebody else already logs in with this e-mail address. */
export class LogInTaken extends Error {
  readonly code = 'LOG_IN_TAKEN';
  constructor() {
    super('Cette adresse e-mail est déjà celle d’un autre utilisateur : choisissez-en une autre.');
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

/** Fails with `LogInTaken`. */
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
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, user, context }: RegisterUser): Promise<Position | null> {
    const { password, ...details } = user;
    const email = logInName(user.email);
    // The stream's name must not tell the address: it outlives the agency's key.
    const claim = `login-${createHash('sha256').update(email).digest('hex')}`;
    const event = { type: 'LogInReserved', data: { userId: user.userId } };
    if (!(await this.store.reserve(claim, event, context))) throw new LogInTaken();
    const command = {
      type: 'registerUser',
      ...details,
      email,
      passwordHash: await hashPassword(password),
      at: this.clock.now(),
    } as const;
    return (await this.store.execute(agency, agencyStream(agencyId), command, context)).position;
  }
}

/** Answers the key in clear: the only moment at which anybody can read it. */
export class IssueApiKey extends Command<{ readonly apiKey: string; readonly position: Position | null }> {
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

  async execute({ agencyId, label, context }: IssueApiKey): Promise<{ apiKey: string; position: Position | null }> {
    const apiKey = `pli_${randomBytes(32).toString('base64url')}`;
    const command = {
      type: 'issueApiKey',
      keyId: randomUUID(),
      keyHash: apiKeyHash(apiKey),
      label,
      at: this.clock.now(),
    } as const;
    const { position } = await this.store.execute(agency, agencyStream(agencyId), command, context);
    return { apiKey, position };
  }
}
