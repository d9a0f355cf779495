import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { v7 as uuidv7 } from 'uuid';
import {
  CommandLetter,
  EnterKey,
  LetterById,
  letterStream,
  linkHash,
  linkToken,
  otpCode,
  Stores,
  SubmitLetter,
} from '#libs/commands';
import { readConfiguration, WebConfiguration } from '#libs/configuration';
import { startEventStore } from '#libs/embedded-event-store';
import type { LetterCommand } from '#libs/letter';
import { createCeremonyApp } from '../ceremony-app.js';
import { Browser } from './browser.js';
import { SettableClock } from './settable-clock.js';

/** What must stay unknown before acceptance, and what the stories look for after it. */
export const SENDER = { name: 'Agence Mirabeau & Filles', email: 'gestion@mirabeau.example' };
export const DOCUMENT_NAMES = ['Mise en demeure – loyer impayé.pdf', 'Décompte "mars" 2026.pdf'];

const AGENCY_ID = uuidv7();

type Shape = { otp?: boolean; professional?: boolean };

/** The application in this process over a real mongod and a real embedded event store, all of its own. */
export class CeremonyUnderTest {
  #stopped: Promise<void> | undefined;

  private constructor(
    private readonly app: NestExpressApplication,
    readonly clock: SettableClock,
    private readonly folder: string,
    private readonly server: Awaited<ReturnType<typeof startEventStore>>,
    readonly origin: string,
  ) {}

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<CeremonyUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'pli-ceremony-'));
    const server = await startEventStore({ dataFolder: folder, port: 0 });
    const clock = new SettableClock();
    const mongo = new URL(process.env['MONGODB_URL'] ?? '');
    mongo.pathname = `/spec-${randomUUID().slice(0, 8)}`;
    const configuration = readConfiguration(WebConfiguration, {
      EVENTSTORE_URL: server.connectionString,
      MONGODB_URL: mongo.href,
      PLI_MASTER_KEY: randomBytes(32).toString('base64'),
      PLI_PORT: '1',
      PLI_AGENCY_URL: 'https://agence.example',
      PLI_CEREMONY_URL: 'https://lre.example',
      ...environment,
    });
    const app = await createCeremonyApp(configuration, clock);
    await app.listen(0, '127.0.0.1');
    const key = { serial: '00000000000000a1', kind: 'activation', agencyId: AGENCY_ID, signatures: 1_000 } as const;
    await app.get(CommandBus).execute(new EnterKey(AGENCY_ID, key, context(AGENCY_ID)));
    return new CeremonyUnderTest(app, clock, folder, server, await app.getUrl());
  }

  async close(): Promise<void> {
    await this.app.get(Stores).db.dropDatabase();
    await this.app.close();
    await this.stopStore();
    await rm(this.folder, { recursive: true });
  }

  /** The event store goes away, for good. */
  stopStore(): Promise<void> {
    this.#stopped ??= this.server.close();
    return this.#stopped;
  }

  browser(): Browser {
    return new Browser(this.origin);
  }

  /** A letter that the service has taken in and not deposited yet. */
  async submitted({ otp = false, professional = false }: Shape = {}): Promise<LetterUnderTest> {
    const letterId = uuidv7();
    const documents = DOCUMENT_NAMES.map((name) => ({ name, bytes: pdf(name) }));
    const submission = new SubmitLetter(
      {
        letterId,
        agency: { id: AGENCY_ID, code: '9998', ...SENDER },
        dossier: letterId.slice(-6),
        partyCode: '40017',
        partyKind: 'tenant',
        professional,
        recipient: {
          civility: 'M. et Mme',
          name: 'CHARPENTIER Jean Luc',
          email: 'jl@charpentier.example',
          mobile: '+33612345678',
        },
        otp,
        retentionDays: 15,
        alertDays: 5,
        documents,
      },
      context(letterId),
    );
    await this.app.get(CommandBus).execute(submission);
    return new LetterUnderTest(this.app, this.clock, letterId);
  }

  /** A letter whose notice was sent. */
  async notified(shape: Shape = {}): Promise<LetterUnderTest> {
    const letter = await this.submitted(shape);
    await letter.deposit();
    await letter.notify();
    return letter;
  }
}

/** A letter that a story brings to a state by commands, as the worker and the agency would. */
export class LetterUnderTest {
  readonly address: string;
  readonly acknowledgement = Buffer.from(`%PDF-1.7 accusé de réception ${randomUUID()}`);

  constructor(
    private readonly app: NestExpressApplication,
    private readonly clock: SettableClock,
    readonly letterId: string,
  ) {
    this.address = `/lre/${letterId}`;
  }

  /** The path of the link in a notice's e-mail. */
  async link(notice = 1): Promise<string> {
    return `${this.address}/${linkToken(await this.#key(), notice)}`;
  }

  /** The code of the n-th SMS. */
  async code(challenge: number): Promise<string> {
    return otpCode(await this.#key(), challenge);
  }

  async deposit(): Promise<void> {
    const { documents } = this.app.get(Stores);
    const key = (await this.#key()).derive('documents');
    const { sha256, size } = await documents.put(this.letterId, key, this.acknowledgement);
    await this.command({ type: 'confirmDeposit', acknowledgement: { sha256, size, pages: 1 }, at: this.clock.now() });
  }

  async notify(notice = 1): Promise<void> {
    const hash = linkHash(linkToken(await this.#key(), notice));
    const messageId = `${this.letterId}.notice.${notice}`;
    await this.command({ type: 'confirmNotice', notice, messageId, linkHash: hash, at: this.clock.now() });
  }

  async bounce(): Promise<void> {
    const outcome = { notice: 1, messageId: `${this.letterId}.notice.1`, code: 550, response: 'no such user' };
    await this.command({ type: 'failNotice', ...outcome, at: this.clock.now() });
  }

  async command(command: LetterCommand): Promise<void> {
    await this.app.get(CommandBus).execute(new CommandLetter(this.letterId, command, context(this.letterId)));
  }

  /** The types of everything that happened, in order. */
  async story(): Promise<readonly string[]> {
    return (await this.#read()).events.map(({ event }) => event.type);
  }

  /** The event of this type that happened last. */
  async last(type: string) {
    return (await this.#read()).events.findLast(({ event }) => event.type === type);
  }

  #read() {
    return this.app.get(QueryBus).execute(new LetterById(this.letterId));
  }

  #key() {
    return this.app.get(Stores).keyring.get(letterStream(this.letterId));
  }
}

const context = (letterId: string) => {
  const commandId = randomUUID();
  return { commandId, correlationId: letterId, causationId: commandId, actor: 'worker' };
};

/** The smallest PDF with one page; its title makes its bytes its own. */
function pdf(title: string): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>',
    `<< /Title <${Buffer.from(title).toString('hex')}> >>`,
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(`${body}${table}${trailer}`);
}
