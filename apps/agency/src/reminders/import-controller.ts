import { Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { v4 as newImportId, validate as isUuid } from 'uuid';
import { lineFields, listLabels, type ReminderList } from '#libs/reminders';
import { EdgeFailure, Pages } from '#libs/web';
import { Reminders } from '#projections/reminders';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { readUpload, UploadRefused, type UploadLimits } from '../letters/uploads.js';
import { navigation } from '../navigation.js';
import { TableRefused } from '../tables/table-file.js';
import { lineAddress } from './reminder-answers.js';
import { columnsOfList, MOST_LINES } from './reminder-file.js';
import { contentOf, ReminderImport, type ImportPlan, type PlannedLine } from './reminder-import.js';
import { listOf } from './reminder-input.js';
import { listAddress } from './reminder-page.js';

const LIMITS: UploadLimits = {
  documents: 1,
  documentBytes: 2 * 1024 * 1024,
  // The preview's form carries the file as text: a byte of Windows-1252 may become three of UTF-8, and a workbook is compressed.
  textBytes: 8 * 1024 * 1024,
  tooLarge: 'Ce fichier dépasse 2 Mo : partagez-le en plusieurs fichiers.',
  tooMany: 'Choisissez un seul fichier à la fois.',
};
const NO_FILE = 'Choisissez le fichier CSV ou Excel à importer.';
const LONGEST_WAIT_MS = 3_000;
/** Lines that a preview or result shows of what is well; every faulty one is shown. */
const SHOWN = 100;
/** Where the page of a running import is filled in. */
const PROGRESS = '<!--avancement-->';
const PROGRESS_EVERY_MS = 500;

/** The import of reminder lines: a file, a preview, then the import itself. The service keeps nothing of a file that is only previewed. */
@Controller('relances/import')
@UseGuards(SignedIn)
export class ReminderImportController {
  constructor(
    private readonly imports: ReminderImport,
    private readonly reminders: Reminders,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
  ) {}

  @Get()
  show(@Asking() user: SignedInUser, @Query('liste') list: unknown, @Res() response: Response): void {
    mustBeAllowedToSend(user);
    response.send(this.form(user, listOf(list)));
  }

  @Post()
  async preview(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    await this.answering(user, request, response, async (list, { documents }) => {
      const [file] = documents;
      if (!file) throw new TableRefused(NO_FILE);
      const content = await contentOf(file.bytes);
      if (user.reminderPosition) await this.reminders.atLeast(user.reminderPosition, LONGEST_WAIT_MS);
      const plan = await this.imports.plan(user, list, content);
      const form = { file: file.name, content, importId: newImportId() };
      response.send(this.page(user, 'reminder-import-preview', list, { ...form, ...toldOf(plan) }));
    });
  }

  /** Sends the page bit by bit, so that an import of many lines is seen to go on and nothing on the way gives it up. */
  @Post('confirmation')
  async confirm(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    await this.answering(user, request, response, async (list, { texts }) => {
      const { content, importId } = texts;
      if (content === undefined || importId === undefined || !isUuid(importId)) throw new TableRefused(NO_FILE);
      const plan = await this.imports.plan(user, list, content);
      const [head = ''] = this.page(user, 'reminder-import-result', list, { isRunning: true }).split(PROGRESS);
      response.type('html').write(head);
      response.write(await this.carriedOut(user, plan, importId, response));
      response.end();
    });
  }

  /** Where an import leaves the address bar. */
  @Get('confirmation')
  afterImport(@Res() response: Response): void {
    response.redirect(303, '/relances');
  }

  /** @returns the rest of the page. */
  private async carriedOut(
    user: SignedInUser,
    plan: ImportPlan,
    importId: string,
    response: Response,
  ): Promise<string> {
    const restOf = (data: Record<string, unknown>): string =>
      this.page(user, 'reminder-import-result', plan.list, data).split(PROGRESS)[1] ?? '';
    let told = 0;
    try {
      const imported = await this.imports.carryOut(user, plan, importId, (done, of) => {
        if (performance.now() - told < PROGRESS_EVERY_MS) return;
        told = performance.now();
        response.write(`<li>${done} lignes sur ${of}</li>\n`);
      });
      if (imported.position) await this.sessions.remember(user.token, imported.position, 'reminderPosition');
      return restOf(toldOf(imported));
    } catch (error) {
      response.write(restOf({ isBroken: true }));
      throw error;
    }
  }

  /** Reads the form and answers it, or sends the form of the file again with what is wrong. */
  private async answering(
    user: SignedInUser,
    request: Request,
    response: Response,
    answer: (list: ReminderList, upload: Awaited<ReturnType<typeof readUpload>>) => Promise<void>,
  ): Promise<void> {
    let list: ReminderList = 'unpaid';
    try {
      const upload = await readUpload(request, response, { documentPart: 'file', limits: LIMITS });
      list = listOf(upload.texts['liste']);
      response.status(200);
      await answer(list, upload);
    } catch (error) {
      if (!(error instanceof TableRefused) && !(error instanceof UploadRefused)) throw error;
      const status = error instanceof EdgeFailure ? error.problem.status : 422;
      response.status(status).send(this.form(user, list, error.message));
    }
  }

  private form(user: SignedInUser, list: ReminderList, fault?: string): string {
    const columns = columnsOfList(list).map(({ field, label, required }) => ({
      label,
      required,
      example: EXAMPLES[field] ?? lineFields[list].find(({ key }) => key === field)?.example,
    }));
    return this.page(user, 'reminder-import', list, { fault, columns });
  }

  private page(user: SignedInUser, name: string, list: ReminderList, data: Record<string, unknown>): string {
    const head = { title: 'Importer des relances', ...navigation(user, '/relances'), mostLines: MOST_LINES };
    return this.pages.render(name, { ...head, listId: list, list: listLabels[list], back: listAddress(list), ...data });
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  lineId: '2026-11-0457',
  partyCode: '40017',
  level: 'rappel recommandé',
  dossier: '001',
};

/** What a plan, or an import that was carried out, shows. */
function toldOf({ lines, ignored }: ImportPlan): Record<string, unknown> {
  const of = (outcome: PlannedLine['outcome'], most: number): object => {
    const all = lines.filter((line) => line.outcome === outcome);
    return {
      count: all.length,
      lines: all.slice(0, most).map((line) => ({ ...line, href: lineAddress(line.lineId) })),
      more: Math.max(0, all.length - most),
    };
  };
  const count = (outcome: PlannedLine['outcome']): number => lines.filter((line) => line.outcome === outcome).length;
  return {
    received: of('received', SHOWN),
    corrected: of('corrected', SHOWN),
    unchanged: of('unchanged', 0),
    faulty: of('faulty', lines.length),
    ignored: ignored.join(', '),
    toImport: count('received') + count('corrected'),
  };
}
