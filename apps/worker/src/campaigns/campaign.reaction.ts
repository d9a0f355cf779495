import { EventPattern, Payload } from '@nestjs/microservices';
import type { StoredEvent } from '#libs/event-store';
import { Reaction } from '../reactions/reaction.js';
import { CampaignRunner } from './campaign-runner.js';

const STREAM_PREFIX = 'campaign-';

/** A campaign was started: it is taken up at once. Should this process die over it, another one finds it by looking. */
@Reaction()
export class CampaignReaction {
  constructor(private readonly runner: CampaignRunner) {}

  @EventPattern('CampaignStarted')
  started(@Payload() { stream }: StoredEvent): void {
    this.runner.take(stream.slice(STREAM_PREFIX.length));
  }
}
