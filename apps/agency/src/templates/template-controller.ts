import { Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CommandRefused, type Position } from '#libs/event-store';
import { Pages, type FieldFault } from '#libs/web';
import { AgencyAccess } from '#projections/agency-access';
import type { ListedTemplate } from '#projections/templates';
import { Asking, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { sentenceOfRefusal } from '../failures.js';
import { navigation } from '../navigation.js';
import { Settings } from '../settings.js';
import { submittedTexts } from '../submitted-texts.js';
import { mustBeAllowedToWrite, OwnTemplates } from './own-templates.js';
import { answerPreview } from './preview.js';
import { readForm, savingFaults } from './template-form.js';
import { templateAddress, templateForm, templateState, type TemplateTexts } from './template-page.js';

/** What the page says after a form was carried out, by the address that it leads to. */
const DONE: Readonly<Record<string, string>> = {
  enregistre: 'Le modèle est enregistré : les prochains envois l’utilisent.',
  retabli: 'Le texte d’origine est rétabli.',
  defaut: 'Ce modèle est maintenant celui par défaut.',
  essai: 'L’essai est demandé : il arrive dans votre boîte de réception dans un instant.',
};

/** One template: its form, its preview as it was saved, and what can be done with it. */
@Controller('modeles/:kind/:name')
@UseGuards(SignedIn)
export class TemplateController {
  constructor(
    private readonly templates: OwnTemplates,
    private readonly access: AgencyAccess,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
    private readonly settings: Settings,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Query('fait') done: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const template = await this.templates.find(user, kind, name);
    response.send(this.page(user, template, textsOf(template), { done: DONE[done ?? ''] }));
  }

  @Get('apercu')
  async preview(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Res() response: Response,
  ): Promise<void> {
    const template = await this.templates.find(user, kind, name);
    answerPreview(response, user, template.kind, template, this.settings.qualification);
  }

  @Post()
  async save(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(user);
    const template = await this.templates.find(user, kind, name);
    const { texts, text } = readForm(template.kind, submittedTexts(request));
    const faults = await savingFaults(async () => {
      const position = await this.templates.save(user, { kind: template.kind, name: template.name, ...text });
      await this.remember(user, position);
    });
    if (faults.length > 0) response.status(422).send(this.page(user, template, texts, { faults }));
    else response.redirect(303, `${templateAddress(template.kind, template.name)}?fait=enregistre`);
  }

  @Post('retablissement')
  async reset(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(user);
    await this.remember(user, await this.templates.reset(user, kind, name));
    response.redirect(303, `${addressOf({ kind, name })}?fait=retabli`);
  }

  @Post('defaut')
  async chooseDefault(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(user);
    await this.remember(user, await this.templates.chooseDefault(user, kind, name));
    response.redirect(303, `${addressOf({ kind, name })}?fait=defaut`);
  }

  @Post('suppression')
  async remove(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(user);
    await this.remember(user, await this.templates.remove(user, kind, name));
    response.redirect(303, '/modeles');
  }

  /** Sends what was saved last to the address with which the user logs in. */
  @Post('essai')
  async tryOut(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(user);
    const template = await this.templates.find(user, kind, name);
    const own = await this.access.userById(user.actor.slice('user:'.length));
    try {
      await this.templates.tryOut(user, kind, name, own?.email ?? user.agency.email);
    } catch (error) {
      const refusal = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
      if (!refusal) throw error;
      response.status(429).send(this.page(user, template, textsOf(template), { refusal }));
      return;
    }
    response.redirect(303, `${addressOf({ kind, name })}?fait=essai`);
  }

  /** Where a form leaves the address bar. */
  @Get(['retablissement', 'defaut', 'suppression', 'essai'])
  async afterForm(
    @Asking() user: SignedInUser,
    @Param() { kind, name }: Address,
    @Res() response: Response,
  ): Promise<void> {
    const template = await this.templates.find(user, kind, name);
    response.redirect(303, templateAddress(template.kind, template.name));
  }

  private async remember(user: SignedInUser, position: Position | null): Promise<void> {
    if (position) await this.sessions.remember(user.token, position, 'templatePosition');
  }

  private page(
    user: SignedInUser,
    template: ListedTemplate,
    texts: TemplateTexts,
    {
      faults = [],
      done,
      refusal,
    }: { readonly faults?: readonly FieldFault[]; readonly done?: string | undefined; readonly refusal?: string },
  ): string {
    return this.pages.render('template', {
      title: `Modèle ${template.name}`,
      ...navigation(user, '/modeles'),
      ...templateForm(template.kind, texts, faults),
      ...templateState(template),
      action: templateAddress(template.kind, template.name),
      isNew: false,
      mayWrite: user.mayManage,
      done,
      refusal,
    });
  }
}

/** Which template an address names. */
interface Address {
  readonly kind: string;
  readonly name: string;
}

const addressOf = ({ kind, name }: Address): string =>
  `/modeles/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;

const textsOf = ({ subject, body }: ListedTemplate): TemplateTexts => ({ objet: subject, texte: body });
