import { Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Position } from '#libs/event-store';
import { answerPdf, Pages } from '#libs/web';
import { ThirdParties } from '#projections/third-parties';
import { Asking, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { UploadRefused } from '../letters/uploads.js';
import { navigation } from '../navigation.js';
import { documentAddress, documentPage } from './filing-page.js';
import { filesFaults, readReplacement } from './filing-upload.js';
import { Filing, mustBeAllowedToFile } from './filing.js';

/** One filed document: its page, its file, the form that replaces it and the one that takes it out. */
@Controller('documents/:id')
@UseGuards(SignedIn)
export class DocumentController {
  constructor(
    private readonly filing: Filing,
    private readonly parties: ThirdParties,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
  ) {}

  @Get()
  async show(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    response.send(await this.page(user, id, []));
  }

  @Get('fichier')
  async file(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Query('telecharger') download: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { name, bytes } = await this.filing.file(user, id);
    answerPdf(response, bytes, name, download === '1' ? 'attachment' : 'inline');
  }

  @Post('remplacement')
  async replace(
    @Asking() user: SignedInUser,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToFile(user);
    const { documentId } = await this.filing.find(user, id);
    const { documents, faults, status } = await replacementOf(request, response);
    const [file] = documents;
    if (!file || faults.length > 0) {
      response.status(status).send(await this.page(user, documentId, faults));
      return;
    }
    const { position } = await this.filing.replace(user, documentId, file);
    await this.goOn(user, position, response, documentAddress(documentId));
  }

  @Post('retrait')
  async remove(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToFile(user);
    const { state } = await this.filing.find(user, id);
    const { position } = await this.filing.remove(user, id);
    const { partyCode } = state;
    const next = partyCode === null ? '/documents' : `/documents?tiers=${encodeURIComponent(partyCode)}`;
    await this.goOn(user, position, response, next);
  }

  /** Where a refused form leaves the address bar. */
  @Get(['remplacement', 'retrait'])
  async afterRefusal(@Asking() user: SignedInUser, @Param('id') id: string, @Res() response: Response): Promise<void> {
    response.redirect(303, documentAddress((await this.filing.find(user, id)).documentId));
  }

  private async goOn(user: SignedInUser, position: Position | null, response: Response, next: string): Promise<void> {
    if (position) await this.sessions.remember(user.token, position, 'filingPosition');
    response.redirect(303, next);
  }

  private async page(user: SignedInUser, id: string, faults: readonly string[]): Promise<string> {
    const document = await this.filing.find(user, id);
    const { partyCode } = document.state;
    const parties = await this.parties.withCodes(user.agency.id, partyCode === null ? [] : [partyCode]);
    return this.pages.render('filed-document', {
      ...navigation(user, '/documents'),
      ...documentPage(document, parties.get(partyCode ?? '')),
      address: documentAddress(document.documentId),
      faults,
    });
  }
}

interface Replacement {
  readonly documents: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly faults: readonly string[];
  readonly status: number;
}

async function replacementOf(request: Request, response: Response): Promise<Replacement> {
  try {
    const { documents } = await readReplacement(request, response);
    const faults = (await filesFaults(documents)).map(({ message }) => message);
    return { documents, faults, status: 422 };
  } catch (error) {
    if (!(error instanceof UploadRefused)) throw error;
    return { documents: [], faults: [error.problem.title], status: error.problem.status };
  }
}
