import { Injectable } from '@nestjs/common';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { Type } from 'class-transformer';
import type { RegisteredAgency } from '#libs/directory';
import { actionLabels, AuditLog, type ActionType, type AuditEntry } from '#projections/audit-log';
import type { Asker } from '../access/asker.js';
import { Users } from '../access/users.js';
import { roleLabels } from '../people/roles.js';
import type { UserRole } from '#libs/directory';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NO_DAY = 'Indiquez un jour, par exemple 2026-03-14.';

/** What is asked of the journal. */
export class JournalInput {
  @IsOptional()
  @IsString()
  @MaxLength(60, { message: 'Choisissez une personne de la liste.' })
  actor?: string;

  @IsOptional()
  @IsIn(Object.keys(actionLabels), { message: 'Choisissez une action de la liste.' })
  type?: ActionType;

  @IsOptional()
  @Matches(DAY, { message: NO_DAY })
  from?: string;

  @IsOptional()
  @Matches(DAY, { message: NO_DAY })
  to?: string;

  @IsOptional()
  @IsString()
  @MaxLength(300, { message: 'Cette suite n’existe pas : recommencez à la première page.' })
  after?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'Demandez de 1 à 200 lignes.' })
  @Min(1, { message: 'Demandez de 1 à 200 lignes.' })
  @Max(200, { message: 'Demandez de 1 à 200 lignes.' })
  limit = 50;
}

/** A line of the journal as people and programs read it. */
export interface JournalLine {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  /** Name of the user, of the key, or of the service; « Utilisateur effacé » once personal data are. */
  readonly who: string;
  readonly type: ActionType;
  readonly action: string;
  /** What it was about, in French; '' where the action says it all. */
  readonly object: string;
  /** The object's page; null where it has none. */
  readonly page: string | null;
  readonly address: string | null;
}

/** Somebody who can be asked for. */
export interface Actor {
  readonly value: string;
  readonly label: string;
}

/** Who did what in the asker's agency. */
@Injectable()
export class Journal {
  constructor(
    private readonly log: AuditLog,
    private readonly users: Users,
  ) {}

  /** @throws AuditCursorInvalid */
  async list(
    { agency: { id: agencyId } }: Asker,
    input: JournalInput,
  ): Promise<{ lines: readonly JournalLine[]; next: string | null; actors: readonly Actor[] }> {
    const agency = await this.users.agency(agencyId);
    const actors = actorsOf(agency);
    const names = new Map(actors.map(({ value, label }) => [value, label]));
    const { entries, next } = await this.log.list({
      agencyId,
      actors: actors.map(({ value }) => value),
      actor: input.actor,
      type: input.type,
      from: input.from,
      to: input.to,
      after: input.after,
      limit: input.limit,
    });
    return { lines: entries.map((entry) => lineOf(entry, names)), next, actors };
  }

  /** Every line that the filters let through, a page after the other. */
  async *all(asker: Asker, input: JournalInput): AsyncGenerator<JournalLine> {
    let after: string | undefined;
    do {
      const asked = Object.assign(new JournalInput(), input, { limit: PAGE, after });
      const { lines, next } = await this.list(asker, asked);
      yield* lines;
      after = next ?? undefined;
    } while (after !== undefined);
  }
}

const PAGE = 200;

const SERVICE: readonly Actor[] = [
  { value: 'operator', label: 'Exploitant du service' },
  { value: 'log-in', label: 'Personne non identifiée' },
];

function actorsOf({ users, apiKeys }: RegisteredAgency): readonly Actor[] {
  const nameOf = (user: (typeof users)[number]): string =>
    user.personal === 'erased' ? 'Utilisateur effacé' : (user.personal.name ?? user.personal.email);
  return [
    ...users.map((user) => ({ value: `user:${user.userId}`, label: nameOf(user) })),
    ...apiKeys.map(({ keyId, label }) => ({ value: `key:${keyId}`, label: `Clé d’API ${label}` })),
    ...SERVICE,
  ];
}

function lineOf(entry: AuditEntry, names: ReadonlyMap<string, string>): JournalLine {
  const { id, at, actor, type, action, address } = entry;
  const { text, page } = objectOf(entry, names);
  return { id, at, actor, who: names.get(actor) ?? actor, type, action, object: text, page, address };
}

const FACTORS: Readonly<Record<string, string>> = {
  password: 'mot de passe',
  totp: 'mot de passe et code',
  'recovery-code': 'mot de passe et code de secours',
  code: 'code erroné',
};

interface Told {
  readonly text: string;
  readonly page: string | null;
}

function objectOf({ stream, about }: AuditEntry, names: ReadonlyMap<string, string>): Told {
  if (about.of !== undefined) return placeOf(about.of);
  if (stream.startsWith('agency-') || stream.startsWith('access-')) {
    const parts = [
      about.userId && names.get(`user:${about.userId}`),
      about.keyId && (about.label ?? names.get(`key:${about.keyId}`)),
      about.role && roleLabels[about.role as UserRole],
      FACTORS[about.factor ?? about.reason ?? ''],
    ];
    return { text: parts.filter(Boolean).join(', '), page: null };
  }
  if (stream.startsWith('templates-')) return { text: about.name ?? '', page: null };
  return placeOf(stream);
}

const UUID_LENGTH = 36;

/** What a stream is called, and where its page is. */
function placeOf(stream: string): Told {
  const [kind = '', ...rest] = stream.split('-');
  const id = rest.join('-');
  switch (kind) {
    case 'letter':
      return { text: `Lettre ${id.slice(0, 8)}`, page: `/lettres/${id}` };
    case 'party': {
      const code = id.slice(UUID_LENGTH + 1);
      return { text: `Tiers ${code}`, page: `/tiers/${encodeURIComponent(code)}` };
    }
    case 'filed':
      // No link: the document may have been removed since, as its own line then tells.
      return { text: `Document ${id.slice(-UUID_LENGTH).slice(0, 8)}`, page: null };
    case 'campaign':
      return { text: `Envoi ${id.slice(0, 8)}`, page: `/envois/${id}` };
    case 'reminder':
      return { text: `Ligne ${id.slice(UUID_LENGTH + 1).slice(0, 8)}`, page: null };
    default:
      return { text: '', page: null };
  }
}
