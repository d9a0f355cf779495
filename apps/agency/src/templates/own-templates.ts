import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId } from 'uuid';
import { CommandTemplates, SaveTemplate, TemplatesOfAgency, type TemplateToSave } from '#libs/commands';
import type { CommandContext, Position } from '#libs/event-store';
import {
  builtIn,
  defaultTemplate,
  describeKind,
  isTemplateKind,
  templateNamed,
  type TemplateKind,
} from '#libs/templates';
import { EdgeFailure, notFound } from '#libs/web';
import { AgencyTemplates, type KindOfTemplates, type ListedTemplate } from '#projections/templates';
import type { Asker } from '../access/asker.js';

/** How long a list waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;

/** The templates of an agency, for pages and API alike; what belongs to another agency does not exist for the asker. */
@Injectable()
export class OwnTemplates {
  constructor(
    private readonly templates: AgencyTemplates,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** At least as new as `position`; `upToDate` is false where it had not got there in time. */
  async list(
    { agency }: Asker,
    position: Position | null | undefined,
  ): Promise<{ readonly kinds: readonly KindOfTemplates[]; readonly upToDate: boolean }> {
    const upToDate = position ? await this.templates.atLeast(position, LONGEST_WAIT_MS) : true;
    return { kinds: await this.templates.list(agency.id), upToDate };
  }

  /** Always as new as the last command. @throws EdgeFailure 404 */
  async find({ agency }: Asker, kind: string, name: string): Promise<ListedTemplate> {
    if (!isTemplateKind(kind)) throw notFound();
    const { state } = await this.queries.execute(new TemplatesOfAgency(agency.id));
    const template = templateNamed(state, kind, name.normalize('NFC'));
    if (!template) throw notFound();
    return { ...template, isDefault: defaultTemplate(state, kind).name === template.name };
  }

  /** A new template. @throws TemplateFaulty, CommandRefused TEMPLATE_NAME_TAKEN and others */
  create(asker: Asker, template: TemplateToSave): Promise<Position | null> {
    return this.write(asker, template, 'createTemplate');
  }

  /** Makes or changes a template. @throws TemplateFaulty, CommandRefused */
  save(asker: Asker, template: TemplateToSave): Promise<Position | null> {
    return this.write(asker, template, 'saveTemplate');
  }

  /** Gives a built-in template its own text again. @throws EdgeFailure 404, CommandRefused */
  reset(asker: Asker, kind: string, name: string): Promise<Position | null> {
    return this.command(asker, kind, name, 'resetTemplate');
  }

  /** @throws EdgeFailure 404, CommandRefused */
  remove(asker: Asker, kind: string, name: string): Promise<Position | null> {
    return this.command(asker, kind, name, 'removeTemplate');
  }

  /** @throws EdgeFailure 404, CommandRefused */
  chooseDefault(asker: Asker, kind: string, name: string): Promise<Position | null> {
    return this.command(asker, kind, name, 'chooseDefault');
  }

  /** Has the template, as it was saved last, sent to somebody by the worker. @throws EdgeFailure 404, CommandRefused */
  async tryOut(asker: Asker, kind: string, name: string, to: string): Promise<void> {
    const template = await this.find(asker, kind, name);
    const command = {
      type: 'requestTrial',
      kind: template.kind,
      name: template.name,
      trial: newCommandId(),
      to,
    } as const;
    await this.commands.execute(new CommandTemplates(asker.agency.id, command, contextOf(asker)));
  }

  private async write(asker: Asker, template: TemplateToSave, how: SaveTemplate['how']): Promise<Position | null> {
    const named = { ...template, name: template.name.normalize('NFC') };
    return (await this.commands.execute(new SaveTemplate(asker.agency, named, contextOf(asker), how))).position;
  }

  private async command(
    asker: Asker,
    kind: string,
    name: string,
    type: 'resetTemplate' | 'removeTemplate' | 'chooseDefault',
  ): Promise<Position | null> {
    const template = await this.find(asker, kind, name);
    const command = { type, kind: template.kind, name: template.name };
    return (await this.commands.execute(new CommandTemplates(asker.agency.id, command, contextOf(asker)))).position;
  }
}

/** The kind that an address names. @throws EdgeFailure 404 */
export function kindOf(text: string): TemplateKind {
  if (!isTemplateKind(text)) throw notFound();
  return text;
}

/** What a new template of a kind begins with. */
export const firstText = (kind: TemplateKind): { readonly subject: string; readonly body: string } => builtIn(kind);

export const hasSubject = (kind: TemplateKind): boolean => describeKind(kind).medium !== 'sms';

function contextOf({ actor }: Asker): CommandContext {
  const commandId = newCommandId();
  return { commandId, correlationId: commandId, causationId: commandId, actor };
}

/** @throws EdgeFailure 403 for anybody but a manager. */
export function mustBeAllowedToWrite({ mayManage }: Asker): void {
  if (mayManage) return;
  throw new EdgeFailure({
    status: 403,
    code: 'MANAGERS_ONLY',
    title: 'Seul un gestionnaire peut modifier les modèles : demandez-le à un gestionnaire de votre agence.',
  });
}
