import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { v4 as newCommandId } from 'uuid';
import {
  CommandReminder,
  DocumentOfReminder,
  PartyByCode,
  ReceiveReminder,
  ReminderById,
  type LineToReceive,
  type ReminderOutcome,
} from '#libs/commands';
import type { RegisteredParty } from '#libs/directory';
import type { CommandContext, Position, StoredEvent } from '#libs/event-store';
import {
  addresseeOf,
  eligibility,
  type Eligibility,
  type KnownReminder,
  type ReminderEvent,
  type ReminderList,
} from '#libs/reminders';
import { notFound } from '#libs/web';
import { reminderCursor, Reminders, type ReminderQuery, type ReminderRow } from '#projections/reminders';
import { ThirdParties, type PartyRow } from '#projections/third-parties';
import type { Asker } from '../access/asker.js';
import { lineIdOf, type ListInput } from './reminder-input.js';

/** How long a list waits to show a command's result, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;
/** Rows that are judged at once while those that fit are looked for. */
const JUDGED_AT_ONCE = 1_000;
/** Third parties whose names a search looks at. */
const MOST_NAMES = 500;

/** What is asked of a list. */
export type ListQuestion = Omit<ListInput, 'atLeast'>;

/** A line of a list with its third party, if the directory has one of its code, and whether it may become a letter. */
export interface JudgedLine {
  readonly row: ReminderRow;
  readonly party: PartyRow | undefined;
  readonly verdict: Eligibility;
}

