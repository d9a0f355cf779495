import { createHash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { apiKeyHash, EnterKey, IssueApiKey, LogInTaken, RegisterAgency, RegisterUser } from '#libs/commands';
import { KeyIssuerConfiguration, readConfiguration } from '#libs/configuration';
import { agency, type Agency, type AgencyEvent } from '#libs/directory';
import { CommandRefused } from '#libs/event-store';
import { issueKey, publicKeyOf, readKey } from '#libs/keys';
import { AgencyAccess } from '#projections/agency-access';
import { fileDemoDocuments } from './demo-documents.js';
import { registerDemoParties } from './demo-parties.js';
import { receiveDemoReminders } from './demo-reminders.js';
import { CliFailure } from './failure.js';
import { asOperator, withStores, type Operator } from './operator.js';
import { newPassword } from './secrets.js';

/** The agency of the manual's pictures (II.2, V.2); the addresses are of a reserved domain (RFC 2606), so that nobody gets mail. */
const AGENCY = { code: '9998', name: 'Agence Latour', email: 'info@latour.example' } as const;
const USER = { email: 'demo@latour.example', name: 'Demo Latour', role: 'manager' } as const;

/** What the counter in the manual's pictures shows (II.2). */
const SIGNATURES = 698;

/** Milliseconds for the worker to show the agency to the log-in page, and between two looks. */
const SHOWN_WITHIN = 60_000;
const LOOK_EVERY = 100;

/** What must be the same on the next start: kept in `demo.json`, written before anything is registered under it. */
interface Demo {
  readonly agencyId: string;
  readonly userId: string;
  readonly password: string;
  /** Absent until it was issued. */
  readonly apiKey?: string;
}

/** What `pli demo` prints. */
export interface DemoAccess {
  readonly agency: { readonly id: string; readonly code: string; readonly name: string };
  readonly login: { readonly email: string; readonly password: string };
  readonly apiKey: string;
}

/**
 * The demo agency with its first signatures, made on the first call and found on every later one; both ends wait until one can log in.
 *
 * @throws ConfigurationError without the key that issues keys.
 * @throws CliFailure DEMO_IN_USE when the demo's log-in exists but `demo.json` is lost, NOT_SHOWN when no worker runs.
 */
export function demo(environment: NodeJS.ProcessEnv): Promise<DemoAccess> {
  const { PLI_KEYS_PRIVATE } = readConfiguration(KeyIssuerConfiguration, environment);
  const file = join(environment['PLI_DATA'] || '.data', 'demo.json');
  return withStores(environment, async (operator) => {
    const kept = keptIn(file);
    await register(operator, kept, file);
    await activate(operator, kept, PLI_KEYS_PRIVATE);
    const apiKey = await keyOf(operator, kept, file);
    await registerDemoParties(operator, kept.agencyId);
    await fileDemoDocuments(operator, kept.agencyId);
    await receiveDemoReminders(operator, kept.agencyId);
    await shown(operator, kept, apiKey);
    const { email } = USER;
    const { code, name } = AGENCY;
    return { agency: { id: kept.agencyId, code, name }, login: { email, password: kept.password }, apiKey };
  });
}

/** What was kept, or else what is from now on. */
function keptIn(file: string): Demo {
  const read = (): Demo => JSON.parse(readFileSync(file, 'utf8')) as Demo;
  if (existsSync(file)) return read();
  const fresh: Demo = { agencyId: uuidv7(), userId: randomUUID(), password: newPassword() };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}`;
  writeFileSync(temporary, `${JSON.stringify(fresh)}\n`, { mode: 0o600 });
  try {
    // A link, not a rename: it never replaces what another start has just kept.
    linkSync(temporary, file);
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return read();
  } finally {
    rmSync(temporary, { force: true });
  }
}

function keep(demo: Demo, file: string): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(demo)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

/** Registers what is missing. The ids of the commands follow from what is kept, so that a start that was killed is finished. */
async function register({ commands, db }: Operator, { agencyId, userId, password }: Demo, file: string): Promise<void> {
  const inUse = new CliFailure(
    'DEMO_IN_USE',
    `Somebody logs in as ${USER.email} already, but ${file} does not know how: restore that file, or start with empty stores.`,
  );
  const known = await new AgencyAccess(db).userByEmail(USER.email);
  if (known?.userId === userId) return;
  if (known) throw inUse;
  const because = (purpose: string) => asOperator(uuidv5(purpose, agencyId), agencyId);
  await commands.execute(new RegisterAgency(agencyId, AGENCY, because('register-agency')));
  try {
    await commands.execute(new RegisterUser(agencyId, { ...USER, userId, password }, because('register-user')));
  } catch (error) {
    throw error instanceof LogInTaken ? inUse : error;
  }
}

/** Enters an activation key as the agency would; its serial follows from the agency, so that later starts find it entered. */
async function activate({ commands }: Operator, { agencyId }: Demo, privateKey: string): Promise<void> {
  const serial = createHash('sha256').update(`activation/${agencyId}`).digest('hex').slice(0, 16);
  const issued = issueKey(privateKey, { serial, kind: 'activation', agencyId, signatures: SIGNATURES });
  const key = readKey(publicKeyOf(privateKey), issued);
  if ('refused' in key) throw new CommandRefused(key.refused);
  try {
    await commands.execute(new EnterKey(agencyId, key, asOperator(randomUUID(), agencyId)));
  } catch (error) {
    if (!(error instanceof CommandRefused) || error.code !== 'KEY_USED') throw error;
  }
}

/** The key that was kept, if the agency has it, else a new one: these stores may be newer than the file. */
async function keyOf({ commands, eventStore }: Operator, kept: Demo, file: string): Promise<string> {
  const { events } = await eventStore.load<AgencyEvent>(`agency-${kept.agencyId}`);
  const registered = events.reduce((state: Agency, { event }) => agency.evolve(state, event), agency.initial);
  const keys = registered.status === 'registered' ? registered.apiKeys : [];
  const { apiKey } = kept;
  if (apiKey && keys.some(({ status, keyHash }) => status === 'active' && keyHash === apiKeyHash(apiKey)))
    return apiKey;
  const issued = await commands.execute(
    new IssueApiKey(kept.agencyId, 'Démonstration', asOperator(randomUUID(), kept.agencyId)),
  );
  keep({ ...kept, apiKey: issued.apiKey }, file);
  return issued.apiKey;
}

/** Waits until the agency can log in and use its key. */
async function shown({ db }: Operator, { agencyId, userId }: Demo, apiKey: string): Promise<void> {
  const access = new AgencyAccess(db);
  for (const deadline = performance.now() + SHOWN_WITHIN; performance.now() < deadline; await sleep(LOOK_EVERY)) {
    const [user, key, known] = await Promise.all([
      access.userById(userId),
      access.keyByHash(apiKeyHash(apiKey)),
      access.agencyById(agencyId),
    ]);
    if (user && key && known) return;
  }
  throw new CliFailure(
    'NOT_SHOWN',
    'The demo agency is registered but not shown yet: see that the worker runs, then run the command again.',
  );
}
