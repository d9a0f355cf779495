import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Db } from 'mongodb';
import { v7 as uuid } from 'uuid';
import { CommandLetter, CommandProofs, EnterKey, IssueApiKey, RegisterAgency, RegisterUser } from '#libs/commands';
import { AgencyConfiguration, Clock } from '#libs/configuration';
import type { UserRole } from '#libs/directory';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';
import { EventStore, type CommandContext, type Position } from '#libs/event-store';
import { issueKey, newKeyPair, newSerial } from '#libs/keys';
import type { CreditKey } from '#libs/credit';
import type { LetterCommand } from '#libs/letter';
import type { ProofCommand } from '#libs/proof';
import { agencyAccessProjection } from '#projections/agency-access';
import { auditLogProjection } from '#projections/audit-log';
import { agencyHistoryProjection } from '#projections/agency-history';
import { campaignsProjection } from '#projections/campaigns';
import { creditBalanceProjection } from '#projections/credit-balance';
import { ProjectionEngine, ReadModel } from '#projections/engine';
import { filedDocumentsProjection } from '#projections/filed-documents';
import { printQueueProjection } from '#projections/print-queue';
import { remindersProjection } from '#projections/reminders';
import { templatesProjection } from '#projections/templates';
import { thirdPartiesProjection } from '#projections/third-parties';
import { createAgencyApp } from '../agency-app.js';
import { Browser, Program } from './clients.js';
import { LIMITS } from '../access/limits.js';
import { Attempts } from '#libs/web';

/** A clock that a spec moves. */
export class SetClock extends Clock {
  private ahead = 0;
  now(): string {
    return new Date(Date.now() + this.ahead).toISOString();
  }
  advance(milliseconds: number): void {
    this.ahead += milliseconds;
  }
}

const KEYS = newKeyPair();

export const PASSWORD = 'clé du château';

export interface Registered {
  readonly agencyId: string;
  readonly email: string;
  readonly apiKey: string;
}

const context = (actor: string): CommandContext => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor };
};

/** What a spec sets otherwise. */
interface Wanted {
  readonly publicUrl?: string;
  readonly secondFactor?: AgencyConfiguration['PLI_SECOND_FACTOR'];
}

