import { createHash } from 'node:crypto';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { campaign, type Campaign, type CampaignCommand, type CampaignEvent } from '#libs/campaign';
import { Clock } from '#libs/configuration';
import { DocumentStore, inspectPdf } from '#libs/documents';
import { CommandRefused, EventStore, Keyring, type CommandContext, type Executed } from '#libs/event-store';
import { isRefusal } from '#libs/letter';

export type CampaignOutcome = Executed<Campaign, CampaignEvent>;

/** The stream of a campaign, which is also where its files lie in the document store. */
const campaignStream = (campaignId: string): string => `campaign-${campaignId}`;

type Timeless = CampaignCommand extends infer Each ? (Each extends CampaignCommand ? Omit<Each, 'at'> : never) : never;

/**
 * Any command of a campaign but attaching a file, whose bytes have to be stored first.
 *
 * Refused with the campaign's own codes (`CommandRefused`).
 */
export class CommandCampaign extends Command<CampaignOutcome> {
  constructor(
    readonly campaignId: string,
    readonly command: Exclude<Timeless, { type: 'attachFile' }>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandCampaign)
export class CommandCampaignHandler implements ICommandHandler<CommandCampaign> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ campaignId, command, context }: CommandCampaign): Promise<CampaignOutcome> {
    const timed = { ...command, at: this.clock.now() } as CampaignCommand;
    return this.store.execute(campaign, campaignStream(campaignId), timed, context);
  }
}

/**
 * Attaches a file to all letters of a campaign: it is looked into once, here, and stored under the campaign's key. What the domain
 * refuses is refused before anything is stored.
 *
 * Fails with `PdfRefused` for the file, `CommandRefused` for the campaign.
 */
export class AttachFile extends Command<CampaignOutcome> {
  constructor(
    readonly campaignId: string,
    readonly file: { readonly name: string; readonly bytes: Buffer },
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(AttachFile)
export class AttachFileHandler implements ICommandHandler<AttachFile> {
  constructor(
    private readonly store: EventStore,
    private readonly keyring: Keyring,
    private readonly documents: DocumentStore,
    private readonly clock: Clock,
  ) {}

  async execute({ campaignId, file: { name, bytes }, context }: AttachFile): Promise<CampaignOutcome> {
    const stream = campaignStream(campaignId);
    const { pages } = await inspectPdf(bytes);
    const print = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pages };
    const command = { type: 'attachFile', ...print, name, at: this.clock.now() } as const;
    const forecast = campaign.decide((await this.store.fold(campaign, stream)).state, command);
    if (isRefusal(forecast)) throw new CommandRefused(forecast.refused);

    const key = (await this.keyring.get(stream)).derive('documents');
    await this.documents.put(stream, key, bytes);
    return this.store.execute(campaign, stream, command, context);
  }
}

/** Reads a campaign from its events: always as new as the last command; the initial state where there is none. */
export class CampaignById extends Query<Campaign> {
  constructor(readonly campaignId: string) {
    super();
  }
}

@QueryHandler(CampaignById)
export class CampaignByIdHandler implements IQueryHandler<CampaignById> {
  constructor(private readonly store: EventStore) {}

  async execute({ campaignId }: CampaignById): Promise<Campaign> {
    return (await this.store.fold(campaign, campaignStream(campaignId))).state;
  }
}

/**
 * Reads a file of a campaign, decrypted and checked against its fingerprint. That it is one of the campaign's is the asking
 * application's business.
 *
 * Fails with `DocumentMissing` or `DocumentAltered`.
 */
export class FileOfCampaign extends Query<Buffer> {
  constructor(
    readonly campaignId: string,
    readonly sha256: string,
  ) {
    super();
  }
}

@QueryHandler(FileOfCampaign)
export class FileOfCampaignHandler implements IQueryHandler<FileOfCampaign> {
  constructor(
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
  ) {}

  async execute({ campaignId, sha256 }: FileOfCampaign): Promise<Buffer> {
    const stream = campaignStream(campaignId);
    const key = await this.keyring.get(stream);
    return this.documents.get(stream, key.derive('documents'), sha256);
  }
}
