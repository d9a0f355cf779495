import 'reflect-metadata';
import { ConsoleLogger, Controller, Get, Module, Redirect, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import cookieParser from 'cookie-parser';
import express from 'express';
import { Db } from 'mongodb';
import { CommandsModule } from '#libs/commands';
import type { AgencyConfiguration, Clock } from '#libs/configuration';
import { assets, Attempts, FailureFilter, LivePages, Pages, sameOriginOnly, securityHeaders } from '#libs/web';
import { AgencyAccess } from '#projections/agency-access';
import { AuditLog } from '#projections/audit-log';
import { AgencyHistory } from '#projections/agency-history';
import { Campaigns } from '#projections/campaigns';
import { CreditBalance } from '#projections/credit-balance';
import { FiledDocuments } from '#projections/filed-documents';
import { Reminders } from '#projections/reminders';
import { AgencyTemplates } from '#projections/templates';
import { PrintQueue } from '#projections/print-queue';
import { ThirdParties } from '#projections/third-parties';
import { ApiKeyHolder } from './access/api-key-holder.js';
import { LogInController } from './access/log-in-controller.js';
import { People } from './access/people.js';
import { Sessions } from './access/sessions.js';
import { LogIn } from './access/log-in.js';
import { SignedIn, SignedInOrEnrolling, ToLogIn, Visitors } from './access/signed-in.js';
import { UsedCodes } from './access/used-codes.js';
import { Users } from './access/users.js';
import { SecondFactors } from './access/second-factors.js';
import { AccessRecord } from './access/access-record.js';
import { CampaignsApi } from './campaigns/campaigns-api.js';
import { CampaignsController } from './campaigns/campaigns-controller.js';
import { CampaignsLiveController } from './campaigns/campaigns-live-controller.js';
import { AttachmentsStepController } from './campaigns/attachments-step-controller.js';
import { DraftsController } from './campaigns/drafts-controller.js';
import { RecapStepController } from './campaigns/recap-step-controller.js';
import { Recaps } from './campaigns/recaps.js';
import { SettingsStepController } from './campaigns/settings-step-controller.js';
import { Wizard } from './campaigns/wizard.js';
import { CreditsApi } from './credits/credits-api.js';
import { Credits } from './credits/credits.js';
import { KeysController } from './credits/keys-controller.js';
import { problemOf } from './failures.js';
import { DocumentController } from './filing/document-controller.js';
import { DocumentsController } from './filing/documents-controller.js';
import { FilingApi } from './filing/filing-api.js';
import { Filing } from './filing/filing.js';
import { ArchivingApi, ArchivingController } from './letters/archiving-controller.js';
import { Archiving } from './letters/archiving.js';
import { ExportApi, ExportController } from './letters/export-controller.js';
import { HistoryController } from './letters/history-controller.js';
import { History } from './letters/history.js';
import { Intake } from './letters/intake.js';
import { LetterActionsController } from './letters/letter-actions-controller.js';
import { LetterActions } from './letters/letter-actions.js';
import { LetterController } from './letters/letter-controller.js';
import { LetterView } from './letters/letter-view.js';
import { LettersApi } from './letters/letters-api.js';
import { LiveController } from './letters/live-controller.js';
import { NewLetterController } from './letters/new-letter-controller.js';
import { OwnLetters } from './letters/own-letters.js';
import { DirectoryController } from './parties/directory-controller.js';
import { Directory } from './parties/directory.js';
import { ImportController } from './parties/import-controller.js';
import { PartiesApi } from './parties/parties-api.js';
import { PartyController } from './parties/party-controller.js';
import { PartyImport } from './parties/party-import.js';
import { PartyView } from './parties/party-view.js';
import { Recipients } from './parties/recipients.js';
import { ReminderImportController } from './reminders/import-controller.js';
import { LetterPreviewController } from './reminders/letter-preview-controller.js';
import { LetterPress } from './reminders/letter-press.js';
import { LineController } from './reminders/line-controller.js';
import { ReceivedLines } from './reminders/received-lines.js';
import { ReminderImport } from './reminders/reminder-import.js';
import { ReminderLists } from './reminders/reminder-lists.js';
import { RemindersApi } from './reminders/reminders-api.js';
import { RemindersController } from './reminders/reminders-controller.js';
import { Turns } from './reminders/turns.js';
import { AccountController, SecondFactorController } from './people/account-controller.js';
import { Account } from './people/account.js';
import { MailedLinks } from './people/mailed-links.js';
import { TeamApi } from './people/team-api.js';
import { TeamController } from './people/team-controller.js';
import { Team } from './people/team.js';
import { JournalApi, JournalController } from './journal/journal-controller.js';
import { Journal } from './journal/journal.js';
import { PaperRequests } from './printing/paper.js';
import { PrintJobs } from './printing/print-jobs.js';
import { PrintingApi } from './printing/printing-api.js';
import { PrintingController } from './printing/printing-controller.js';
import { Settings } from './settings.js';
import { OwnTemplates } from './templates/own-templates.js';
import { TemplateController } from './templates/template-controller.js';
import { TemplatesApi } from './templates/templates-api.js';
import { TemplatesController } from './templates/templates-controller.js';

@Controller()
class FrontDoor {
  @Get()
  @Redirect('/lettres', 303)
  enter(): void {}

  @Get('health/live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }
}

@Module({})
class AgencyModule {
  static over(configuration: AgencyConfiguration, clock: Clock | undefined): DynamicModule {
    const site = { name: 'Espace agence', qualification: configuration.PLI_QUALIFICATION };
    return {
      module: AgencyModule,
      imports: [CommandsModule.over(configuration, clock)],
      // A letter's page after the page of a new one, a third party's after the import, a filed document's after their list: Express takes the first address that fits.
      controllers: [
        FrontDoor,
        LogInController,
        MailedLinks,
        AccountController,
        SecondFactorController,
        TeamController,
        TeamApi,
        JournalController,
        JournalApi,
        HistoryController,
        ExportController,
        ExportApi,
        ArchivingController,
        ArchivingApi,
        LiveController,
        NewLetterController,
        LetterController,
        LetterActionsController,
        PrintingApi,
        LettersApi,
        PrintingController,
        KeysController,
        CreditsApi,
        DirectoryController,
        ImportController,
        PartyController,
        PartiesApi,
        DocumentsController,
        DocumentController,
        FilingApi,
        RemindersController,
        ReminderImportController,
        LetterPreviewController,
        LineController,
        RemindersApi,
        CampaignsLiveController,
        CampaignsController,
        DraftsController,
        SettingsStepController,
        AttachmentsStepController,
        RecapStepController,
        CampaignsApi,
        TemplatesController,
        TemplateController,
        TemplatesApi,
      ],
      providers: [
        Sessions,
        Visitors,
        SignedIn,
        SignedInOrEnrolling,
        Users,
        UsedCodes,
        SecondFactors,
        AccessRecord,
        LogIn,
        Team,
        Journal,
        Account,
        ApiKeyHolder,
        History,
        LetterActions,
        LetterView,
        Archiving,
        PaperRequests,
        PrintJobs,
        Intake,
        Credits,
        OwnLetters,
        Directory,
        PartyImport,
        Recipients,
        Filing,
        OwnTemplates,
        PartyView,
        ReminderLists,
        ReceivedLines,
        ReminderImport,
        LetterPress,
        Turns,
        People,
        Wizard,
        Recaps,
        {
          provide: Settings,
          useValue: new Settings(
            configuration.PLI_AGENCY_URL.startsWith('https:'),
            configuration.PLI_SECOND_FACTOR === 'required',
            configuration.PLI_KEYS_PUBLIC,
            configuration.PLI_QUALIFICATION,
          ),
        },
        { provide: Pages, useFactory: () => new Pages(new URL('./pages/', import.meta.url), site) },
        { provide: LivePages, useFactory: () => new LivePages() },
        { provide: Attempts, useFactory: (db: Db) => new Attempts(db), inject: [Db] },
        { provide: AuditLog, useFactory: (db: Db) => new AuditLog(db), inject: [Db] },
        { provide: AgencyAccess, useFactory: (db: Db) => new AgencyAccess(db), inject: [Db] },
        { provide: CreditBalance, useFactory: (db: Db) => new CreditBalance(db), inject: [Db] },
        { provide: AgencyHistory, useFactory: (db: Db) => new AgencyHistory(db), inject: [Db] },
        { provide: FiledDocuments, useFactory: (db: Db) => new FiledDocuments(db), inject: [Db] },
        { provide: Reminders, useFactory: (db: Db) => new Reminders(db), inject: [Db] },
        { provide: Campaigns, useFactory: (db: Db) => new Campaigns(db), inject: [Db] },
        { provide: AgencyTemplates, useFactory: (db: Db) => new AgencyTemplates(db), inject: [Db] },
        { provide: PrintQueue, useFactory: (db: Db) => new PrintQueue(db), inject: [Db] },
        { provide: ThirdParties, useFactory: (db: Db) => new ThirdParties(db), inject: [Db] },
      ],
    };
  }
}

/**
 * The agency's pages and REST API, ready to listen.
 *
 * @param clock the system's unless a test brings its own.
 */
export async function createAgencyApp(
  configuration: AgencyConfiguration,
  clock?: Clock,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AgencyModule.over(configuration, clock), {
    bodyParser: false,
    logger: new ConsoleLogger({ json: true, logLevels: ['warn', 'error', 'fatal'] }),
  });
  const secure = configuration.PLI_AGENCY_URL.startsWith('https:');
  app.disable('x-powered-by');
  app.set('trust proxy', configuration.PLI_TRUSTED_PROXIES?.split(',') ?? false);
  app.use(...securityHeaders(secure));
  app.use(assets());
  app.use(sameOriginOnly(configuration.PLI_AGENCY_URL));
  // A form with the ticks of a whole list; the text of a template, which has 20,000 characters, of nine bytes each at most as a form sends them.
  app.use('/envois', express.urlencoded({ extended: false, limit: '512kb', parameterLimit: 5_000 }));
  app.use('/modeles', express.urlencoded({ extended: false, limit: '200kb' }));
  app.use(cookieParser(), express.urlencoded({ extended: false, limit: '16kb' }));
  // Many reminder lines come in one request.
  app.use('/api/reminders', express.json({ limit: '2mb' }));
  app.use('/api/campaigns', express.json({ limit: '512kb' }));
  app.use('/api/templates', express.json({ limit: '200kb' }));
  app.use('/api/', express.json({ limit: '64kb' }));
  // Nest asks the filter that was added last first.
  app.useGlobalFilters(new FailureFilter(app.get(Pages), problemOf), new ToLogIn());
  return app;
}