export interface ListedLines {
  readonly lines: readonly JudgedLine[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
  /** False: the projection has not got to the position that was asked for, and the list may be older. */
  readonly upToDate: boolean;
}

/** One line as its events tell it, with its third party from the directory. */
export interface OwnLine {
  readonly state: KnownReminder;
  readonly party: RegisteredParty | undefined;
  readonly verdict: Eligibility;
  readonly events: readonly StoredEvent<ReminderEvent>[];
}

/** The reminder lists of an agency, for pages and API alike; what belongs to another agency does not exist for the asker. */
@Injectable()
export class ReminderLists {
  constructor(
    private readonly reminders: Reminders,
    private readonly parties: ThirdParties,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** At least as new as `position`. @throws ReminderCursorInvalid */
  async list({ agency }: Asker, input: ListQuestion, position: Position | null | undefined): Promise<ListedLines> {
    const upToDate = await this.shows(position);
    const query = await this.queryOf(agency.id, input);
    const lines: JudgedLine[] = [];
    let after = input.after;
    do {
      const page = await this.page(query, input, after);
      lines.push(...page.lines);
      after = page.next ?? undefined;
    } while (after !== undefined && lines.length <= input.limit);
    const shown = lines.slice(0, input.limit);
    const last = shown.at(-1);
    return { lines: shown, next: lines.length > input.limit && last ? reminderCursor(last.row) : null, upToDate };
  }

  /** How many lines of a list may become letters. */
  async countEligible({ agency }: Asker, list: ReminderList): Promise<number> {
    const query = { agencyId: agency.id, list, status: 'open', level: 'registered' } as const;
    let lines = 0;
    let after: string | undefined;
    do {
      const page = await this.page(query, { eligible: 'yes', limit: JUDGED_AT_ONCE }, after);
      lines += page.lines.length;
      after = page.next ?? undefined;
    } while (after !== undefined);
    return lines;
  }

  /** How many lines of each list are to be dealt with. */
  open({ agency }: Asker): ReturnType<Reminders['open']> {
    return this.reminders.open(agency.id);
  }

  /** @throws EdgeFailure 404. */
  async find({ agency }: Asker, text: string): Promise<OwnLine> {
    const lineId = lineIdOf(text);
    if (lineId === undefined) throw notFound();
    const { state, events } = await this.queries.execute(new ReminderById(agency.id, lineId));
    if (state.status === 'unknown') throw notFound();
    const { state: known } = await this.queries.execute(new PartyByCode(agency.id, state.partyCode));
    const party = known.status === 'registered' ? known : undefined;
    return { state, party, verdict: eligibility(state, party && addresseeOf(party)), events };
  }

  /** @param commandId the same when the same request comes again. @throws CommandRefused, PdfRefused */
  receive(asker: Asker, line: LineToReceive, commandId = newCommandId()): Promise<ReminderOutcome> {
    return this.commands.execute(new ReceiveReminder(line, contextOf(asker, commandId)));
  }

  /** @throws EdgeFailure 404, CommandRefused */
  async withdraw(asker: Asker, lineId: string): Promise<ReminderOutcome> {
    return this.command(asker, lineId, { type: 'withdrawReminder' });
  }

  /** @throws EdgeFailure 404, CommandRefused */
  async reinstate(asker: Asker, lineId: string): Promise<ReminderOutcome> {
    return this.command(asker, lineId, { type: 'reinstateReminder' });
  }

  /** The PDF that was supplied with a line. @throws EdgeFailure 404 where there is none, DocumentMissing, DocumentAltered. */
  async document({ agency }: Asker, { lineId, document }: KnownReminder): Promise<{ name: string; bytes: Buffer }> {
    if (!document) throw notFound();
    const bytes = await this.queries.execute(new DocumentOfReminder(agency.id, lineId, document.sha256));
    return { name: document.name ?? 'Relance.pdf', bytes };
  }

  private async command(asker: Asker, lineId: string, command: CommandReminder['command']): Promise<ReminderOutcome> {
    const { state } = await this.find(asker, lineId);
    return this.commands.execute(new CommandReminder(asker.agency.id, state.lineId, command, contextOf(asker)));
  }

  private async shows(position: Position | null | undefined): Promise<boolean> {
    return position ? this.reminders.atLeast(position, LONGEST_WAIT_MS) : true;
  }

  private async queryOf(agencyId: string, input: ListQuestion): Promise<Omit<ReminderQuery, 'limit'>> {
    const { list, level, status, eligible, search } = input;
    const named = search ? await this.parties.list({ agencyId, search, limit: MOST_NAMES }) : { rows: [] };
    const asked = { agencyId, list, search, orPartyCodes: named.rows.map(({ code }) => code) };
    const everyStatus = { ...asked, level, status: status === 'all' ? undefined : status };
    if (eligible !== 'yes') return everyStatus;
    // Others are not eligible anyhow, so that they need not be judged.
    return { ...everyStatus, level: level ?? 'registered', status: everyStatus.status ?? 'open' };
  }

  /** The next rows of a list, without those that the question leaves out. */
  private async page(
    query: Omit<ReminderQuery, 'limit'>,
    { eligible, limit }: Pick<ListQuestion, 'eligible' | 'limit'>,
    after: string | undefined,
  ): Promise<{ lines: readonly JudgedLine[]; next: string | null }> {
    const atOnce = eligible ? JUDGED_AT_ONCE : limit + 1;
    const { rows, next } = await this.reminders.list({ ...query, after, limit: atOnce });
    const lines = await this.judged(query.agencyId, rows);
    const wanted = eligible && eligible === 'yes';
    return { lines: lines.filter(({ verdict }) => !eligible || verdict.eligible === wanted), next };
  }

  private async judged(agencyId: string, rows: readonly ReminderRow[]): Promise<readonly JudgedLine[]> {
    const parties = await this.parties.withCodes(agencyId, [...new Set(rows.map(({ partyCode }) => partyCode))]);
    return rows.map((row) => {
      const party = parties.get(row.partyCode);
      return { row, party, verdict: eligibility(row, party) };
    });
  }
}

const contextOf = ({ actor }: Asker, commandId = newCommandId()): CommandContext => ({
  commandId,
  correlationId: commandId,
  causationId: commandId,
  actor,
});
