import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { dates, InvalidInput, Pages, readInput, type FieldFault } from '#libs/web';
import type { HistoryRow } from '#projections/agency-history';
import { Asking, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { Credits } from '../credits/credits.js';
import { navigation } from '../navigation.js';
import { HistoryInput, statusChoices } from './history-input.js';
import { History, type Listed } from './history.js';
import { partyKindLabels, tagOf } from './letter-page.js';

/** The page's filters by the names in its address, and what they are called in the question. */
const FILTERS = {
  statut: 'status',
  du: 'from',
  au: 'to',
  qualite: 'kind',
  recherche: 'search',
  apres: 'after',
} as const;
type Filters = Partial<Record<keyof typeof FILTERS, string>>;

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
    const filters = filtersOf(address);
    const input = inputOf(filters);
    if (input instanceof HistoryInput) {
      const mark = await this.history.shown(user).mark();
      const listed = await this.history.list(user, input, user.position);
      response.send(await this.page(user, filters, [], { ...listed, live: `/lettres/suivi?depuis=${mark}` }));
    } else {
      response.status(422).send(await this.page(user, filters, input, NOTHING));
    }
  }

  private async page(
    user: SignedInUser,
    filters: Filters,
    faults: readonly FieldFault[],
    listed: Listed & { readonly live?: string },
  ): Promise<string> {
    const { apres, ...kept } = filters;
    const isFiltered = Object.entries(kept).some(([name, value]) => !(name === 'statut' && value === 'current'));
    return this.pages.render('history', {
      title: 'Lettres',
      ...navigation(user, '/lettres'),
      live: listed.live,
      balance: await this.credits.balance(user, user.creditPosition),
      filters,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      statuses: choices(statusChoices, filters.statut),
      kinds: choices(KINDS, filters.qualite),
      rows: listed.rows.map(rowOf),
      isLate: !listed.upToDate,
      isFaulty: faults.length > 0,
      isFiltered,
      isFirst: apres === undefined,
      newest: addressOf(kept),
      older: listed.next === null ? undefined : addressOf({ ...kept, apres: listed.next }),
    });
  }
}

const KINDS = [
  { value: '', label: 'Tous' },
  { value: 'tenant', label: 'Locataires' },
  { value: 'owner', label: 'Propriétaires' },
];

const choices = (all: readonly { value: string; label: string }[], chosen: string | undefined) =>
  all.map((choice) => ({ ...choice, selected: choice.value === chosen }));

/** What the address holds of the page's filters; an empty field of the form asks for nothing. */
function filtersOf(address: Record<string, unknown>): Filters {
  const names = Object.keys(FILTERS) as (keyof typeof FILTERS)[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = address[name];
      return typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [];
    }),
  );
}

function inputOf(filters: Filters): HistoryInput | readonly FieldFault[] {
  const entries = Object.entries(filters) as [keyof typeof FILTERS, string][];
  try {
    return readInput(HistoryInput, Object.fromEntries(entries.map(([name, value]) => [FILTERS[name], value])));
  } catch (error) {
    if (error instanceof InvalidInput) return error.faults;
    throw error;
  }
}

function addressOf(filters: Filters): string {
  const text = new URLSearchParams(filters).toString();
  return text === '' ? '/lettres' : `/lettres?${text}`;
}

function rowOf(row: HistoryRow): Record<string, unknown> {
  return {
    ...row,
    href: `/lettres/${row.letterId}`,
    name: row.name ?? 'Données effacées',
    kind: partyKindLabels[row.partyKind],
    sent: dates.day(row.date),
    expires: row.expiration === null ? undefined : dates.day(new Date(Date.parse(row.expiration) - 1).toISOString()),
    class: tagOf(row.status),
  };
}
