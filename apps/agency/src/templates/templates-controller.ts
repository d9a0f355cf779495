import { Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { TemplateKind } from '#libs/templates';
import { Pages, type FieldFault } from '#libs/web';
import { Asking, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { navigation } from '../navigation.js';
import { Settings } from '../settings.js';
import { submittedTexts } from '../submitted-texts.js';
import { firstText, kindOf, mustBeAllowedToWrite, OwnTemplates } from './own-templates.js';
import { answerPreview } from './preview.js';
import { readForm, savingFaults } from './template-form.js';
import { templateAddress, templateForm, templateGroups, type TemplateTexts } from './template-page.js';

/** All templates of the agency, the form of a new one, and the preview of whatever is being written. */
@Controller('modeles')
@UseGuards(SignedIn)
export class TemplatesController {
  constructor(
    private readonly templates: OwnTemplates,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
    private readonly settings: Settings,
  ) {}

  @Get()
  async list(@Asking() user: SignedInUser, @Res() response: Response): Promise<void> {
    const { kinds, upToDate } = await this.templates.list(user, user.templatePosition);
    const page = {
      title: 'Modèles',
      ...navigation(user, '/modeles'),
      groups: templateGroups(kinds),
      isLate: !upToDate,
    };
    response.send(this.pages.render('templates', page));
  }

  @Post('apercu/:kind')
  @HttpCode(200)
  preview(
    @Asking() user: SignedInUser,
    @Param('kind') kind: string,
    @Req() request: Request,
    @Res() response: Response,
  ): void {
    const { text } = readForm(kindOf(kind), submittedTexts(request));
    answerPreview(response, user, kindOf(kind), text, this.settings.qualification);
  }

  @Get('nouveau/:kind')
  async new(
    @Asking() user: SignedInUser,
    @Param('kind') kind: string,
    @Query('de') copied: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(user);
    const known = kindOf(kind);
    const { subject, body } = copied === undefined ? firstText(known) : await this.templates.find(user, known, copied);
    response.send(this.form(user, known, { objet: subject, texte: body }, []));
  }

  @Post('nouveau/:kind')
  async create(
    @Asking() user: SignedInUser,
    @Param('kind') kind: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(user);
    const known = kindOf(kind);
    const { texts, text } = readForm(known, submittedTexts(request));
    const name = texts.nom?.trim() ?? '';
    const faults = await savingFaults(async () => {
      const position = await this.templates.create(user, { kind: known, name, ...text });
      if (position) await this.sessions.remember(user.token, position, 'templatePosition');
    });
    if (faults.length > 0) response.status(422).send(this.form(user, known, texts, faults));
    else response.redirect(303, `${templateAddress(known, name.normalize('NFC'))}?fait=enregistre`);
  }

  private form(user: SignedInUser, kind: TemplateKind, texts: TemplateTexts, faults: readonly FieldFault[]): string {
    return this.pages.render('template', {
      title: 'Nouveau modèle',
      ...navigation(user, '/modeles'),
      ...templateForm(kind, texts, faults),
      action: `/modeles/nouveau/${kind}`,
      isNew: true,
      mayWrite: true,
    });
  }
}
