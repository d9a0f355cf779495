import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { EventStore, type CommandContext, type Executed, type StoredEvent } from '#libs/event-store';
import type { Sender } from '#libs/letter';
import {
  exampleOf,
  templates,
  type TemplateCommand,
  type TemplateEvent,
  type TemplateKind,
  type Templates,
} from '#libs/templates';
import { readTemplate } from './read-template.js';

export type TemplatesOutcome = Executed<Templates, TemplateEvent>;

export const templatesStream = (agencyId: string): string => `templates-${agencyId}`;

/** A template as an agency writes it; `subject` is absent for an SMS. */
export interface TemplateToSave {
  readonly kind: TemplateKind;
  readonly name: string;
  readonly subject?: string | undefined;
  readonly body: string;
}

/**
 * Makes or changes a template of an agency. It is compiled first, so that nothing faulty is ever kept.
 *
 * Fails with `TemplateFaulty` for what cannot be read, `CommandRefused` with the codes of templates.
 */
export class SaveTemplate extends Command<TemplatesOutcome> {
  constructor(
    readonly agency: { readonly id: string } & Sender,
    readonly template: TemplateToSave,
    readonly context: CommandContext,
    /** Whether a template of that name may be there already. */
    readonly how: 'createTemplate' | 'saveTemplate' = 'saveTemplate',
  ) {
    super();
  }
}

@CommandHandler(SaveTemplate)
export class SaveTemplateHandler implements ICommandHandler<SaveTemplate> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ agency, template, context, how: type }: SaveTemplate): Promise<TemplatesOutcome> {
    const { id: agencyId, name, email } = agency;
    const read = readTemplate(template.kind, template);
    const reading = { prints: read.prints, example: read.render(exampleOf(template.kind)) };
    const at = this.clock.now();
    const command = { type, agencyId, ...template, reading, sender: { name, email }, at };
    return this.store.execute(templates, templatesStream(agencyId), command, context);
  }
}

type Told = Exclude<TemplateCommand, { type: 'createTemplate' | 'saveTemplate' }>;
type Timeless = Told extends infer Each ? (Each extends Told ? Omit<Each, 'at' | 'agencyId'> : never) : never;

/**
 * Any command of an agency's templates but saving one, which is compiled first.
 *
 * Refused with the codes of templates (`CommandRefused`).
 */
export class CommandTemplates extends Command<TemplatesOutcome> {
  constructor(
    readonly agencyId: string,
    readonly command: Timeless,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CommandTemplates)
export class CommandTemplatesHandler implements ICommandHandler<CommandTemplates> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  execute({ agencyId, command, context }: CommandTemplates): Promise<TemplatesOutcome> {
    const timed = { ...command, agencyId, at: this.clock.now() } as TemplateCommand;
    return this.store.execute(templates, templatesStream(agencyId), timed, context);
  }
}

/** The templates of an agency with everything that happened to them. */
export interface ReadTemplates {
  readonly state: Templates;
  readonly events: readonly StoredEvent<TemplateEvent>[];
}

/** Reads the templates of an agency from their events: always as new as the last command. */
export class TemplatesOfAgency extends Query<ReadTemplates> {
  constructor(readonly agencyId: string) {
    super();
  }
}

@QueryHandler(TemplatesOfAgency)
export class TemplatesOfAgencyHandler implements IQueryHandler<TemplatesOfAgency> {
  constructor(private readonly store: EventStore) {}

  execute({ agencyId }: TemplatesOfAgency): Promise<ReadTemplates> {
    return this.store.fold(templates, templatesStream(agencyId));
  }
}
