import { randomUUID } from 'node:crypto';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { v7 as uuidv7 } from 'uuid';
import type { CommandContext } from '#libs/event-store';
import { RegisterAgency, RegisterUser } from './agency-commands.js';
import { logInName, LogIns } from './log-ins.js';

/**
 * Registers an agency with its first user, a manager; answers the agency's id. A run that was killed between the claim on the address and
 * its user is finished, under the ids that it chose, by whoever asks for the same agency again.
 *
 * Fails with `LogInTaken` when somebody logs in with that e-mail address already.
 */
export class CreateAgency extends Command<string> {
  constructor(
    readonly agency: { readonly code: string; readonly name: string; readonly email: string },
    readonly manager: { readonly email: string; readonly name: string; readonly password: string },
    readonly actor: string,
  ) {
    super();
  }
}

@CommandHandler(CreateAgency)
export class CreateAgencyHandler implements ICommandHandler<CreateAgency> {
  constructor(
    private readonly logIns: LogIns,
    private readonly commands: CommandBus,
  ) {}

  async execute({ agency, manager, actor }: CreateAgency): Promise<string> {
    const name = logInName(manager.email);
    const holder = (await this.logIns.unfinished(name)) ?? { agencyId: uuidv7(), userId: randomUUID() };
    const { agencyId, userId } = holder;
    const because = (): CommandContext => {
      const commandId = randomUUID();
      return { commandId, correlationId: agencyId, causationId: commandId, actor };
    };
    // The claim comes first, so that no agency is left without its user.
    await this.logIns.claim(name, holder, because());
    await this.commands.execute(new RegisterAgency(agencyId, agency, because()));
    await this.commands.execute(new RegisterUser(agencyId, { userId, role: 'manager', ...manager }, because()));
    return agencyId;
  }
}
