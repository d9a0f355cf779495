import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { dates, InvalidInput, Pages, readInput, type FieldFault } from '#libs/web';
import { actionLabels } from '#projections/audit-log';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, mustBeAllowedToManage, type Asker, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { csvLine } from '../letters/export.js';
import { navigation } from '../navigation.js';
import { Journal, JournalInput, type JournalLine } from './journal.js';
import { filteredAddress, questionOf, readFilters, type FiltersOf } from '../lists/filters.js';

const PAGE = '/journal-des-actions';
const FILTERS = { personne: 'actor', action: 'type', du: 'from', au: 'to', apres: 'after' } as const;
type Filters = FiltersOf<typeof FILTERS>;

/** Who of the agency did what: for managers. */
@Controller('journal-des-actions')
@UseGuards(SignedIn)
export class JournalController {
  constructor(
    private readonly journal: Journal,
    private readonly pages: Pages,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query() address: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToManage(user);
    const filters = readFilters(FILTERS, address);
    try {
      response.send(await this.page(user, filters, readInput(JournalInput, questionOf(FILTERS, filters))));
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      response.status(422).send(await this.page(user, filters, new JournalInput(), error.faults));
    }
  }

  @Get('export.csv')
  async csv(
    @Asking() user: SignedInUser,
    @Query() address: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToManage(user);
    await answerCsv(
      this.journal,
      user,
      readInput(JournalInput, questionOf(FILTERS, readFilters(FILTERS, address))),
      response,
    );
  }

  private async page(
    user: SignedInUser,
    filters: Filters,
    question: JournalInput,
    faults: readonly FieldFault[] = [],
  ): Promise<string> {
    const { lines, next, actors } = await this.journal.list(user, question);
    const { apres, ...kept } = filters;
    return this.pages.render('journal', {
      title: 'Journal des actions',
      ...navigation(user, '/equipe'),
      filters,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      actors: actors.map((actor) => ({ ...actor, selected: actor.value === filters.personne })),
      actions: Object.entries(actionLabels)
        .map(([value, label]) => ({ value, label, selected: value === filters.action }))
        .toSorted((one, other) => one.label.localeCompare(other.label, 'fr')),
      lines: (faults.length > 0 ? [] : lines).map((line) => ({ ...line, date: dates.dayAndSecond(line.at) })),
      isFaulty: faults.length > 0,
      isFiltered: Object.keys(kept).length > 0,
      isFirst: apres === undefined,
      newest: filteredAddress(PAGE, kept),
      csv: filteredAddress(`${PAGE}/export.csv`, kept),
      older: next === null ? undefined : filteredAddress(PAGE, { ...kept, apres: next }),
    });
  }
}

/** The same for programs: README.md of this application is its reference. */
@Controller('api/audit-log')
@UseGuards(ApiKeyHolder)
export class JournalApi {
  constructor(private readonly journal: Journal) {}

  @Get()
  async list(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const { lines, next } = await this.journal.list(asker, readInput(JournalInput, { ...query }));
    response.json({ entries: lines, next });
  }

  @Get('export.csv')
  async csv(@Asking() asker: Asker, @Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    await answerCsv(this.journal, asker, readInput(JournalInput, { ...query }), response);
  }
}

async function answerCsv(journal: Journal, asker: Asker, question: JournalInput, response: Response): Promise<void> {
  response.attachment('journal-des-actions.csv').type('text/csv; charset=utf-8');
  await pipeline(Readable.from(csvOf(journal.all(asker, question))), response);
}

async function* csvOf(lines: AsyncIterable<JournalLine>): AsyncGenerator<string> {
  yield `\ufeff${csvLine(['Date', 'Qui', 'Action', 'Objet', 'Adresse réseau'])}`;
  for await (const { at, who, action, object, address } of lines) {
    yield csvLine([new Date(at), who, action, object, address]);
  }
}
