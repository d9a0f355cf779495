import { EventPattern, Payload } from '@nestjs/microservices';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v5 as uuidv5 } from 'uuid';
import { CommandTemplates, TemplatesOfAgency } from '#libs/commands';
import type { StoredEvent } from '#libs/event-store';
import { exampleOf, templateFor } from '#libs/templates';
import { LetterMails } from '../mails/letter-mails.js';
import { Outbox } from '../outbox.js';
import { Reaction } from './reaction.js';

const STREAM_PREFIX = 'templates-';

/** Somebody wants to see a template in his own mailbox: it is sent there, filled in with the example of its kind. */
@Reaction()
export class TrialReaction {
  constructor(
    private readonly outbox: Outbox,
    private readonly mails: LetterMails,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @EventPattern('TrialRequested')
  async trialRequested(@Payload() delivered: StoredEvent): Promise<void> {
    const agencyId = delivered.stream.slice(STREAM_PREFIX.length);
    const { state, events } = await this.queries.execute(new TemplatesOfAgency(agencyId));
    const cause = events.find(({ id }) => id === delivered.id);
    if (cause?.event.type !== 'TrialRequested' || !cause.event.personal) return;
    const { kind, name, trial } = cause.event.data;
    if (state.trials.find((one) => one.trial === trial)?.outcome !== 'pending') return;
    const template = templateFor(state, kind, name);
    const outcome = await this.outbox.mail(this.mails.trial(cause.event.personal.to, trial, template, exampleOf(kind)));
    const context = { correlationId: cause.metadata.correlationId, causationId: cause.id, actor: 'worker' };
    const settled =
      outcome.outcome === 'accepted'
        ? ({ type: 'confirmTrial', trial } as const)
        : ({ type: 'failTrial', trial, code: outcome.code } as const);
    const commandId = uuidv5(settled.type, cause.id);
    await this.commands.execute(new CommandTemplates(agencyId, settled, { ...context, commandId }));
  }
}
