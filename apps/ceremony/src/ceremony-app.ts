import 'reflect-metadata';
import { ConsoleLogger, Controller, Get, Header, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import cookieParser from 'cookie-parser';
import { Db } from 'mongodb';
import express, { type NextFunction, type Request, type Response } from 'express';
import { CommandsModule } from '#libs/commands';
import { WebConfiguration, type Clock } from '#libs/configuration';
import { ConcurrencyExhausted, EventStoreUnavailable, isMongoAway } from '#libs/event-store';
import { assets, Attempts, FailureFilter, Pages, sameOriginOnly, securityHeaders, type Problem } from '#libs/web';
import { Answers } from './answers.js';
import { BrowserSessions } from './browser-sessions.js';
import { CeremonyController } from './ceremony.controller.js';
import { DocumentsController } from './documents.controller.js';
import { LinkFailureFilter } from './link-failure.js';
import { PaperController } from './paper.controller.js';
import { Visits } from './visits.js';

/** The forms hold a code or a version's name; nothing is uploaded here. */
const FORM_LIMITS = { extended: false, limit: '4kb', parameterLimit: 10 } as const;

@Controller()
class EntranceController {
  constructor(private readonly pages: Pages) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  welcome(): string {
    return this.pages.render('accueil', { title: 'Bienvenue', narrow: true });
  }

  @Get('health/live')
  live(): { status: string } {
    return { status: 'up' };
  }
}

@Module({})
class CeremonyModule {
  static over(configuration: WebConfiguration, pages: Pages, clock?: Clock): DynamicModule {
    return {
      module: CeremonyModule,
      imports: [CommandsModule.over(configuration, clock)],
      controllers: [EntranceController, DocumentsController, PaperController, CeremonyController],
      providers: [
        { provide: WebConfiguration, useValue: configuration },
        { provide: Pages, useValue: pages },
        {
          provide: BrowserSessions,
          useValue: new BrowserSessions(Buffer.from(configuration.PLI_MASTER_KEY, 'base64')),
        },
        { provide: Attempts, useFactory: (db: Db) => new Attempts(db), inject: [Db] },
        Visits,
        Answers,
        LinkFailureFilter,
      ],
    };
  }
}

/** The recipient's pages, ready to listen. */
export async function createCeremonyApp(
  configuration: WebConfiguration,
  clock?: Clock,
): Promise<NestExpressApplication> {
  const pages = new Pages(new URL('./pages/', import.meta.url), {
    name: 'Espace destinataire',
    qualification: configuration.PLI_QUALIFICATION,
  });
  const app = await NestFactory.create<NestExpressApplication>(CeremonyModule.over(configuration, pages, clock), {
    bodyParser: false,
    logger: new ConsoleLogger({ json: true, logLevels: ['warn', 'error', 'fatal'] }),
  });
  app.set('trust proxy', configuration.PLI_TRUSTED_PROXIES?.split(',') ?? false);
  app.use(securityHeaders(configuration.PLI_CEREMONY_URL.startsWith('https:')), notIndexed, assets());
  app.use(sameOriginOnly(configuration.PLI_CEREMONY_URL), cookieParser(), express.urlencoded(FORM_LIMITS));
  app.useGlobalFilters(new FailureFilter(pages, problemOf));
  app.enableShutdownHooks();
  return app;
}

/** A link that was posted somewhere must not be found by a search. */
function notIndexed(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Robots-Tag', 'noindex, nofollow');
  next();
}

const UNAVAILABLE: Problem = {
  status: 503,
  code: 'STORE_UNAVAILABLE',
  title: 'Le service est momentanément indisponible : patientez quelques secondes, puis réessayez.',
};

/** The stores' ways to fail that are worth a second try by the reader. */
function problemOf(error: unknown): Problem | undefined {
  const isPassing =
    error instanceof EventStoreUnavailable || error instanceof ConcurrencyExhausted || isMongoAway(error);
  return isPassing ? UNAVAILABLE : undefined;
}
