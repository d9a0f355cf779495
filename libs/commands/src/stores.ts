import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Db, MongoClient } from 'mongodb';
import { catalogue as campaignCatalogue } from '#libs/campaign';
import { Clock, SystemClock, type StoresConfiguration } from '#libs/configuration';
import { catalogue as creditCatalogue } from '#libs/credit';
import { accessCatalogue, catalogue as directoryCatalogue, partyCatalogue } from '#libs/directory';
import { DocumentStore } from '#libs/documents';
import { EventStore, Keyring, MongoKeyring } from '#libs/event-store';
import { catalogue as filingCatalogue } from '#libs/filing';
import { catalogue as letterCatalogue } from '#libs/letter';
import { proofCatalogue } from '#libs/proof';
import { reminderCatalogue } from '#libs/reminders';
import { templateCatalogue } from '#libs/templates';
import {
  AttachFileHandler,
  CampaignByIdHandler,
  CommandCampaignHandler,
  FileOfCampaignHandler,
} from './campaign-commands.js';
import { RecordAccessHandler } from './access-log.js';
import {
  AgencyByIdHandler,
  CommandAgencyHandler,
  IssueApiKeyHandler,
  RegisterAgencyHandler,
  RegisterUserHandler,
} from './agency-commands.js';
import { CommandCreditHandler } from './command-credit.js';
import { CommandLetterHandler } from './command-letter.js';
import { CreateAgencyHandler } from './create-agency.js';
import { CreditAccounts } from './credit-accounts.js';
import { EnterKeyHandler } from './enter-key.js';
import {
  FiledDocumentByIdHandler,
  FileDocumentHandler,
  FileOfFiledDocumentHandler,
  RemoveDocumentHandler,
  ReplaceDocumentHandler,
} from './filing-commands.js';
import { EnterCodeHandler, RequestCodeHandler } from './one-time-code.js';
import { CommandPartyHandler, GiveConsentHandler, PartyByCodeHandler, ProofOfPartyHandler } from './party-commands.js';
import { LogIns } from './log-ins.js';
import { DocumentOfLetterHandler, LetterByIdHandler } from './read-letter.js';
import { CommandProofsHandler, ProofsOfLetterHandler } from './proof-commands.js';
import { LetterOfRequestHandler, ReceiveRequestHandler } from './receive-request.js';
import {
  CommandReminderHandler,
  DocumentOfReminderHandler,
  ReceiveReminderHandler,
  ReminderByIdHandler,
} from './reminder-commands.js';
import { LetterOfReminderHandler } from './reminder-letter.js';
import { reservationCatalogue } from './reservations.js';
import { SubmitLetterHandler } from './submit-letter.js';
import { CommandTemplatesHandler, SaveTemplateHandler, TemplatesOfAgencyHandler } from './template-commands.js';
import {
  AcceptInvitationHandler,
  ChangePasswordHandler,
  ConfirmSecondFactorHandler,
  InviteUserHandler,
  ProposeSecondFactorHandler,
  RequestPasswordResetHandler,
  ResetPasswordHandler,
  UseRecoveryCodeHandler,
  UserOfLinkHandler,
} from './user-commands.js';

/** How long the driver looks for a primary before a request fails, in milliseconds. */
const SERVER_SELECTION_MS = 10_000;

/** Everything opened from the configuration's addresses; `close` lets go of all of it. */
export class Stores implements OnApplicationShutdown {
  readonly db: Db;
  readonly keyring: MongoKeyring;
  readonly eventStore: EventStore;
  readonly documents: DocumentStore;
  private readonly mongo: MongoClient;

  constructor(configuration: StoresConfiguration) {
    this.mongo = new MongoClient(configuration.MONGODB_URL, { serverSelectionTimeoutMS: SERVER_SELECTION_MS });
    this.db = this.mongo.db();
    this.keyring = new MongoKeyring(this.db, Buffer.from(configuration.PLI_MASTER_KEY, 'base64'));
    this.documents = new DocumentStore(this.db);
    this.eventStore = EventStore.connect({
      connectionString: configuration.EVENTSTORE_URL,
      keyring: this.keyring,
      catalogues: [
        letterCatalogue,
        directoryCatalogue,
        accessCatalogue,
        partyCatalogue,
        creditCatalogue,
        campaignCatalogue,
        reservationCatalogue,
        reminderCatalogue,
        filingCatalogue,
        templateCatalogue,
        proofCatalogue,
      ],
    });
  }

  async close(): Promise<void> {
    await this.eventStore.dispose();
    await this.mongo.close();
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}

const HANDLERS = [
  CommandProofsHandler,
  ProofsOfLetterHandler,
  CommandLetterHandler,
  SubmitLetterHandler,
  ReceiveRequestHandler,
  LetterOfRequestHandler,
  RequestCodeHandler,
  EnterCodeHandler,
  LetterByIdHandler,
  DocumentOfLetterHandler,
  RegisterAgencyHandler,
  RegisterUserHandler,
  IssueApiKeyHandler,
  CommandAgencyHandler,
  AgencyByIdHandler,
  CreateAgencyHandler,
  InviteUserHandler,
  UserOfLinkHandler,
  AcceptInvitationHandler,
  RequestPasswordResetHandler,
  ResetPasswordHandler,
  ChangePasswordHandler,
  ProposeSecondFactorHandler,
  ConfirmSecondFactorHandler,
  UseRecoveryCodeHandler,
  RecordAccessHandler,
  CommandCreditHandler,
  EnterKeyHandler,
  CommandPartyHandler,
  GiveConsentHandler,
  PartyByCodeHandler,
  ProofOfPartyHandler,
  CommandReminderHandler,
  ReceiveReminderHandler,
  ReminderByIdHandler,
  DocumentOfReminderHandler,
  LetterOfReminderHandler,
  CommandCampaignHandler,
  AttachFileHandler,
  CampaignByIdHandler,
  FileOfCampaignHandler,
  FileDocumentHandler,
  ReplaceDocumentHandler,
  RemoveDocumentHandler,
  FiledDocumentByIdHandler,
  FileOfFiledDocumentHandler,
  SaveTemplateHandler,
  CommandTemplatesHandler,
  TemplatesOfAgencyHandler,
];

/** The command and query buses with every handler, over the stores that the configuration names. */
@Module({})
export class CommandsModule {
  static over(configuration: StoresConfiguration, clock: Clock = new SystemClock()): DynamicModule {
    const stores = new Stores(configuration);
    return {
      module: CommandsModule,
      global: true,
      imports: [CqrsModule],
      providers: [
        { provide: Stores, useValue: stores },
        { provide: Db, useValue: stores.db },
        { provide: EventStore, useValue: stores.eventStore },
        { provide: Keyring, useValue: stores.keyring },
        { provide: DocumentStore, useValue: stores.documents },
        { provide: Clock, useValue: clock },
        CreditAccounts,
        LogIns,
        ...HANDLERS,
      ],
      exports: [CqrsModule, Stores, Db, EventStore, Keyring, DocumentStore, Clock],
    };
  }
}
