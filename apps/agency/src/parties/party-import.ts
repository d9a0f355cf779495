import { Injectable } from '@nestjs/common';
import { v5 as uuidFromName } from 'uuid';
import { isAsDescribed, partyChanges, type PartyDescription } from '#libs/directory';
import { CommandRefused, comparePositions, type Position } from '#libs/event-store';
import { ThirdParties, type PartyRow } from '#projections/third-parties';
import type { Asker } from '../access/asker.js';
import { sentenceOfRefusal } from '../failures.js';
import { Directory } from './directory.js';
import { readPartyFile, type FileLine } from './party-file.js';
import { partyOfTexts, textsOfParty } from './party-form.js';
import { descriptionOf, partyCodeOf } from './party-input.js';

/** Commands under way at once: they share the stores' waiting for the disk; more gain nothing. */
const AT_ONCE = 40;

/** What becomes of a line of the file, or would. */
export type PlannedLine = { readonly line: number; readonly code: string; readonly name: string } & (
  | { readonly outcome: 'faulty'; readonly reasons: readonly string[] }
  | { readonly outcome: 'created' | 'unchanged'; readonly description: PartyDescription }
  | { readonly outcome: 'changed'; readonly description: PartyDescription; readonly changes: readonly string[] }
);

export interface ImportPlan {
  readonly lines: readonly PlannedLine[];
  readonly ignored: readonly string[];
}

export interface Imported extends ImportPlan {
  /** Lists that have got here show the result; null where nothing changed. */
  readonly position: Position | null;
}

/** Takes the third parties of a file into the directory. A column that the file does not have changes nothing. */
@Injectable()
export class PartyImport {
  constructor(
    private readonly parties: ThirdParties,
    private readonly directory: Directory,
  ) {}

  /** What the import would do. @throws TableRefused */
  async plan({ agency }: Asker, text: string): Promise<ImportPlan> {
    const { lines, ignored } = readPartyFile(text);
    const codes = lines.flatMap(({ texts }) => partyCodeOf(texts.code ?? '') ?? []);
    const known = await this.parties.withCodes(agency.id, codes);
    const seen = new Map<string, number>();
    const planned = lines.map((line) => plannedLine(agency.id, line, known, seen));
    return { lines: planned, ignored };
  }

  /**
   * Carries the import out; faulty lines are left out, and what is refused meanwhile becomes faulty.
   *
   * @param importId of the form: sent again, it changes nothing.
   * @throws TableRefused
   */
  async carryOut(asker: Asker, text: string, importId: string): Promise<Imported> {
    const { lines, ignored } = await this.plan(asker, text);
    const done: PlannedLine[] = [];
    let position: Position | null = null;
    for (let start = 0; start < lines.length; start += AT_ONCE) {
      const batch = lines.slice(start, start + AT_ONCE);
      for (const result of await Promise.all(batch.map((line) => this.take(asker, line, importId)))) {
        done.push(result.line);
        position = later(position, result.position);
      }
    }
    return { lines: done, ignored, position };
  }

  private async take(
    asker: Asker,
    line: PlannedLine,
    importId: string,
  ): Promise<{ line: PlannedLine; position: Position | null }> {
    if (line.outcome === 'faulty' || line.outcome === 'unchanged') return { line, position: null };
    try {
      const commandId = uuidFromName(`${asker.agency.id}/${line.code}`, importId);
      return { line, position: (await this.directory.save(asker, line.description, commandId)).position };
    } catch (error) {
      const reason = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
      if (!reason) throw error;
      return { line: faulty(line, [reason]), position: null };
    }
  }
}

const later = (left: Position | null, right: Position | null): Position | null =>
  left && right ? (comparePositions(left, right) >= 0 ? left : right) : (left ?? right);

const faulty = (
  { line, code, name }: Pick<PlannedLine, 'line' | 'code' | 'name'>,
  reasons: readonly string[],
): PlannedLine => ({ line, code, name, outcome: 'faulty', reasons });

/** @param seen the first line of each code, so that the second one is told. */
function plannedLine(
  agencyId: string,
  { line, texts, faults }: FileLine,
  known: ReadonlyMap<string, PartyRow>,
  seen: Map<string, number>,
): PlannedLine {
  const code = partyCodeOf(texts.code ?? '');
  const row = code === undefined ? undefined : known.get(code);
  const before = row && { ...row, details: row.details ?? ('erased' as const) };
  const whole = { ...(before && textsOfParty(before)), ...texts };
  const place = { line, code: texts.code ?? '', name: whole.name ?? '' };
  const first = code === undefined ? undefined : seen.get(code);
  if (code !== undefined && first === undefined) seen.set(code, line);
  const twice = first === undefined ? [] : [`Le code ${code ?? ''} figure déjà à la ligne ${first}.`];
  const read = partyOfTexts(whole);
  // What a word of the file did not mean is told once, in the file's own words.
  const fieldFaults = 'input' in read ? [] : read.filter(({ field }) => !(faults.length > 0 && field === 'kind'));
  const reasons = [...faults, ...fieldFaults.map(({ message }) => message), ...twice];
  if (!('input' in read) || reasons.length > 0) return faulty(place, reasons);

  const description = descriptionOf(agencyId, read.code, read.input);
  if (!before) return { ...place, outcome: 'created', description };
  if (isAsDescribed(before, description)) return { ...place, outcome: 'unchanged', description };
  if (before.archived) return faulty(place, [sentenceOfRefusal('PARTY_ARCHIVED') ?? '']);
  return { ...place, outcome: 'changed', description, changes: partyChanges(before, description) };
}
