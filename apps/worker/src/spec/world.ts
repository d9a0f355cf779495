import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument } from '@cantoo/pdf-lib';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { v7 as uuidv7 } from 'uuid';
import {
  CommandCredit,
  CommandLetter,
  CommandsModule,
  EnterKey,
  LetterById,
  RequestCode,
  Stores,
  SubmitLetter,
  type LetterToSubmit,
} from '#libs/commands';
import { Clock, readConfiguration, WorkerConfiguration } from '#libs/configuration';
import type { CreditEvent } from '#libs/credit';
import { startEventStore, type EventStoreServer } from '#libs/embedded-event-store';
import type { CommandContext, StoredEvent } from '#libs/event-store';
import type { EventOf, Information, LetterCommand, LetterEvent, LetterEventType } from '#libs/letter';
import { createWorkerApp, type WorkerOptions } from '../worker-app.js';
import { AuthorityServer } from './authority-server.js';
import { eventually } from './eventually.js';
import { MailServer } from './mail-server.js';
import { SmsServer } from './sms-server.js';

/** The machine's clock, put forward by as much as a spec says. */
export class ShiftedClock extends Clock {
  shift = 0;

  now(): string {
    return new Date(Date.now() + this.shift).toISOString();
  }
}

export const AGENCY = { id: uuidv7(), code: '9998', name: 'Agence Latour', email: 'info@latour.example' } as const;
/** More signatures than a spec needs. */
const PLENTY = 1_000;
export const MAIL_DOMAIN = 'pli.example';

@Module({})
class OutsideModule {}

/** Who stands outside the worker: its own command bus over the same stores. */
const asAgency = (): CommandContext => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: 'user:spec' };
};

/** The real parts around one worker: event store, MongoDB, mail and SMS servers, and an outside that gives commands. */
export class World {
  readonly clock = new ShiftedClock();
  worker: NestExpressApplication | undefined;

  private constructor(
    private readonly servers: {
      readonly eventStore: EventStoreServer;
      readonly mail: MailServer;
      readonly sms: SmsServer;
      readonly authority: AuthorityServer;
    },
    /** For files of a spec; it goes with the world. */
    readonly folder: string,
    readonly configuration: WorkerConfiguration,
    private readonly outside: INestApplicationContext,
    private readonly outsideClock: ShiftedClock,
  ) {}

