import { IsIn, IsOptional, ValidateBy } from 'class-validator';
import type { Position } from '#libs/event-store';
import { currentLegalProfile, plusDays, startOf } from '#libs/legal-profile';
import { statusLabels } from '#libs/letter';
import type { HistoryQuery, HistoryStatus } from '#projections/agency-history';
import { positionOf } from '../access/position-text.js';
import { IsNext, IsPageSize, IsPosition, IsSearch } from '../lists/list-input.js';

const STATUSES: readonly HistoryStatus[] = [
  'current',
  ...(Object.keys(statusLabels) as (keyof typeof statusLabels)[]),
  'archived',
];

/** What the filter « Statut » offers, in its order. */
export const statusChoices = STATUSES.map((value) => ({ value, label: statusLabel(value) }));

function statusLabel(status: HistoryStatus): string {
  if (status === 'current') return 'Tous non archivés';
  return status === 'archived' ? 'Archivés' : statusLabels[status];
}

const isCalendarDay = (value: unknown): boolean => {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const parsed = new Date(`${value}T00:00:00.000Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
};

export const IsCalendarDay = () =>
  ValidateBy({
    name: 'isCalendarDay',
    validator: {
      validate: isCalendarDay,
      defaultMessage: () => 'Cette date n’existe pas : écrivez-la sous la forme AAAA-MM-JJ.',
    },
  });

/** The questions that the history answers, as texts of an address; days are those of Europe/Paris. */
export class HistoryInput {
  @IsOptional()
  @IsIn(STATUSES, { message: `Ce statut est inconnu : choisissez parmi ${STATUSES.join(', ')}.` })
  status?: HistoryStatus;

  @IsOptional()
  @IsIn(['yes'], { message: 'Les lettres proches de leur échéance se demandent par yes.' })
  alert?: 'yes';

  /** First day of submission. */
  @IsOptional()
  @IsCalendarDay()
  from?: string;

  /** Last day of submission. */
  @IsOptional()
  @IsCalendarDay()
  to?: string;

  @IsOptional()
  @IsIn(['tenant', 'owner'], { message: 'Choisissez les locataires (tenant) ou les propriétaires (owner).' })
  kind?: 'tenant' | 'owner';

  @IsSearch()
  search?: string;

  @IsNext()
  after?: string;

  @IsPageSize('de lettres')
  limit = 50;

  @IsPosition()
  atLeast?: string;
}

/** The question of one agency to its history. */
export function historyQuery(agencyId: string, input: HistoryInput): HistoryQuery {
  const { status, alert, from, to, kind, search, after, limit } = input;
  const { zone } = currentLegalProfile;
  return {
    agencyId,
    status,
    alert: alert === 'yes',
    from: from && startOf(zone, from),
    to: to && startOf(zone, plusDays(to, 1)),
    kind,
    search,
    after,
    limit,
  };
}

export const positionWanted = ({ atLeast }: HistoryInput): Position | undefined =>
  atLeast === undefined ? undefined : positionOf(atLeast);
