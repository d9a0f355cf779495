import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { lockDataFolder } from './data-folder-lock.js';
import { LauncherFailure } from './failure.js';
import { built } from './paths.js';
import { checkFree, freeBlock, portsFrom, type Ports } from './ports.js';
import { answers, foreignProgram, nodeApplication, SupervisedProcess, type ProcessDefinition } from './processes.js';
import { progressOnTerminal, silentProgress, type Progress } from './progress.js';
import { isPrimary } from './replica-set.js';
import { resolveChromium } from './runtime/chromium.js';
import { resolveMongod } from './runtime/mongod.js';
import type { Part } from './runtime/ways.js';
import { secretsOf, type Secrets } from './secrets.js';

/** The processes of an instance, in the order in which they start. */
export type ProcessName =
  'event-store' | 'mongod' | 'catcher' | 'authority' | 'worker' | 'agency' | 'ceremony' | 'operator';

export interface InstanceOptions {
  /** Where everything that must last is kept; made if it is not there. */
  readonly dataFolder: string;
  /** First of a block of eight ports (see ports.ts); without it a free block is found. */
  readonly firstPort?: number;
  /** Prints nothing; what happens is still in the logs. */
  readonly quiet?: boolean;
  /** An EventStoreDB to use instead of the embedded one. */
  readonly eventStoreUrl?: string;
  /** A MongoDB replica set to use instead of starting a mongod. */
  readonly mongodbUrl?: string;
  /** Aborting it stops a start under way. */
  readonly signal?: AbortSignal;
  readonly overrides?: {
    /** Environment variables for every process, over those of the contract. */
    readonly environment?: Readonly<Record<string, string>>;
    /** Other scripts in place of `dist/apps/<name>/src/main.js`. */
    readonly scripts?: Readonly<Partial<Record<ProcessName, string>>>;
  };
  /** Called when a process ended too often and is not restarted any more. */
  readonly gaveUp?: (failure: LauncherFailure) => void;
  /** Called when a process has a new pid. */
  readonly pidChanged?: () => void;
}

/** Where a running instance is found by people and programs. */
export interface Addresses {
  readonly agency: string;
  readonly ceremony: string;
  /** The page with the caught e-mails and SMS. */
  readonly inbox: string;
  /** Timestamps (RFC 3161) and the revocation list of the local authority. */
  readonly authority: string;
  /** The operator's pages. */
  readonly operator: string;
  readonly eventStore: string;
  readonly mongodb: string;
}

export interface Instance {
  /** Absolute. */
  readonly dataFolder: string;
  readonly ports: Ports;
  readonly addresses: Addresses;
  /** The environment for a program that works on the instance as `pli` does: that of its applications, and the operator's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly processes: ReadonlyMap<ProcessName, SupervisedProcess>;
  /** One of its processes. @throws LauncherFailure `NOT_RUNNING` when this instance does not have it */
  process(name: ProcessName): SupervisedProcess;
  /** Stops every process in reverse order; may be called twice. */
  stop(): Promise<void>;
}

/** What the environment of the applications is made from. */
export interface EnvironmentSource {
  /** Absolute. */
  readonly dataFolder: string;
  readonly ports: Ports;
  readonly addresses: Addresses;
  readonly secrets: Secrets;
  readonly chromium: Part;
}

function addressesOf(
  ports: Ports,
  { eventStoreUrl, mongodbUrl }: Pick<InstanceOptions, 'eventStoreUrl' | 'mongodbUrl'> = {},
): Addresses {
  const at = (port: number) => `127.0.0.1:${String(port)}`;
  return {
    agency: `http://${at(ports.agency)}`,
    ceremony: `http://${at(ports.ceremony)}`,
    inbox: `http://${at(ports.catcher)}`,
    authority: `http://${at(ports.authority)}`,
    operator: `http://${at(ports.operator)}`,
    eventStore: eventStoreUrl ?? `esdb://${at(ports.eventStore)}?tls=false`,
    mongodb: mongodbUrl ?? `mongodb://${at(ports.mongod)}/pli?replicaSet=rs0&directConnection=true`,
  };
}

