import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, type Asker } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { readInput } from '#libs/web';
import { csvOf, LONGEST, TOO_MANY_TO_EXPORT, workbookOf, type ExportFormat } from './export.js';
import { FILTERS } from './history-filters.js';
import { HistoryInput, positionWanted } from './history-input.js';
import { History } from './history.js';
import { questionOf, readFilters } from '../lists/filters.js';

type Filters = Record<string, unknown>;

/** The letters that the history shows, of all its pages, as a file. */
@Controller('lettres')
@UseGuards(SignedIn)
export class ExportController {
  constructor(private readonly history: History) {}

  @Get('export.csv')
  csv(@Asking() user: Asker, @Query() address: Filters, @Res() response: Response): Promise<void> {
    return answerCsv(
      this.history,
      user,
      readInput(HistoryInput, questionOf(FILTERS, readFilters(FILTERS, address))),
      response,
    );
  }

  @Get('export.xlsx')
  workbook(@Asking() user: Asker, @Query() address: Filters, @Res() response: Response): Promise<void> {
    return answerWorkbook(
      this.history,
      user,
      readInput(HistoryInput, questionOf(FILTERS, readFilters(FILTERS, address))),
      response,
    );
  }
}

/** The same for programs. */
@Controller('api/letters')
@UseGuards(ApiKeyHolder)
export class ExportApi {
  constructor(private readonly history: History) {}

  @Get('export.csv')
  csv(@Asking() asker: Asker, @Query() query: Filters, @Res() response: Response): Promise<void> {
    return answerCsv(this.history, asker, readInput(HistoryInput, { ...query }), response);
  }

  @Get('export.xlsx')
  workbook(@Asking() asker: Asker, @Query() query: Filters, @Res() response: Response): Promise<void> {
    return answerWorkbook(this.history, asker, readInput(HistoryInput, { ...query }), response);
  }
}

async function answerCsv(history: History, asker: Asker, input: HistoryInput, response: Response): Promise<void> {
  await mustFit(history, asker, input, 'csv');
  response.attachment(`lettres-${day()}.csv`).type('text/csv; charset=utf-8');
  await pipeline(Readable.from(csvOf(history.each(asker, input, LONGEST.csv))), response);
}

async function answerWorkbook(history: History, asker: Asker, input: HistoryInput, response: Response): Promise<void> {
  await mustFit(history, asker, input, 'xlsx');
  const bytes = await workbookOf(history.each(asker, input, LONGEST.xlsx));
  response.attachment(`lettres-${day()}.xlsx`).send(bytes);
}

async function mustFit(history: History, asker: Asker, input: HistoryInput, format: ExportFormat): Promise<void> {
  const count = await history.count(asker, input, LONGEST[format] + 1, positionWanted(input));
  if (count > LONGEST[format]) throw TOO_MANY_TO_EXPORT(format);
}

const day = (): string => new Date().toISOString().slice(0, 10);
