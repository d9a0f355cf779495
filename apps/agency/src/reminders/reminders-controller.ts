import { Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { comparePositions, CommandRefused, type Position } from '#libs/event-store';
import { levelLabels, listLabels, type ReminderList } from '#libs/reminders';
import { EdgeFailure, Pages, type FieldFault } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { navigation } from '../navigation.js';
import { ListInput, linesOf, listOf } from './reminder-input.js';
import { ReminderLists, type ListedLines } from './reminder-lists.js';
import { lineRow, listAddress } from './reminder-page.js';
import { choices, questionOf, readFilters, readOrFaults, type FiltersOf } from '../lists/filters.js';

/** The page's filters by the names in its address, and what they are called in the question. */
const FILTERS = {
  liste: 'list',
  niveau: 'level',
  etat: 'status',
  lre: 'eligible',
  recherche: 'search',
  apres: 'after',
} as const;
type Filters = FiltersOf<typeof FILTERS>;

const NOTHING: ListedLines = { lines: [], next: null, upToDate: true };

const LEVELS = [
  { value: '', label: 'Tous' },
  ...Object.entries(levelLabels).map(([value, label]) => ({ value, label })),
];
const STATUSES = [
  { value: '', label: 'À traiter' },
  { value: 'sent', label: 'Envoyées' },
  { value: 'withdrawn', label: 'Retirées' },
  { value: 'all', label: 'Toutes' },
];
const ELIGIBLE = [
  { value: '', label: 'Toutes' },
  { value: 'yes', label: 'Peuvent partir en LRE' },
  { value: 'no', label: 'Ne le peuvent pas' },
];

/** The three lists of reminders (manual IV.1). */
@Controller('relances')
@UseGuards(SignedIn)
export class RemindersController {
  constructor(
    private readonly lists: ReminderLists,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query() address: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const filters = readFilters(FILTERS, address);
    const input = readOrFaults(ListInput, questionOf(FILTERS, filters));
    if (input instanceof ListInput) {
      const listed = await this.lists.list(user, input, user.reminderPosition);
      response.send(await this.page(user, filters, [], listed));
    } else {
      response.status(422).send(await this.page(user, filters, input, NOTHING));
    }
  }

  /** Takes the ticked lines out of their list; those that were sent meanwhile stay. */
  @Post('retrait')
  async withdraw(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const body = (request.body ?? {}) as Record<string, unknown>;
    let position: Position | null = null;
    for (const lineId of linesOf(body['ligne'])) {
      const withdrawn = await this.withdrawn(user, lineId);
      if (withdrawn && (!position || comparePositions(withdrawn, position) > 0)) position = withdrawn;
    }
    if (position) await this.sessions.remember(user.token, position, 'reminderPosition');
    response.redirect(303, listAddress(listOf(body['liste'])));
  }

  /** Where a refused form leaves the address bar. */
  @Get('retrait')
  afterRefusal(@Res() response: Response): void {
    response.redirect(303, '/relances');
  }

  private async withdrawn(user: SignedInUser, lineId: string): Promise<Position | null> {
    try {
      return (await this.lists.withdraw(user, lineId)).position;
    } catch (error) {
      // What is gone, or was sent by somebody else while the page was open, shows in the list.
      if (error instanceof CommandRefused || (error instanceof EdgeFailure && error.problem.status === 404))
        return null;
      throw error;
    }
  }

  private async page(
    user: SignedInUser,
    filters: Filters,
    faults: readonly FieldFault[],
    listed: ListedLines,
  ): Promise<string> {
    const { apres, liste, ...kept } = filters;
    const list = listOf(liste);
    const open = await this.lists.open(user);
    return this.pages.render('reminders', {
      title: `Relances : ${listLabels[list]}`,
      ...navigation(user, '/relances'),
      // « Sel » ticks what may become a letter.
      script: 'history.js',
      list,
      tabs: tabsOf(list, open),
      filters,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      levels: choices(LEVELS, filters.niveau),
      statuses: choices(STATUSES, filters.etat),
      eligible: choices(ELIGIBLE, filters.lre),
      rows: listed.lines.map(lineRow),
      eligibleLines: user.maySend ? await this.lists.countEligible(user, list) : 0,
      isLate: !listed.upToDate,
      isFaulty: faults.length > 0,
      isFiltered: Object.keys(kept).length > 0,
      isFirst: apres === undefined,
      first: listAddress(list, kept),
      all: listAddress(list),
      further: listed.next === null ? undefined : listAddress(list, { ...kept, apres: listed.next }),
    });
  }
}

const tabsOf = (current: ReminderList, open: ReadonlyMap<ReminderList, number>) =>
  (Object.keys(listLabels) as ReminderList[]).map((list) => ({
    href: listAddress(list),
    label: listLabels[list],
    lines: open.get(list) ?? 0,
    current: list === current,
  }));
