import 'reflect-metadata';
import { ConsoleLogger, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { Db } from 'mongodb';
import { CommandsModule } from '#libs/commands';
import { WorkerConfiguration, type Clock } from '#libs/configuration';
import { EventStore } from '#libs/event-store';
import { SealingOffice } from '#libs/evidence';
import { projections } from '#projections/all';
import { Campaigns } from '#projections/campaigns';
import { CreditBalance } from '#projections/credit-balance';
import { EvidenceArchive } from '#projections/evidence-archive';
import { LetterDeadlines } from '#projections/letter-deadlines';
import { CampaignDesk } from './campaigns/campaign-desk.js';
import { CampaignLeases } from './campaigns/campaign-leases.js';
import { CampaignLetters } from './campaigns/campaign-letters.js';
import { CampaignPapers } from './campaigns/campaign-papers.js';
import { CampaignReaction } from './campaigns/campaign.reaction.js';
import { CampaignInterval, CampaignRunner } from './campaigns/campaign-runner.js';
import { DeadlineInterval, Deadlines, DueLetters } from './deadlines.js';
import { HealthController } from './health.controller.js';
import { LetterMails } from './mails/letter-mails.js';
import { UserMails } from './mails/user-mails.js';
import { Outbox } from './outbox.js';
import { Press } from './press.js';
import { Projections } from './projections.js';
import { DelayedProofInterval, DelayedProofs } from './proofs/delayed-proofs.js';
import { LetterFiles } from './proofs/letter-files.js';
import { ProofMaker, ProofWorkshop } from './proofs/proof-maker.js';
import { ProofWriter } from './proofs/proof-writer.js';
import { openSealingOffice } from './proofs/sealing-office.js';
import { CodeReaction } from './reactions/code.reaction.js';
import { CreditReaction } from './reactions/credit.reaction.js';
import { DepositReaction } from './reactions/deposit.reaction.js';
import { InformationReaction } from './reactions/information.reaction.js';
import { LetterDesk } from './reactions/letter-desk.js';
import { NoticeReaction } from './reactions/notice.reaction.js';
import { PaperReaction } from './reactions/paper.reaction.js';
import { ProofReaction } from './reactions/proof.reaction.js';
import { Reactions, type RetryOptions } from './reactions/reactions.js';
import { TrialReaction } from './reactions/trial.reaction.js';
import { UserReaction } from './reactions/user.reaction.js';
import { Reservations, ReservationTimes } from './reservations.js';

/** What a spec sets otherwise than production does. */
export interface WorkerOptions {
  readonly clock?: Clock;
  /** Milliseconds between two looks for campaigns that nobody sends. */
  readonly campaignInterval?: number;
  /** Milliseconds between two rounds of deadlines. */
  readonly deadlineInterval?: number;
  /** Milliseconds between two looks at the reservations that nobody has settled, and how long each is left alone. */
  readonly reservationTimes?: ReservationTimes;
  /** Milliseconds between two rounds of the timestamps that no authority gave. */
  readonly delayedProofInterval?: number;
  readonly retries?: RetryOptions;
}

const CAMPAIGN_INTERVAL = 2_000;
const DEADLINE_INTERVAL = 30_000;
const DELAYED_PROOF_INTERVAL = 60_000;
const RESERVATION_TIMES: ReservationTimes = { interval: 60_000, grace: 15 * 60_000 };

@Module({})
class WorkerModule {
  static over(
    configuration: WorkerConfiguration,
    { clock, campaignInterval, deadlineInterval, delayedProofInterval, reservationTimes }: WorkerOptions,
  ): DynamicModule {
    return {
      module: WorkerModule,
      imports: [CommandsModule.over(configuration, clock)],
      controllers: [
        HealthController,
        DepositReaction,
        PaperReaction,
        NoticeReaction,
        CodeReaction,
        InformationReaction,
        TrialReaction,
        UserReaction,
        CreditReaction,
        CampaignReaction,
        ProofReaction,
      ],
      providers: [
        { provide: WorkerConfiguration, useValue: configuration },
        { provide: LetterMails, useValue: new LetterMails(configuration) },
        { provide: UserMails, useValue: new UserMails(configuration) },
        { provide: DueLetters, useFactory: (db: Db) => new LetterDeadlines(db), inject: [Db] },
        { provide: DeadlineInterval, useValue: { milliseconds: deadlineInterval ?? DEADLINE_INTERVAL } },
        {
          provide: Projections,
          useFactory: (db: Db, eventStore: EventStore) => new Projections(db, eventStore, projections),
          inject: [Db, EventStore],
        },
        { provide: CreditBalance, useFactory: (db: Db) => new CreditBalance(db), inject: [Db] },
        { provide: Campaigns, useFactory: (db: Db) => new Campaigns(db), inject: [Db] },
        { provide: CampaignInterval, useValue: { milliseconds: campaignInterval ?? CAMPAIGN_INTERVAL } },
        CampaignDesk,
        CampaignLeases,
        CampaignLetters,
        CampaignPapers,
        CampaignRunner,
        { provide: ReservationTimes, useValue: reservationTimes ?? RESERVATION_TIMES },
        Reservations,
        { provide: SealingOffice, useValue: openSealingOffice(configuration) },
        { provide: EvidenceArchive, useFactory: (db: Db) => new EvidenceArchive(db), inject: [Db] },
        { provide: DelayedProofInterval, useValue: { milliseconds: delayedProofInterval ?? DELAYED_PROOF_INTERVAL } },
        LetterFiles,
        ProofWriter,
        ProofWorkshop,
        ProofMaker,
        DelayedProofs,
        LetterDesk,
        Outbox,
        Press,
        Deadlines,
        Reactions,
      ],
    };
  }
}

/**
 * The worker: reactions, deadlines and read models, ready to `startAllMicroservices` and to listen for health checks.
 *
 * Closing it lets the reactions under way finish, then closes the browser and every connection.
 *
 * @throws ConfigurationError
 * @throws MessagingMisconfigured
 */
export async function createWorkerApp(
  configuration: WorkerConfiguration,
  options: WorkerOptions = {},
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(WorkerModule.over(configuration, options), {
    bodyParser: false,
    abortOnError: false,
    logger: new ConsoleLogger({ json: true, logLevels: ['log', 'warn', 'error', 'fatal'] }),
  });
  app.use(helmet());
  for (const strategy of app.get(Reactions).transports(options.retries)) app.connectMicroservice({ strategy });
  app.enableShutdownHooks();
  return app;
}
