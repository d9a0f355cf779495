import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsObject, IsOptional, Matches } from 'class-validator';
import { levelLabels, listLabels, readLineData, type ReminderLevel, type ReminderList } from '#libs/reminders';
import type { LineToReceive } from '#libs/commands';
import { InvalidInput, readInput, type FieldFault } from '#libs/web';
import { Trimmed } from '../letters/letter-input.js';
import { IsNext, IsPageSize, IsPosition, IsSearch } from '../lists/list-input.js';

const LISTS = Object.keys(listLabels) as ReminderList[];
const LEVELS = Object.keys(levelLabels) as ReminderLevel[];

/** Lines in one request of a program. */
const MOST_LINES = 1_000;

const LINE_ID_FAULT =
  'Indiquez le numéro de la ligne : 1 à 100 caractères sur une ligne, autres que de simples points.';

/** The id of a line as it is stored, or undefined where a text is none. Dots alone would be another address. */
export function lineIdOf(text: string): string | undefined {
  const id = text.trim().normalize('NFC');
  return /^[^\p{C}\u2028\u2029]{1,100}$/u.test(id) && !/^\.+$/.test(id) ? id : undefined;
}

/** The ids that a form brings: none, one, or several under one name. */
export const linesOf = (value: unknown): readonly string[] =>
  [value ?? []].flat().flatMap((text) => (typeof text === 'string' ? (lineIdOf(text) ?? []) : []));

/** The list that an address or form names; the first one where it names none. */
export const listOf = (value: unknown): ReminderList => LISTS.find((list) => list === value) ?? 'unpaid';

/** A line as an agency describes it, by the API or in a file, without its id. */
class LineInput {
  @IsIn(LISTS, { message: `Indiquez la liste : ${LISTS.join(', ')}.` })
  list: ReminderList;

  @IsIn(LEVELS, { message: `Indiquez le niveau : ${LEVELS.join(', ')}.` })
  level: ReminderLevel;

  @Trimmed()
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,29}$/u, {
    message:
      'Indiquez le code du tiers : 1 à 30 lettres, chiffres, points ou tirets, à commencer par une lettre ou un chiffre.',
  })
  partyCode: string;

  /** Part of the letter's reference. */
  @Trimmed()
  @Matches(/^[A-Za-z0-9.-]{1,20}$/, {
    message: 'Indiquez le code du dossier : 1 à 20 lettres sans accent, chiffres, points ou tirets.',
  })
  dossier: string;

  /** By the keys of `lineFields`; numbers are amounts. */
  @IsOptional()
  @IsObject({ message: 'Les champs de la lettre (data) sont un objet JSON.' })
  data?: Record<string, unknown> | null;
}

type Described = Omit<LineToReceive, 'agencyId' | 'document'>;

/**
 * Reads a line from outside.
 *
 * @throws InvalidInput with every fault; fields of the letter are told as `data.<key>`.
 */
export function readLine(idText: unknown, value: unknown): Described {
  const faults: FieldFault[] = [];
  const lineId = typeof idText === 'string' ? lineIdOf(idText) : undefined;
  if (lineId === undefined) faults.push({ field: 'lineId', message: LINE_ID_FAULT });
  const input = attempt(() => readInput(LineInput, value), faults);
  const data = input && attempt(() => readData(input.list, input.data ?? {}), faults);
  if (lineId === undefined || !input || !data) throw new InvalidInput(faults);
  const { list, level, partyCode, dossier } = input;
  return { lineId, list, level, partyCode: partyCode.normalize('NFC'), dossier, data };
}

function attempt<T>(reading: () => T, faults: FieldFault[]): T | undefined {
  try {
    return reading();
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
}

/** @throws InvalidInput */
function readData(list: ReminderList, values: Readonly<Record<string, unknown>>): LineToReceive['data'] {
  const texts = Object.entries(values).filter(([, value]) => value !== null);
  const odd = texts.filter(([, value]) => typeof value !== 'string' && typeof value !== 'number');
  if (odd.length > 0) {
    const message = 'Ce champ est un texte ou un nombre : corrigez-le.';
    throw new InvalidInput(odd.map(([key]) => ({ field: `data.${key}`, message })));
  }
  const read = readLineData(list, Object.fromEntries(texts.map(([key, value]) => [key, String(value)])));
  if ('data' in read) return read.data;
  throw new InvalidInput(read.faults.map(({ key, message }) => ({ field: `data.${key}`, message })));
}

/** Several lines in one request; each is looked at by itself. */
export class LinesInput {
  @IsArray({ message: 'Les lignes (lines) sont une liste JSON.' })
  @ArrayMinSize(1, { message: 'Indiquez au moins une ligne.' })
  @ArrayMaxSize(MOST_LINES, { message: `Une demande porte ${MOST_LINES} lignes au plus : partagez-la.` })
  lines: unknown[];
}

/** The questions that the lists answer, as texts of an address. */
export class ListInput {
  @IsIn(LISTS, { message: `Indiquez la liste : ${LISTS.join(', ')}.` })
  list: ReminderList = 'unpaid';

  @IsOptional()
  @IsIn(LEVELS, { message: `Choisissez un niveau : ${LEVELS.join(', ')}.` })
  level?: ReminderLevel;

  @IsIn(['open', 'sent', 'withdrawn', 'all'], { message: 'Choisissez un état : open, sent, withdrawn ou all.' })
  status: 'open' | 'sent' | 'withdrawn' | 'all' = 'open';

  /** Whether the line may become a registered electronic letter. */
  @IsOptional()
  @IsIn(['yes', 'no'], { message: 'Choisissez les lignes qui peuvent partir en LRE (yes) ou non (no).' })
  eligible?: 'yes' | 'no';

  @IsSearch()
  search?: string;

  @IsNext()
  after?: string;

  @IsPageSize('de lignes')
  limit = 50;

  @IsPosition()
  atLeast?: string;
}
