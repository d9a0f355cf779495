import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { IssueApiKey, LogInTaken, RegisterAgency, RegisterUser } from '#libs/commands';
import { AgencyAccess } from '#projections/agency-access';
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
  return withStores(environment, async ({ commands, db }) => {
    // Looked up beforehand so that no agency is left without its user; the claim on the address itself comes with the user.
    if (await new AgencyAccess(db).userByEmail(userEmail)) throw new LogInTaken();
    const agencyId = uuidv7();
    const password = newPassword();
    const user = { userId: randomUUID(), email: userEmail, name: userName, role: 'manager', password } as const;
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
