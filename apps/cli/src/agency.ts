import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { IssueApiKey, logInName, LogIns, RegisterAgency, RegisterUser } from '#libs/commands';
import { asOperator, withStores } from './operator.js';
import { newPassword } from './secrets.js';

export interface AgencyToCreate {
  readonly code: string;
  readonly name: string;
  readonly email: string;
  readonly userEmail: string;
  readonly userName: string;
}

/**
 * Registers an agency and its first user, a manager; answers the password, which is printed once and kept nowhere.
 *
 * @throws LogInTaken when somebody logs in with that e-mail address already.
 */
export function createAgency(
  environment: NodeJS.ProcessEnv,
  { code, name, email, userEmail, userName }: AgencyToCreate,
): Promise<{ agencyId: string; password: string }> {
  return withStores(environment, async ({ commands, eventStore }) => {
    // A run that was killed between the claim on the address and its user is finished under the ids that it chose.
    const { agencyId, userId } = (await new LogIns(eventStore).unfinished(logInName(userEmail))) ?? {
      agencyId: uuidv7(),
      userId: randomUUID(),
    };
    const password = newPassword();
    const user = { userId, email: userEmail, name: userName, role: 'manager', password } as const;
    await new LogIns(eventStore).claim(logInName(userEmail), { agencyId, userId }, asOperator(randomUUID(), agencyId));
    await commands.execute(new RegisterAgency(agencyId, { code, name, email }, asOperator(randomUUID(), agencyId)));
    await commands.execute(new RegisterUser(agencyId, user, asOperator(randomUUID(), agencyId)));
    return { agencyId, password };
  });
}

/** Issues an API key of an agency; answers it in clear, which nobody can do later. */
export function issueKey(environment: NodeJS.ProcessEnv, agencyId: string, label: string): Promise<string> {
  return withStores(environment, async ({ commands }) => {
    const { apiKey } = await commands.execute(new IssueApiKey(agencyId, label, asOperator()));
    return apiKey;
  });
}
