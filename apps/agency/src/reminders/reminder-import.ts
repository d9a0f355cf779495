import { Injectable } from '@nestjs/common';
import type { Position } from '#libs/event-store';
import { isAsReceived, levelLabels, listLabels, type LineDescription, type ReminderList } from '#libs/reminders';
import { InvalidInput } from '#libs/web';
import { Reminders, type ReminderRow } from '#projections/reminders';
import type { Asker } from '../access/asker.js';
import { sentenceOfRefusal } from '../failures.js';
import { csvOf, decodedText } from '../tables/table-file.js';
import { isWorkbook, workbookRows } from '../tables/workbook.js';
import { ReceivedLines } from './received-lines.js';
import { columnsOfList, levelOf, readReminderFile, type FileLine } from './reminder-file.js';
import { readLine } from './reminder-input.js';

/** What is wrong with a line, and in which column if it is one's. */
export interface Reason {
  readonly column: string | undefined;
  readonly message: string;
}

interface Place {
  readonly line: number;
  readonly lineId: string;
  readonly partyCode: string;
}
type Faulty = Place & { readonly outcome: 'faulty'; readonly reasons: readonly Reason[] };
type Whole = Place & {
  readonly outcome: 'received' | 'corrected' | 'unchanged';
  /** Files do not speak of documents. */
  readonly description: Omit<LineDescription, 'document'>;
};

/** What becomes of a line of the file, or would. */
export type PlannedLine = Faulty | Whole;

export interface ImportPlan {
  readonly list: ReminderList;
  readonly lines: readonly PlannedLine[];
  readonly ignored: readonly string[];
}

export interface Imported extends ImportPlan {
  /** Lists that have got here show the result; null where nothing changed. */
  readonly position: Position | null;
}

/** The content of a file as CSV, whichever kind it is. @throws TableRefused */
export async function contentOf(bytes: Buffer): Promise<string> {
  return isWorkbook(bytes) ? csvOf(await workbookRows(bytes)) : decodedText(bytes);
}

/** Takes the lines of a file into a list. */
@Injectable()
export class ReminderImport {
  constructor(
    private readonly reminders: Reminders,
    private readonly receivedLines: ReceivedLines,
  ) {}

  /** What the import would do. @throws TableRefused */
  async plan({ agency }: Asker, list: ReminderList, content: string): Promise<ImportPlan> {
    const { lines, ignored } = readReminderFile(list, content);
    const read = withoutTwins(lines.map((line) => readLineOf(agency.id, list, line)));
    const ids = read.flatMap((line) => ('description' in line ? [line.description.lineId] : []));
    const known = await this.reminders.withIds(agency.id, ids);
    return { list, lines: read.map((line) => planned(line, known)), ignored };
  }

  /**
   * Carries the import out; faulty lines are left out, and what is refused meanwhile becomes faulty.
   *
   * @param importId of the form: sent again, it changes nothing.
   * @param onProgress is told how many lines are done, and of how many.
   */
  async carryOut(
    asker: Asker,
    { list, lines, ignored }: ImportPlan,
    importId: string,
    onProgress: (done: number, of: number) => void,
  ): Promise<Imported> {
    const toTake = lines.filter(isToTake);
    const descriptions = toTake.map(({ description }) => description);
    const { received, position } = await this.receivedLines.take(asker, descriptions, importId, (done) => {
      onProgress(done, descriptions.length);
    });
    const outcomes = [...received];
    const done = lines.map((line): PlannedLine => {
      if (!isToTake(line)) return line;
      const outcome = outcomes.shift();
      if (outcome?.outcome === 'refused') return faulty(line, [{ column: undefined, message: outcome.reason }]);
      // Somebody else's import may have brought the same line meanwhile.
      return { ...line, outcome: outcome?.outcome ?? 'unchanged' };
    });
    return { list, lines: done, ignored, position };
  }
}

const isToTake = (line: PlannedLine): line is Whole => line.outcome === 'received' || line.outcome === 'corrected';

const faulty = ({ line, lineId, partyCode }: Place, reasons: readonly Reason[]): Faulty => ({
  line,
  lineId,
  partyCode,
  outcome: 'faulty',
  reasons,
});

function readLineOf(agencyId: string, list: ReminderList, { line, texts, fault }: FileLine): PlannedLine {
  const { lineId = '', level: levelText = '', partyCode = '', dossier, ...data } = texts;
  const place = { line, lineId, partyCode };
  const level = levelOf(levelText);
  const reasons: Reason[] = fault === undefined ? [] : [{ column: undefined, message: fault }];
  if (level === undefined) reasons.push({ column: 'Niveau', message: faultOfLevel(levelText) });
  const described = { list, level: level ?? 'registered', partyCode, dossier, data };
  const read = attempt(list, () => readLine(lineId, described));
  if ('reasons' in read) reasons.push(...read.reasons);
  if ('reasons' in read || reasons.length > 0) return faulty(place, reasons);
  return { ...place, outcome: 'received', description: { agencyId, ...read } };
}

const faultOfLevel = (text: string): string =>
  `${text === '' ? 'Le niveau manque' : `Le niveau « ${text} » est inconnu`} : écrivez ${Object.values(levelLabels).join(', ')}.`;

/** Reads a line, or tells what is wrong by the column of the file. */
function attempt(
  list: ReminderList,
  reading: () => ReturnType<typeof readLine>,
): ReturnType<typeof readLine> | { readonly reasons: readonly Reason[] } {
  try {
    return reading();
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const labels = new Map(columnsOfList(list).map(({ field, label }) => [field, label]));
    const columnOf = (field: string) => labels.get(field.replace(/^data\./, ''));
    return { reasons: error.faults.map(({ field, message }) => ({ column: columnOf(field), message })) };
  }
}

/** Of two lines with one number nobody knows which one counts: the second is faulty. */
function withoutTwins(lines: readonly PlannedLine[]): readonly PlannedLine[] {
  const first = new Map<string, number>();
  return lines.map((read): PlannedLine => {
    if (read.outcome === 'faulty') return read;
    const { lineId } = read.description;
    const seen = first.get(lineId);
    if (seen === undefined) {
      first.set(lineId, read.line);
      return read;
    }
    const message = `Le numéro « ${lineId} » figure déjà à la ligne ${seen} : gardez une seule des deux.`;
    return faulty(read, [{ column: 'Ligne', message }]);
  });
}

/** What the lists say of a line: the rules of the aggregate, as far as they can be told before. */
function planned(read: PlannedLine, known: ReadonlyMap<string, ReminderRow>): PlannedLine {
  if (read.outcome === 'faulty') return read;
  const row = known.get(read.description.lineId);
  if (!row) return read;
  if (row.list !== read.description.list) {
    const message = `Cette ligne figure déjà dans la liste « ${listLabels[row.list]} » : donnez-lui un autre numéro.`;
    return faulty(read, [{ column: 'Ligne', message }]);
  }
  const before = { ...row, data: row.data ?? ('erased' as const) };
  if (isAsReceived(before, read.description)) return { ...read, outcome: 'unchanged' };
  const refusal = REFUSALS[row.status];
  if (refusal === undefined) return { ...read, outcome: 'corrected' };
  return faulty(read, [{ column: undefined, message: sentenceOfRefusal(refusal) ?? '' }]);
}

const REFUSALS: Readonly<Record<ReminderRow['status'], string | undefined>> = {
  open: undefined,
  sent: 'REMINDER_SENT',
  withdrawn: 'REMINDER_WITHDRAWN',
};
