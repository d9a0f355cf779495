import 'reflect-metadata';
import { ConsoleLogger, Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import { Db } from 'mongodb';
import { CommandsModule, LogInTaken } from '#libs/commands';
import { OperatorConfiguration, type Clock } from '#libs/configuration';
import { EventStoreUnavailable, isMongoAway } from '#libs/event-store';
import { assets, Attempts, FailureFilter, Pages, sameOriginOnly, securityHeaders, type Problem } from '#libs/web';
import { AgencyAccess } from '#projections/agency-access';
import { AgenciesController } from './agencies-controller.js';
import { OperatorOnly } from './operator-only.js';
import { ServiceController } from './service-controller.js';

@Controller('health')
class HealthController {
  @Get('live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }
}

@Module({})
class OperatorModule {
  static over(configuration: OperatorConfiguration, clock: Clock | undefined): DynamicModule {
    const site = { name: 'Exploitation', qualification: configuration.PLI_QUALIFICATION };
    return {
      module: OperatorModule,
      imports: [CommandsModule.over(configuration, clock)],
      controllers: [HealthController, AgenciesController, ServiceController],
      providers: [
        OperatorOnly,
        { provide: OperatorConfiguration, useValue: configuration },
        { provide: Pages, useFactory: () => new Pages(new URL('./pages/', import.meta.url), site) },
        { provide: Attempts, useFactory: (db: Db) => new Attempts(db), inject: [Db] },
        { provide: AgencyAccess, useFactory: (db: Db) => new AgencyAccess(db), inject: [Db] },
      ],
    };
  }
}

/** The operator's pages, apart from those of agencies and recipients, ready to listen. */
export async function createOperatorApp(
  configuration: OperatorConfiguration,
  clock?: Clock,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(OperatorModule.over(configuration, clock), {
    bodyParser: false,
    logger: new ConsoleLogger({ json: true, logLevels: ['warn', 'error', 'fatal'] }),
  });
  app.disable('x-powered-by');
  app.use(...securityHeaders(configuration.PLI_OPERATOR_URL.startsWith('https:')));
  app.use(assets());
  app.use(sameOriginOnly(configuration.PLI_OPERATOR_URL), express.urlencoded({ extended: false, limit: '4kb' }));
  app.useGlobalFilters(new FailureFilter(app.get(Pages), problemOf));
  return app;
}

function problemOf(error: unknown): Problem | undefined {
  if (error instanceof LogInTaken) return { status: 409, code: error.code, title: error.message };
  if (!(error instanceof EventStoreUnavailable) && !isMongoAway(error)) return undefined;
  const title = 'Un des stockages ne répond pas : vérifiez qu’il fonctionne, puis réessayez.';
  return { status: 503, code: 'STORE_UNAVAILABLE', title };
}
