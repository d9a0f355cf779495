import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isEmail } from 'class-validator';
import { createAgency, issueKey, type AgencyToCreate } from './agency.js';
import { replayLetter } from './audit.js';
import { verifyStore } from './audit-store.js';
import { demo } from './demo.js';
import { exitCodeOf, sentenceOf } from './failure.js';
import { generateKeys, issueCreditKey, type KeyToIssue } from './keys.js';
import { expireLetter, showLetter } from './letter.js';
import type { Print } from './operator.js';
import { listProjections, rebuildProjection } from './projections.js';
import { listParked, replayParked } from './reactions.js';
import { storeCommands } from './store.js';
import { verifyFile } from './verify.js';

/** Where a run of the command line takes its configuration from and writes to. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** One line of standard output. */
  readonly print: Print;
  /** One line of standard error. */
  readonly complain: Print;
}

/** Runs one command of the operator. @returns the exit code: 0, or 1 after one sentence on standard error, 2 when a file to judge cannot be read. Never rejects. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await program(surroundings).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    surroundings.complain(sentenceOf(error));
    return exitCodeOf(error);
  }
}

function program({ environment, print, complain }: Surroundings): Command {
  const pli = new Command('pli')
    .description('Operates the service for registered electronic letters.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(text.trimEnd()),
      writeErr: (text) => complain(text.trimEnd().replace(/^error: /, '')),
    });
  pli
    .command('demo')
    .description('make the demo agency, or find it again; prints its log-in and API key as JSON')
    .action(async () => print(JSON.stringify(await demo(environment))));
  agencyCommands(pli, environment, print);
  keyCommands(pli, environment, print);
  letterCommands(pli, environment, print);
  auditCommands(pli, environment, print);
  pli
    .command('verify')
    .description('verify a dossier by nothing but the file: 0 valid, 1 not valid, 2 unreadable')
    .argument('<file>', 'such as dossier.asice')
    .option('--trust <file>', 'the root certificates that are trusted (PEM); without it those in the dossier')
    .action((file: string, { trust }: { trust?: string }) => verifyFile(file, trust, print));
  projectionCommands(pli, environment, print);
  reactionCommands(pli, environment, print);
  storeCommands(pli, print);
  return pli;
}

function agencyCommands(pli: Command, environment: NodeJS.ProcessEnv, print: Print): void {
  const agency = pli.command('agency').description('agencies and their keys');
  agency
    .command('create')
    .description('register an agency and its first user; prints the password once')
    .requiredOption('--code <code>', 'the agency code, first part of its references', agencyCode)
    .requiredOption('--name <name>', 'what recipients read once they have accepted', notBlank)
    .requiredOption('--email <address>', 'where the agency is told of refusals, signatures and deadlines', email)
    .requiredOption('--user-email <address>', 'with which the first user, a manager, logs in', email)
    .requiredOption('--user-name <name>', 'name of that user', notBlank)
    .action(async (options: AgencyToCreate) => {
      const { agencyId, password } = await createAgency(environment, options);
      print(`agency ${agencyId}`);
      print(`password of ${options.userEmail}, shown this once: ${password}`);
    });
  agency
    .command('key')
    .description('issue an API key; prints it once')
    .argument('<agencyId>', 'as "agency create" printed it')
    .requiredOption('--label <label>', 'what the key is for', notBlank)
    .action(async (agencyId: string, { label }: { label: string }) =>
      print(await issueKey(environment, agencyId, label)),
    );
}

function keyCommands(pli: Command, environment: NodeJS.ProcessEnv, print: Print): void {
  const keys = pli.command('keys').description('activation and recharge keys, by which agencies get signatures');
  keys
    .command('generate')
    .description('print a new key pair; the private half is for this command line alone')
    .action(() => generateKeys(print));
  keys
    .command('issue')
    .description('print a key for one agency; needs PLI_KEYS_PRIVATE')
    .requiredOption('--agency <agencyId>', 'as "agency create" printed it')
    .addOption(
      new Option('--kind <kind>', 'the first key of an agency activates')
        .choices(['activation', 'recharge'])
        .makeOptionMandatory(),
    )
    .requiredOption('--signatures <count>', 'signatures that the key gives', signatures)
    .option('--expires <day>', 'last day on which it may be entered, such as 2027-12-31', day)
    .action((options: KeyToIssue) => issueCreditKey(environment, options, print));
}

function letterCommands(pli: Command, environment: NodeJS.ProcessEnv, print: Print): void {
  const letter = pli.command('letter').description('letters, one by one');
  letter
    .command('show')
    .description('print the events of a letter (revision, time, type, public data) and verify their chain')
    .argument('<letterId>')
    .action((letterId: string) => showLetter(environment, letterId, print));
  letter
    .command('expire')
    .description('expire a letter as of a later instant; only with PLI_CLOCK=simulated')
    .argument('<letterId>')
    .requiredOption('--as-of <instant>', 'such as 2026-04-01T22:00:00Z')
    .action(async (letterId: string, { asOf }: { asOf: string }) =>
      print(await expireLetter(environment, letterId, asOf)),
    );
}

function auditCommands(pli: Command, environment: NodeJS.ProcessEnv, print: Print): void {
  const audit = pli.command('audit').description('what happened, from the store alone, and whether it holds');
  audit
    .command('replay')
    .description('print the trail of a letter; verify chains, documents and proofs; needs PLI_TRUST_ANCHORS')
    .argument('<letterId>')
    .action((letterId: string) => replayLetter(environment, letterId, print));
  audit
    .command('verify')
    .description('read the whole store; verify every chain, document and proof; needs PLI_TRUST_ANCHORS')
    .requiredOption('--all', 'everything that is stored')
    .action(() => verifyStore(environment, print));
}

function projectionCommands(pli: Command, environment: NodeJS.ProcessEnv, print: Print): void {
  const projections = pli.command('projections').description('the read models');
  projections
    .command('list')
    .description('print how far each projection is')
    .action(() => listProjections(environment, print));
  projections
    .command('rebuild')
    .description('build a projection anew from all events, while the service runs')
    .argument('<name>')
    .action((name: string) => rebuildProjection(environment, name, print));
}

function reactionCommands(pli: Command, environment: NodeJS.ProcessEnv, print: Print): void {
  const reactions = pli.command('reactions').description('what the worker does after an event');
  reactions
    .command('parked')
    .description('print the events that the worker gave up on')
    .action(() => listParked(environment, print));
  reactions
    .command('replay')
    .description('hand them to the worker again')
    .action(() => replayParked(environment, print));
}

function agencyCode(value: string): string {
  if (/^[A-Za-z0-9]{1,20}$/.test(value)) return value;
  throw new InvalidArgumentError('An agency code has 1 to 20 letters and digits, such as 9998.');
}

function signatures(value: string): number {
  const count = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  if (count >= 1 && count <= 0xffff_ffff) return count;
  throw new InvalidArgumentError('Give a whole number from 1 to 4294967295.');
}

function day(value: string): string {
  const instant = Date.parse(`${value}T00:00:00.000Z`);
  const isDay = !Number.isNaN(instant) && new Date(instant).toISOString().slice(0, 10) === value;
  if (isDay && value >= '2000-01-01' && value <= '2149-06-06') return value;
  throw new InvalidArgumentError('Give a day up to 2149-06-06, such as 2027-12-31.');
}

function email(value: string): string {
  if (isEmail(value)) return value;
  throw new InvalidArgumentError('Give one e-mail address, such as info@latour.example.');
}

function notBlank(value: string): string {
  if (value.trim() !== '') return value.trim();
  throw new InvalidArgumentError('It must not be blank.');
}
