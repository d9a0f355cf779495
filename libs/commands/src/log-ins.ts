import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { agency } from '#libs/directory';
import { EventStore, type CommandContext } from '#libs/event-store';

/** E-mail addresses name a user whatever their case. */
export const logInName = (email: string): string => email.trim().toLowerCase();

/** Somebody else already logs in with this e-mail address. */
export class LogInTaken extends Error {
  readonly code = 'LOG_IN_TAKEN';
  constructor() {
    super('Cette adresse e-mail est déjà celle d’un autre utilisateur : choisissez-en une autre.');
  }
}

/** The user that an address stands for. */
export interface LogInHolder {
  readonly agencyId: string;
  readonly userId: string;
}

type LogInReserved = { readonly type: 'LogInReserved'; readonly data: Partial<LogInHolder> & { userId: string } };

/** The stream's name must not tell the address: it outlives the agency's key. */
const claimStream = (email: string): string => `login-${createHash('sha256').update(email).digest('hex')}`;

/** The addresses with which people log in, each taken once in the whole service (docs/decisions/0009). */
@Injectable()
export class LogIns {
  constructor(private readonly store: EventStore) {}

  /**
   * Claims an address for a user who is about to be registered or invited; answers who holds it.
   *
   * Whoever crashed between claim and user left a claim without its user, and whoever was invited may be invited again: the caller goes
   * on under the ids of the answer, and of several who do so the agency lets one through.
   *
   * @param email as `logInName` has it.
   * @throws LogInTaken where the address is, or may become, that of another agency's user.
   */
  async claim(email: string, holder: LogInHolder, context: CommandContext): Promise<LogInHolder> {
    const { agencyId, userId } = holder;
    const event: LogInReserved = { type: 'LogInReserved', data: { agencyId, userId } };
    if (await this.store.reserve(claimStream(email), event, context)) return holder;
    const claimed = await this.holderOf(email);
    if (claimed?.agencyId !== agencyId) throw new LogInTaken();
    return claimed;
  }

  /**
   * Under which ids somebody began to make an agency for the first user with this address, and did not come to make him; undefined when
   * nobody did.
   */
  async unfinished(email: string): Promise<LogInHolder | undefined> {
    const claimed = await this.holderOf(email);
    if (!claimed) return undefined;
    const { state } = await this.store.fold(agency, `agency-${claimed.agencyId}`);
    return state.status === 'registered' && state.users.length > 0 ? undefined : claimed;
  }

  private async holderOf(email: string): Promise<LogInHolder | undefined> {
    const [first] = (await this.store.load<LogInReserved>(claimStream(email))).events;
    if (!first) return undefined;
    const { agencyId, userId } = first.event.data;
    // Claims from before they named the agency were made in a story that bears its id.
    return { agencyId: agencyId ?? first.metadata.correlationId, userId };
  }
}
