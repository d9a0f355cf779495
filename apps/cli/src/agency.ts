import { CreateAgency, IssueApiKey } from '#libs/commands';
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
  return withStores(environment, async ({ commands }) => {
    const password = newPassword();
    const manager = { email: userEmail, name: userName, password };
    const agencyId = await commands.execute(new CreateAgency({ code, name, email }, manager, 'operator'));
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
