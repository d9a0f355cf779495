import { Controller, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { v4 as newImportId, validate as isUuid } from 'uuid';
import { EdgeFailure, Pages } from '#libs/web';
import { ThirdParties } from '#projections/third-parties';
import { Asking, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { readUpload, UploadRefused, type UploadLimits } from '../letters/uploads.js';
import { navigation } from '../navigation.js';
import { decodedText, TableRefused } from '../tables/table-file.js';
import { mustBeAllowedToEdit } from './directory.js';
import { PartyImport, type ImportPlan, type PlannedLine } from './party-import.js';
import { partyAddress } from './party-page.js';

const LIMITS: UploadLimits = {
  documents: 1,
  documentBytes: 1024 * 1024,
  // The preview's form carries the file as text: a byte of Windows-1252 may become three of UTF-8.
  textBytes: 4 * 1024 * 1024,
  tooLarge: 'Ce fichier dépasse 1 Mo : partagez-le en plusieurs fichiers.',
  tooMany: 'Choisissez un seul fichier à la fois.',
};
const NO_FILE = 'Choisissez le fichier CSV à importer.';
const LONGEST_WAIT_MS = 3_000;

/** The import of third parties: a file, a preview, then the import itself. The service keeps nothing of a file that is only previewed. */
@Controller('tiers/import')
@UseGuards(SignedIn)
export class ImportController {
  constructor(
    private readonly imports: PartyImport,
    private readonly parties: ThirdParties,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
  ) {}

  @Get()
  show(@Asking() user: SignedInUser, @Res() response: Response): void {
    mustBeAllowedToEdit(user);
    response.send(this.page(user, 'import', {}));
  }

  @Post()
  async preview(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToEdit(user);
    await this.answering(user, response, async () => {
      const { documents } = await readUpload(request, response, { documentPart: 'file', limits: LIMITS });
      const [file] = documents;
      if (!file) throw new TableRefused(NO_FILE);
      const content = decodedText(file.bytes);
      if (user.position) await this.parties.atLeast(user.position, LONGEST_WAIT_MS);
      const plan = await this.imports.plan(user, content);
      return this.page(user, 'import-preview', { file: file.name, content, importId: newImportId(), ...told(plan) });
    });
  }

  @Post('confirmation')
  async confirm(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToEdit(user);
    await this.answering(user, response, async () => {
      const { texts } = await readUpload(request, response, { documentPart: 'file', limits: LIMITS });
      const { content, importId } = texts;
      if (content === undefined || importId === undefined || !isUuid(importId)) throw new TableRefused(NO_FILE);
      const imported = await this.imports.carryOut(user, content, importId);
      if (imported.position) await this.sessions.remember(user.token, imported.position, 'position');
      return this.page(user, 'import-result', told(imported));
    });
  }

  /** Where an import leaves the address bar. */
  @Get('confirmation')
  afterImport(@Res() response: Response): void {
    response.redirect(303, '/tiers/import');
  }

  /** Sends the page, or the form of the file again with what is wrong. */
  private async answering(user: SignedInUser, response: Response, page: () => Promise<string>): Promise<void> {
    try {
      response.status(200).send(await page());
    } catch (error) {
      const isOfFile = error instanceof TableRefused || error instanceof UploadRefused;
      if (!isOfFile) throw error;
      const status = error instanceof EdgeFailure ? error.problem.status : 422;
      response.status(status).send(this.page(user, 'import', { fault: error.message }));
    }
  }

  private page(user: SignedInUser, name: string, data: Record<string, unknown>): string {
    return this.pages.render(name, { title: 'Importer des tiers', ...navigation(user, '/tiers'), ...data });
  }
}

/** What a plan, or an import that was carried out, shows. */
function told({ lines, ignored }: ImportPlan): Record<string, unknown> {
  const of = (outcome: PlannedLine['outcome']) =>
    lines
      .filter((line) => line.outcome === outcome)
      .map((line) => ({ ...line, href: line.outcome === 'faulty' ? undefined : partyAddress(line.code) }));
  const [created, changed, unchanged, faulty] = [of('created'), of('changed'), of('unchanged'), of('faulty')];
  return {
    created,
    changed,
    unchanged,
    faulty,
    ignored: ignored.join(', '),
    toImport: created.length + changed.length,
  };
}
