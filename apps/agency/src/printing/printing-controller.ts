import { Controller, Get, Param, Post, Query, Redirect, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { jobNumber, sheetsOf, weightWords } from '#libs/letter';
import { answerPdf, dates, InvalidInput, LivePages, Pages } from '#libs/web';
import { AgencyAccess } from '#projections/agency-access';
import type { PrintJobRow } from '#projections/print-queue';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { navigation } from '../navigation.js';
import { submittedTexts } from '../submitted-texts.js';
import { MOST_AT_ONCE, PrintJobs } from './print-jobs.js';

const PAGE_SIZE = 50;

/** The print queue: job tickets of the letters on paper. */
@Controller('impression')
@UseGuards(SignedIn)
export class PrintingController {
  constructor(
    private readonly jobs: PrintJobs,
    private readonly access: AgencyAccess,
    private readonly pages: Pages,
    private readonly live: LivePages,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query('etat') state: unknown,
    @Query('apres') after: unknown,
    @Res() response: Response,
  ): Promise<void> {
    response.send(await this.page(user, { isDone: state === 'termine', after }));
  }

  @Get('suivi')
  follow(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): void {
    const mark = () => this.jobs.mark(user);
    this.live.follow(request, response, { key: `printing/${user.agency.id}`, holder: user.actor, mark });
  }

  /** One job, or all that are ticked as one file. */
  @Post('telechargement')
  async download(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const body = request.body as Record<string, unknown>;
    const { bytes, rows } = await this.jobs.download(user, chosenOf(body['seul'] ?? body['bon']));
    const [first] = rows;
    const name = first && rows.length === 1 ? `Pli ${jobNumber(first.job)}` : `Plis, ${rows.length} bons`;
    answerPdf(response.status(200), bytes, name, 'attachment');
  }

  /** Where a failure leaves the address bar. */
  @Get('telechargement')
  @Redirect('/impression', 303)
  afterDownload(): void {}

  @Get(':job/bon')
  async ticket(@Asking() user: SignedInUser, @Param('job') job: string, @Res() response: Response): Promise<void> {
    const { bytes } = await this.jobs.ticket(user, job);
    answerPdf(response, bytes, `Bon ${jobNumber(job)}`, 'inline');
  }

  @Post(':job/expedition')
  async dispatch(
    @Asking() user: SignedInUser,
    @Param('job') job: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const number = submittedTexts(request)['suivi'] ?? '';
    try {
      await this.jobs.dispatch(user, job, number);
      response.redirect(303, '/impression');
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      const faulty = { job, number, fault: error.faults[0]?.message };
      response.status(422).send(await this.page(user, { isDone: false, faulty }));
    }
  }

  /** Where a refused tracking number leaves the address bar. */
  @Get(':job/expedition')
  async afterDispatch(
    @Asking() user: SignedInUser,
    @Param('job') job: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.jobs.find(user, job);
    response.redirect(303, '/impression');
  }

  private async page(
    user: SignedInUser,
    { isDone, after, faulty }: { isDone: boolean; after?: unknown; faulty?: Faulty },
  ): Promise<string> {
    const mark = await this.jobs.mark(user);
    const query = {
      state: isDone ? 'done' : 'open',
      after: typeof after === 'string' ? after : undefined,
      limit: PAGE_SIZE,
    } as const;
    const { rows, next, upToDate } = await this.jobs.list(user, query, user.position);
    const names = await this.namesOf(rows);
    return this.pages.render('printing', {
      title: 'Impression',
      ...navigation(user, '/impression'),
      live: faulty ? undefined : `/impression/suivi?depuis=${mark}`,
      script: 'history.js',
      isDone,
      isLate: !upToDate,
      most: MOST_AT_ONCE,
      rows: rows.map((row) => shownRow(row, names, faulty)),
      isFirst: query.after === undefined,
      next:
        next &&
        `/impression?${new URLSearchParams({ ...(isDone ? { etat: 'termine' } : {}), apres: next }).toString()}`,
    });
  }

  /** What those are called who have downloaded something, by their actors. */
  private async namesOf(rows: readonly PrintJobRow[]): Promise<ReadonlyMap<string, string>> {
    const actors = [...new Set(rows.flatMap(({ downloads }) => downloads.map(({ by }) => by)))];
    const named = actors.map(async (actor): Promise<[string, string]> => {
      if (!actor.startsWith('user:')) return [actor, 'un logiciel de l’agence'];
      const user = await this.access.userById(actor.slice('user:'.length));
      return [actor, user?.name ?? 'un ancien utilisateur'];
    });
    return new Map(await Promise.all(named));
  }
}

interface Faulty {
  readonly job: string;
  readonly number: string;
  readonly fault: string | undefined;
}

const chosenOf = (field: unknown): string[] =>
  [...new Set([field].flat().filter((value) => typeof value === 'string'))].slice(0, MOST_AT_ONCE + 1);

const STATUSES: Readonly<Record<PrintJobRow['status'], { label: string; class: string }>> = {
  waiting: { label: 'En préparation', class: '' },
  prepared: { label: 'À imprimer', class: 'notified' },
  failed: { label: 'Impossible', class: 'failed' },
  dispatched: { label: 'Expédié', class: 'signed' },
};

function shownRow(row: PrintJobRow, names: ReadonlyMap<string, string>, faulty: Faulty | undefined): object {
  const { job, status, print, downloads } = row;
  const last = downloads.at(-1);
  const sheets = print && sheetsOf(print.pages);
  const isPrinted = downloads.length > 0;
  return {
    ...row,
    ...STATUSES[status],
    number: jobNumber(job),
    addressee: row.addressee ?? 'Données effacées',
    href: `/lettres/${row.letterId}`,
    requester: row.by === 'sender' ? 'Expéditeur' : 'Destinataire',
    isReady: status === 'prepared',
    isPrinted,
    sheets,
    weight: sheets && weightWords(sheets),
    state: status === 'prepared' && isPrinted ? { label: 'Imprimé, à expédier', class: 'accepted' } : STATUSES[status],
    taken: last && `${dates.dayAndTime(last.at)} par ${names.get(last.by) ?? ''}`,
    times: downloads.length > 1 ? `${downloads.length} fois, en dernier le` : 'le',
    sent: row.dispatchedAt && dates.day(row.dispatchedAt),
    ...(faulty?.job === job ? { tracking: faulty.number, fault: faulty.fault } : {}),
  };
}
