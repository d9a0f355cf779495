import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { dates, Pages, type FieldFault } from '#libs/web';
import type { HistoryRow } from '#projections/agency-history';
import { Asking, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { Credits } from '../credits/credits.js';
import { navigation } from '../navigation.js';
import { resultOf } from './archiving-controller.js';
import { FILTERS, type Filters } from './history-filters.js';
import { HistoryInput, statusChoices } from './history-input.js';
import { History, type Listed } from './history.js';
import { partyKindLabels, tagOf } from './letter-page.js';
import { choices, filteredAddress, questionOf, readFilters, readOrFaults } from '../lists/filters.js';

const NOTHING: Listed = { rows: [], next: null, upToDate: true };

/** The history screen (manual II.2). */
@Controller('lettres')
@UseGuards(SignedIn)
export class HistoryController {
  constructor(
    private readonly history: History,
    private readonly credits: Credits,
    private readonly pages: Pages,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query() address: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const filters = readFilters(FILTERS, address);
    const result = resultOf(address['fait']);
    const input = readOrFaults(HistoryInput, questionOf(FILTERS, filters));
    if (input instanceof HistoryInput) {
      const mark = await this.history.shown(user).mark();
      const listed = await this.history.list(user, input, user.position);
      response.send(await this.page(user, filters, [], { ...listed, result, live: `/lettres/suivi?depuis=${mark}` }));
    } else {
      response.status(422).send(await this.page(user, filters, input, NOTHING));
    }
  }

  private async page(
    user: SignedInUser,
    filters: Filters,
    faults: readonly FieldFault[],
    listed: Listed & { readonly live?: string; readonly result?: ReturnType<typeof resultOf> },
  ): Promise<string> {
    const { apres, ...kept } = filters;
    const isFiltered = Object.entries(kept).some(([name, value]) => !(name === 'statut' && value === 'current'));
    const [balance, alerts] = await Promise.all([
      this.credits.balance(user, user.creditPosition),
      this.history.alerts(user),
    ]);
    return this.pages.render('history', {
      title: 'Lettres',
      ...navigation(user, '/lettres'),
      live: listed.live,
      script: 'history.js',
      result: listed.result,
      balance,
      alerts: alertsWords(alerts),
      filters,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      statuses: choices(statusChoices, filters.statut),
      kinds: choices(KINDS, filters.qualite),
      rows: listed.rows.map(rowOf),
      count: listed.rows.length === 1 ? 'Une lettre' : `${listed.rows.length} lettres`,
      isLate: !listed.upToDate,
      isFaulty: faults.length > 0,
      isFiltered,
      isFirst: apres === undefined,
      newest: filteredAddress('/lettres', kept),
      isArchive: filters.statut === 'archived',
      kept: Object.entries(filters).map(([name, value]) => ({ name, value })),
      csv: filteredAddress('/lettres/export.csv', kept),
      workbook: filteredAddress('/lettres/export.xlsx', kept),
      older: listed.next === null ? undefined : filteredAddress('/lettres', { ...kept, apres: listed.next }),
    });
  }
}

/** The banner above the list; undefined when no letter is near its end. */
function alertsWords({ count, many }: { count: number; many: boolean }): string | undefined {
  if (count === 0) return undefined;
  if (count === 1) return 'Une lettre arrive à échéance sans signature.';
  return `${many ? 'Plus de ' : ''}${count.toLocaleString('fr-FR')} lettres arrivent à échéance sans signature.`;
}

const KINDS = [
  { value: '', label: 'Tous' },
  { value: 'tenant', label: 'Locataires' },
  { value: 'owner', label: 'Propriétaires' },
];

function rowOf(row: HistoryRow): Record<string, unknown> {
  return {
    ...row,
    href: `/lettres/${row.letterId}`,
    name: row.name ?? 'Données effacées',
    kind: partyKindLabels[row.partyKind],
    sent: dates.day(row.date),
    expires: row.expiration === null ? undefined : dates.day(new Date(Date.parse(row.expiration) - 1).toISOString()),
    paper: paperWords(row),
    class: tagOf(row.status),
  };
}

const PAPER: Readonly<Record<NonNullable<HistoryRow['printState']>, string>> = {
  requested: 'Impression sur papier demandée',
  prepared: 'Pli papier prêt à imprimer',
  failed: 'Impression sur papier impossible',
  dispatched: 'Pli papier expédié',
};

function paperWords({ printState, trackingNumber }: HistoryRow): string | undefined {
  if (printState === null) return undefined;
  return printState === 'dispatched' ? `${PAPER[printState]}, suivi ${trackingNumber}` : PAPER[printState];
}
