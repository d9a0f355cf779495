import { Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MOST_FILES, type CampaignIn } from '#libs/campaign';
import { LARGEST_PDF_BYTES, PdfRefused } from '#libs/documents';
import { CommandRefused } from '#libs/event-store';
import { answerPdf, InvalidInput, Pages, readInput, type FieldFault } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { sentenceOfRefusal } from '../failures.js';
import { documentFaults } from '../letters/document-faults.js';
import { readUpload, UploadRefused, type Upload, type UploadLimits } from '../letters/uploads.js';
import { navigation } from '../navigation.js';
import { CategoryInput } from './campaign-input.js';
import { attachmentsPage, campaignAddress, stepPage } from './campaign-page.js';
import { draftOrElsewhere } from './draft-or-elsewhere.js';
import { Recaps } from './recaps.js';
import { Wizard, type OwnCampaign } from './wizard.js';

const LIMITS: UploadLimits = {
  documents: MOST_FILES,
  documentBytes: LARGEST_PDF_BYTES,
  textBytes: 1024,
  tooLarge: 'Un fichier dépasse 25 Mo : réduisez-le, puis choisissez-le de nouveau.',
  tooMany: 'Un envoi porte huit fichiers joints au plus : choisissez-en moins.',
};

type Draft = OwnCampaign<CampaignIn<'draft'>>;

/** The second step of the send wizard (manual IV, screen 2). */
@Controller('envois/:id')
@UseGuards(SignedIn)
export class AttachmentsStepController {
  constructor(
    private readonly wizard: Wizard,
    private readonly recaps: Recaps,
    private readonly pages: Pages,
  ) {}

  @Get('pieces')
  async showAttachments(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const draft = await draftOrElsewhere(this.wizard, user, id, response);
    if (draft) response.send(await this.attachmentsPage(user, draft, []));
  }

  @Post('pieces')
  async attach(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const draft = await draftOrElsewhere(this.wizard, user, id, response);
    if (!draft) return;
    const upload = await uploadOrRefusal(request, response);
    const faults = await this.applyAttachments(user, draft, upload);
    const changed = await this.wizard.findDraft(user, draft.campaignId);
    if (faults.length > 0) response.status(422).send(await this.attachmentsPage(user, changed, faults));
    else {
      const step = upload.texts['suite'] === 'ajouter' ? 'pieces' : 'recapitulatif';
      response.redirect(303, `${campaignAddress(draft.campaignId)}/${step}`);
    }
  }

  /** The choice of the category counts even where a file is refused. */
  private async applyAttachments(
    user: SignedInUser,
    { campaignId }: Draft,
    upload: Upload | UploadRefused,
  ): Promise<readonly FieldFault[]> {
    const choice = categoryOf(upload.texts);
    if (choice instanceof InvalidInput) return choice.faults.map(({ message }) => ({ field: 'category', message }));
    await this.wizard.command(user, campaignId, { type: 'chooseCategory', choice });
    if (upload instanceof UploadRefused) return [{ field: 'files', message: upload.problem.title }];
    // A browser sends an empty part for a field without a file.
    const files = upload.documents.filter(({ bytes }) => bytes.length > 0);
    try {
      for (const file of files) await this.wizard.attach(user, campaignId, file);
      return [];
    } catch (error) {
      if (error instanceof PdfRefused) return documentFaults(files, () => 'files');
      if (!(error instanceof CommandRefused)) throw error;
      return [{ field: 'files', message: sentenceOfRefusal(error.code) ?? error.code }];
    }
  }

  @Post('pieces/:sha256/retrait')
  async detach(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Param('sha256') sha256: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    await this.wizard.command(user, id, { type: 'removeFile', sha256 });
    response.redirect(303, `${campaignAddress(id)}/pieces`);
  }

  /** Where a refused form leaves the address bar. */
  @Get('pieces/:sha256/retrait')
  async afterRefusal(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    response.redirect(303, `${campaignAddress((await this.wizard.find(user, id)).campaignId)}/pieces`);
  }

  @Get('pieces/:sha256')
  async openFile(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Param('sha256') sha256: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const { name, bytes } = await this.wizard.file(user, id, sha256);
    answerPdf(response, bytes, name, 'inline');
  }

  private async attachmentsPage(user: SignedInUser, draft: Draft, faults: readonly FieldFault[]): Promise<string> {
    const recap = await this.recaps.of(user, draft.state, user);
    return this.pages.render('campaign-attachments', {
      ...navigation(user, '/envois'),
      ...stepPage(draft, 2),
      ...attachmentsPage(draft, recap),
      narrow: true,
      script: 'double-click.js',
      fileFaults: faults.filter(({ field }) => field === 'files'),
      categoryFault: faults.find(({ field }) => field === 'category')?.message,
    });
  }
}

async function uploadOrRefusal(request: Request, response: Response): Promise<Upload | UploadRefused> {
  try {
    return await readUpload(request, response, { documentPart: 'files', limits: LIMITS });
  } catch (error) {
    if (error instanceof UploadRefused) return error;
    throw error;
  }
}

function categoryOf({ category, whenMissing }: Upload['texts']): CategoryInput | InvalidInput | null {
  if (!category) return null;
  try {
    return readInput(CategoryInput, { category, ...(whenMissing ? { whenMissing } : {}) });
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}