  static async open(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'pli-spec-'));
    const [mail, sms] = await Promise.all([MailServer.start(), SmsServer.start()]);
    const authority = await AuthorityServer.start(join(folder, 'authority'));
    const servers = { eventStore: await startEventStore({ dataFolder: folder, port: 0 }), mail, sms, authority };
    const mongodb = new URL(process.env['MONGODB_URL'] ?? '');
    mongodb.pathname = `/spec-${randomUUID().slice(0, 8)}`;
    const configuration = readConfiguration(WorkerConfiguration, {
      EVENTSTORE_URL: servers.eventStore.connectionString,
      MONGODB_URL: mongodb.href,
      PLI_MASTER_KEY: randomBytes(32).toString('base64'),
      PLI_PORT: '1',
      PLI_AGENCY_URL: 'https://agence.example',
      PLI_CEREMONY_URL: 'https://lre.example',
      SMTP_URL: mail.url,
      SMS_GATEWAY_URL: sms.url,
      ...authority.environment,
      PLI_MAIL_FROM: `"Lettre recommandée électronique" <lre@${MAIL_DOMAIN}>`,
    });
    const outsideClock = new ShiftedClock();
    const outside = await NestFactory.createApplicationContext(
      { module: OutsideModule, imports: [CommandsModule.over(configuration, outsideClock)] },
      { logger: false },
    );
    const world = new World(servers, folder, configuration, outside, outsideClock);
    await world.recharge(PLENTY);
    return world;
  }

  /** Gives the agency so many signatures. */
  async recharge(signatures: number): Promise<void> {
    const key = {
      serial: randomBytes(8).toString('hex'),
      kind: 'activation',
      agencyId: AGENCY.id,
      signatures,
    } as const;
    await this.outside.get(CommandBus).execute(new EnterKey(AGENCY.id, key, asAgency()));
  }

  /** What happened to the agency's credit on account of a letter, in order. */
  async creditStory(letterId: string): Promise<string[]> {
    const { events } = await this.stores.eventStore.load<CreditEvent>(`credit-${AGENCY.id}`);
    const ofLetter = events
      .map(({ event }) => event)
      .filter(({ data }) => 'letterId' in data && data.letterId === letterId);
    return ofLetter.map(({ type }) => type);
  }

  /** A command of the agency's credit account. */
  async credit(command: CommandCredit['command']): Promise<void> {
    await this.outside.get(CommandBus).execute(new CommandCredit(AGENCY.id, command, asAgency()));
  }

  get mail(): MailServer {
    return this.servers.mail;
  }

  get sms(): SmsServer {
    return this.servers.sms;
  }

  get authority(): AuthorityServer {
    return this.servers.authority;
  }

  get commands(): CommandBus {
    return this.outside.get(CommandBus);
  }

  get queries(): QueryBus {
    return this.outside.get(QueryBus);
  }

  get stores(): Stores {
    return this.outside.get(Stores);
  }

  /** Starts the worker; failed reactions are tried again at once. */
  async startWorker(options: WorkerOptions = {}): Promise<NestExpressApplication> {
    const app = await createWorkerApp(this.configuration, {
      clock: this.clock,
      ...options,
      retries: { retryDelay: () => 20, ...options.retries },
    });
    app.useLogger(false);
    this.worker = app;
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    return app;
  }

  /** A part of the running worker. */
  part<Part>(type: abstract new (...args: never[]) => Part): Part {
    if (!this.worker) throw new Error('The worker does not run.');
    return this.worker.get(type);
  }

  async stopWorker(): Promise<void> {
    await this.worker?.close();
    this.worker = undefined;
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.stores.db.dropDatabase();
    await this.outside.close();
    await Promise.all(Object.values(this.servers).map((server) => server.close()));
    await rm(this.folder, { recursive: true });
  }

  /** Hands a letter in as the agency does. */
  async submit(letter: Partial<LetterToSubmit> & Pick<LetterToSubmit, 'recipient'>): Promise<string> {
    const letterId = uuidv7();
    const submission = { ...TERMS, letterId, documents: [{ name: 'LRE RELANCE.pdf', bytes: await pdf() }], ...letter };
    await this.outside.get(CommandBus).execute(new SubmitLetter(submission, asAgency()));
    return letterId;
  }

  async command(letterId: string, command: LetterCommand): Promise<void> {
    await this.outside.get(CommandBus).execute(new CommandLetter(letterId, command, asAgency()));
  }

  /** Asks for a code, at the moment that is so many milliseconds from now. */
  async requestCode(letterId: string, session: string, shift = 0): Promise<void> {
    this.outsideClock.shift = shift;
    await this.outside.get(CommandBus).execute(new RequestCode(letterId, session, asAgency()));
    this.outsideClock.shift = 0;
  }

  async events(letterId: string): Promise<readonly StoredEvent<LetterEvent>[]> {
    return (await this.outside.get(QueryBus).execute(new LetterById(letterId))).events;
  }

  /** Waits until a letter has so many events of a type; answers the last of them. */
  async event<Type extends LetterEventType>(
    letterId: string,
    type: Type,
    count = 1,
  ): Promise<StoredEvent<EventOf<Type>>> {
    const isWanted = (stored: StoredEvent<LetterEvent>): stored is StoredEvent<EventOf<Type>> =>
      stored.event.type === type;
    return eventually(`${count} × ${type} of ${letterId}`, async () => {
      const found = (await this.events(letterId)).filter(isWanted);
      return found.length >= count ? found.at(-1) : undefined;
    });
  }

  /** Waits until somebody was told of something, or could not be. */
  async told(letterId: string, about: Information): Promise<EventOf<'Informed' | 'InformFailed'>> {
    return eventually(`news of ${about} about ${letterId}`, async () => {
      const events = (await this.events(letterId)).map(({ event }) => event);
      return events.find(
        (event): event is EventOf<'Informed' | 'InformFailed'> =>
          (event.type === 'Informed' || event.type === 'InformFailed') && event.data.about === about,
      );
    });
  }

  /** The event types of a letter, in order; but for the deposit proof, which goes out beside the notice, before or after it. */
  async story(letterId: string): Promise<LetterEventType[]> {
    const events = (await this.events(letterId)).map(({ event }) => event);
    return events
      .filter((event) => !(event.type === 'Informed' && event.data.about === 'deposit-proof'))
      .map(({ type }) => type);
  }
}

const TERMS = {
  agency: AGENCY,
  dossier: '001',
  partyCode: '40017',
  partyKind: 'tenant',
  professional: false,
  otp: false,
  retentionDays: 15,
  alertDays: 5,
} as const;

/** A PDF of one page; no two are the same. */
export async function pdf(): Promise<Buffer> {
  const document = await PDFDocument.create();
  document.addPage().drawText(randomUUID());
  return Buffer.from(await document.save());
}
