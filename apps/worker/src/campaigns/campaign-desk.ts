import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId } from 'uuid';
import { CampaignById, CommandCampaign } from '#libs/commands';
import type { Campaign, LetterResult } from '#libs/campaign';

/** Where the worker reads a campaign and tells it what became of its letters. */
@Injectable()
export class CampaignDesk {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  open(campaignId: string): Promise<Campaign> {
    return this.queries.execute(new CampaignById(campaignId));
  }

  /** The campaign itself knows which letters have their result: told twice, they change nothing. */
  async tell(campaignId: string, results: readonly LetterResult[]): Promise<void> {
    const commandId = newCommandId();
    const context = { commandId, correlationId: campaignId, causationId: commandId, actor: 'worker' };
    await this.commands.execute(new CommandCampaign(campaignId, { type: 'settle', results }, context));
  }
}