/** The application on real parts of its own: event store, database, projections. */
export class RunningAgency {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    readonly clock: SetClock,
    private readonly parts: {
      readonly projections: { readonly running: Promise<unknown>; readonly stop: AbortController };
      readonly store: EventStoreServer;
      readonly folder: string;
    },
  ) {}

  static async start({
    publicUrl = 'http://127.0.0.1:7400',
    secondFactor = 'optional',
  }: Wanted = {}): Promise<RunningAgency> {
    const folder = await mkdtemp(join(tmpdir(), 'pli-agency-spec-'));
    const store = await startEventStore({ dataFolder: folder, port: 0 });
    const clock = new SetClock();
    const app = await createAgencyApp(configuration(store.connectionString, { publicUrl, secondFactor }), clock);
    await app.listen(0, '127.0.0.1');
    const db = app.get(Db);
    const stop = new AbortController();
    const shown = [
      agencyAccessProjection,
      auditLogProjection,
      agencyHistoryProjection,
      thirdPartiesProjection,
      filedDocumentsProjection,
      creditBalanceProjection,
      remindersProjection,
      campaignsProjection,
      templatesProjection,
      printQueueProjection,
    ];
    const engines = shown.map((projection) =>
      new ProjectionEngine({ db, eventStore: app.get(EventStore), projection }).run(stop.signal),
    );
    const projections = { running: Promise.all(engines), stop };
    return new RunningAgency(app, await app.getUrl(), clock, { projections, store, folder });
  }

  /** As if the worker were down: the lists stay as they are. */
  async stopProjections(): Promise<void> {
    this.parts.projections.stop.abort();
    await this.parts.projections.running;
  }

  stopEventStore(): Promise<void> {
    return this.parts.store.close();
  }

  async close(): Promise<void> {
    await this.stopProjections();
    await this.app.get(Db).dropDatabase();
    await this.app.close();
    await this.stopEventStore();
    await rm(this.parts.folder, { recursive: true, force: true });
  }

  /** An agency with one user, one API key and a thousand signatures, known to the read side. */
  async register(code: string, role: UserRole = 'clerk'): Promise<Registered> {
    const registered = await this.registerInactive(code, role);
    await this.recharge(registered, 1_000);
    return registered;
  }

  /** A key as the operator issues it: for the agency's activation unless told otherwise. */
  key({ agencyId }: Pick<Registered, 'agencyId'>, changes: Partial<CreditKey> = {}): string {
    const key = { serial: newSerial(), kind: 'activation', agencyId, signatures: 10, ...changes } as const;
    return issueKey(KEYS.privateKey, key);
  }

  /** Gives an agency signatures; the first ones activate it. */
  async recharge({ agencyId }: Pick<Registered, 'agencyId'>, signatures: number): Promise<void> {
    const key = { serial: newSerial(), kind: 'activation', agencyId, signatures } as const;
    const { position } = await this.app.get(CommandBus).execute(new EnterKey(agencyId, key, context('operator')));
    await this.shows(creditBalanceProjection, position);
  }

  /** The same before its activation key. */
  async registerInactive(code: string, role: UserRole = 'clerk'): Promise<Registered> {
    const commands = this.app.get(CommandBus);
    const agencyId = uuid();
    const email = `gestion@${code.toLowerCase()}.example.fr`;
    await commands.execute(new RegisterAgency(agencyId, { code, name: `Agence ${code}`, email }, context('operator')));
    const user = { userId: uuid(), email, name: 'Camille Martin', role, password: PASSWORD };
    await commands.execute(new RegisterUser(agencyId, user, context('operator')));
    const { apiKey, position } = await commands.execute(new IssueApiKey(agencyId, 'logiciel', context('operator')));
    await this.shows(agencyAccessProjection, position);
    return { agencyId, email, apiKey };
  }

  /** One more user of an agency; by default his address names his role. */
  async addUser(
    registered: Registered,
    role: UserRole,
    email = `${role}.${registered.email}`,
  ): Promise<Registered & { readonly userId: string }> {
    const user = { userId: uuid(), email, name: 'Dominique Petit', role, password: PASSWORD };
    const command = new RegisterUser(registered.agencyId, user, context('operator'));
    await this.shows(agencyAccessProjection, await this.app.get(CommandBus).execute(command));
    return { ...registered, email, userId: user.userId };
  }

  /** One more API key of an agency. */
  async addApiKey({ agencyId }: Registered): Promise<{ readonly keyId: string; readonly apiKey: string }> {
    const issued = await this.app.get(CommandBus).execute(new IssueApiKey(agencyId, 'archivage', context('operator')));
    await this.shows(agencyAccessProjection, issued.position);
    return issued;
  }

  /** As many wrong passwords as one address has, at once and without their pauses; @param left how many are left. */
  async exhaustLogIn(email: string, left = 0): Promise<void> {
    const attempts = this.app.get(Attempts);
    const { slowFrom: _pauses, ...limit } = LIMITS.logInByName;
    await attempts.forget(LIMITS.logInByName, email);
    for (let time = left; time < limit.attempts; time += 1) await attempts.count(limit, email);
  }

  /** Carries out a command of a letter as the worker or the recipient would. */
  async tell(letterId: string, command: LetterCommand): Promise<void> {
    await this.app.get(CommandBus).execute(new CommandLetter(letterId, command, context('worker')));
  }

  /** Carries out a command about the proofs of a letter as the worker would. */
  async tellProofs(letterId: string, command: ProofCommand): Promise<void> {
    await this.app.get(CommandBus).execute(new CommandProofs(letterId, command, context('worker')));
  }

  /** A letter on paper that is ready to print: what is printed, and its ticket, is a document of the letter itself. */
  async printJob(letterId: string, sha256: string): Promise<string> {
    const job = uuid();
    const at = this.clock.now();
    const print = { sha256, size: 1, pages: 1 };
    const address = 'Mme Armande Rose\n1 rue de la Tour\n57000 Metz';
    await this.tell(letterId, { type: 'confirmDeposit', at, acknowledgement: { ...print, sha256: 'a'.repeat(64) } });
    await this.tell(letterId, { type: 'requestPrint', by: 'sender', job, address, at });
    const prepared = { type: 'confirmPrint', job, print, ticket: print, at } as const;
    const { position } = await this.app
      .get(CommandBus)
      .execute(new CommandLetter(letterId, prepared, context('worker')));
    await this.shows(printQueueProjection, position);
    return job;
  }

  program(apiKey?: string): Program {
    return new Program(this.url, apiKey);
  }

  browser(): Browser {
    return new Browser(this.url);
  }

  async signedIn({ email }: Registered): Promise<Browser> {
    const browser = this.browser();
    await browser.submit('/connexion', { email, password: PASSWORD });
    return browser;
  }

  private async shows(projection: { readonly name: string }, position: Position | null): Promise<void> {
    const model = new ReadModel(this.app.get(Db), projection);
    if (position && !(await model.atLeast(position, 20_000))) throw new Error(`${projection.name} does not catch up.`);
  }
}

function configuration(eventStoreUrl: string, { publicUrl, secondFactor }: Required<Wanted>): AgencyConfiguration {
  const mongo = new URL(process.env['MONGODB_URL'] ?? '');
  mongo.pathname = `/agency-spec-${randomUUID().slice(0, 8)}`;
  return Object.assign(new AgencyConfiguration(), {
    EVENTSTORE_URL: eventStoreUrl,
    MONGODB_URL: mongo.href,
    PLI_MASTER_KEY: randomBytes(32).toString('base64'),
    PLI_AGENCY_URL: publicUrl,
    PLI_CEREMONY_URL: 'http://127.0.0.1:7401',
    PLI_PORT: 7400,
    PLI_KEYS_PUBLIC: KEYS.publicKey,
    PLI_SECOND_FACTOR: secondFactor,
  });
}
