import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateBy } from 'class-validator';
import type { Position } from '#libs/event-store';
import { currentLegalProfile, plusDays, startOf } from '#libs/legal-profile';
import { statusLabels } from '#libs/letter';
import type { HistoryQuery, HistoryStatus } from '#projections/agency-history';
import { positionOf } from '../access/position-text.js';

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

const PAGE_SIZE = 'Le nombre de lettres par page va de 1 à 100.';

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

  @IsOptional()
  @IsString({ message: 'La recherche est un seul texte.' })
  @MaxLength(200, { message: 'La recherche est trop longue : 200 caractères au plus.' })
  search?: string;

  @IsOptional()
  @IsString({ message: 'La suite d’une liste se demande une seule fois.' })
  after?: string;

  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? Number(value) : value))
  @IsInt({ message: PAGE_SIZE })
  @Min(1, { message: PAGE_SIZE })
  @Max(100, { message: PAGE_SIZE })
  limit = 50;

  /** The `Pli-Position` of a command. */
  @IsOptional()
  @Matches(/^\d{1,19}-\d{1,19}$/, { message: 'La position est celle d’un en-tête Pli-Position.' })
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