/** Where the local authority keeps its keys. */
const authorityFolder = (dataFolder: string): string => join(dataFolder, 'authority');

/**
 * The variables that the applications validate (libs/configuration). PLI_PORT differs between them; here it is that of the
 * agency, which a program such as `pli` may stand in for.
 */
export function applicationEnvironment({ dataFolder, ports, addresses, secrets, chromium }: EnvironmentSource) {
  return {
    EVENTSTORE_URL: addresses.eventStore,
    MONGODB_URL: addresses.mongodb,
    SMTP_URL: `smtp://127.0.0.1:${String(ports.smtp)}`,
    SMS_GATEWAY_URL: `${addresses.inbox}/sms`,
    PLI_MASTER_KEY: secrets.masterKey,
    PLI_SEAL: join(authorityFolder(dataFolder), 'seal.pem'),
    PLI_TRUST_ANCHORS: join(authorityFolder(dataFolder), 'anchors.pem'),
    PLI_REVOCATION_LISTS: `${addresses.authority}/revocation-list.crl`,
    TSA_URL: `${addresses.authority}/timestamps`,
    PLI_KEYS_PUBLIC: secrets.keysPublic,
    PLI_AGENCY_URL: addresses.agency,
    PLI_CEREMONY_URL: addresses.ceremony,
    PLI_MAIL_FROM: '"Lettre recommandée électronique" <lre@pli.localhost>',
    // Deadlines may be run as of a later instant: this is the single machine for trying, never production.
    PLI_CLOCK: 'simulated',
    // For the same reason the demo's manager gets in by what the start prints.
    PLI_SECOND_FACTOR: 'optional',
    PLI_HOST: '127.0.0.1',
    PLI_PORT: String(ports.agency),
    PUPPETEER_EXECUTABLE_PATH: chromium.executable,
    ...chromium.environment,
  };
}

/** What only the operator's command line and pages have beside it: the key by which activation and recharge keys are issued. */
export const operatorEnvironment = ({ keysPrivate }: Secrets) => ({ PLI_KEYS_PRIVATE: keysPrivate });

/** What the operator's pages have beside that. */
const operatorPages = ({ operatorPassword }: Secrets, { operator }: Addresses) => ({
  PLI_OPERATOR_URL: operator,
  PLI_OPERATOR_PASSWORD: operatorPassword,
});

/**
 * Starts one whole instance: event store, mongod, catcher, authority, worker, agency, ceremony and operator's pages.
 *
 * Each process is restarted when it ends by itself; none outlives this process. Logs are in `<dataFolder>/logs`.
 * @throws LauncherFailure in particular `ALREADY_RUNNING`, `PORT_TAKEN`, `PART_MISSING`, `ENDED_EARLY`, `STOPPED`; then
 *   nothing is left running
 */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const dataFolder = resolve(options.dataFolder);
  const unlock = lockDataFolder(dataFolder);
  const started: SupervisedProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const process of started.splice(0).reverse()) await process.stop();
    unlock();
  };
  try {
    return await startOn(dataFolder, options, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOn(
  dataFolder: string,
  options: InstanceOptions,
  started: SupervisedProcess[],
  stop: () => Promise<void>,
): Promise<Instance> {
  const progress = options.quiet ? silentProgress : progressOnTerminal;
  const ports = options.firstPort === undefined ? await freeBlock() : portsFrom(options.firstPort);
  await checkFree(ports);
  const addresses = addressesOf(ports, options);
  const { chromium, mongod } = await unlessAborted(resolveParts(progress, options), options.signal);
  const secrets = secretsOf(dataFolder);
  const environment = {
    ...applicationEnvironment({ dataFolder, ports, addresses, secrets, chromium }),
    ...options.overrides?.environment,
  };
  const operator = { ...operatorEnvironment(secrets), ...operatorPages(secrets, addresses) };
  const processes = new Map<ProcessName, SupervisedProcess>();
  const supervision = {
    logFolder: join(dataFolder, 'logs'),
    report: (line: string) => {
      progress.say(`! ${line}`);
    },
    ...(options.gaveUp ? { gaveUp: options.gaveUp } : {}),
    ...(options.pidChanged ? { pidChanged: options.pidChanged } : {}),
  };
  for (const definition of definitions({ dataFolder, ports, environment, operator, options, mongod })) {
    const process = new SupervisedProcess(definition, supervision);
    started.push(process);
    processes.set(definition.name, process);
    const ready = progress.step(`starting ${process.name}`, () => process.start());
    await unlessAborted(ready, options.signal);
  }
  return {
    dataFolder,
    ports,
    addresses,
    environment: { ...operatorEnvironment(secrets), ...environment },
    processes,
    process: (name) => {
      const process = processes.get(name);
      if (process) return process;
      throw new LauncherFailure('NOT_RUNNING', `This instance has no process "${name}" of its own.`);
    },
    stop,
  };
}

async function resolveParts(progress: Progress, { mongodbUrl }: InstanceOptions) {
  const chromium = await resolveChromium(progress);
  return { chromium, mongod: mongodbUrl === undefined ? await resolveMongod(progress) : undefined };
}

/** What `work` answers, or `STOPPED` as soon as the signal is aborted; the work is then left to itself. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal = new AbortController().signal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => {
    stopped.reject(new LauncherFailure('STOPPED', 'The start was stopped.'));
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface Blueprint {
  /** What the operator's pages have beside the others' environment. */
  readonly operator: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  readonly ports: Ports;
  readonly environment: Readonly<Record<string, string>>;
  readonly options: InstanceOptions;
  /** Undefined when the user's own MongoDB is used. */
  readonly mongod: Part | undefined;
}

type Named = ProcessDefinition & { readonly name: ProcessName };

function definitions({ dataFolder, ports, environment, operator, options, mongod }: Blueprint): Named[] {
  const own = (port: number) => ({ ...environment, PLI_PORT: String(port) });
  const application = (
    name: ProcessName,
    port: number,
    variables: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Named => {
    const script = options.overrides?.scripts?.[name] ?? built(`apps/${name}/src/main.js`);
    const isReady = answers(`http://127.0.0.1:${String(port)}/health/live`);
    return { ...nodeApplication({ name, script, args, environment: variables, isReady }), name };
  };
  // These three know nothing of letters, and so get neither key nor database.
  const store = ['--port', String(ports.eventStore), '--data', join(dataFolder, 'event-store')];
  const catcher = {
    PLI_HOST: '127.0.0.1',
    PLI_PORT: String(ports.catcher),
    PLI_SMTP_PORT: String(ports.smtp),
    PLI_DATA: join(dataFolder, 'catcher'),
    ...options.overrides?.environment,
  };
  const authority = {
    PLI_HOST: '127.0.0.1',
    PLI_PORT: String(ports.authority),
    PLI_DATA: authorityFolder(dataFolder),
    PLI_AUTHORITY_URL: `http://127.0.0.1:${String(ports.authority)}`,
    ...options.overrides?.environment,
  };
  return [
    ...(options.eventStoreUrl === undefined
      ? [application('event-store', ports.eventStore, options.overrides?.environment ?? {}, store)]
      : []),
    ...(mongod === undefined ? [] : [mongodDefinition(dataFolder, ports.mongod, mongod)]),
    application('catcher', ports.catcher, catcher),
    application('authority', ports.authority, authority),
    application('worker', ports.worker, own(ports.worker)),
    application('agency', ports.agency, own(ports.agency)),
    application('ceremony', ports.ceremony, own(ports.ceremony)),
    application('operator', ports.operator, { ...own(ports.operator), ...operator }),
  ];
}

/** A replica set of one on the loopback address, small enough for a laptop. */
export function mongodDefinition(dataFolder: string, port: number, part: Part): Named {
  const dbPath = join(dataFolder, 'mongod');
  mkdirSync(dbPath, { recursive: true, mode: 0o700 });
  const args = ['--dbpath', dbPath, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', 'rs0'];
  return {
    ...foreignProgram({
      name: 'mongod',
      part,
      args: [...args, '--wiredTigerCacheSizeGB', '0.25'],
      isReady: () => isPrimary(port),
      graceMs: 30_000,
    }),
    name: 'mongod',
  };
}
