import { Injectable } from '@nestjs/common';
import type { Position } from '#libs/event-store';
import type { Shown } from '#libs/web';
import { AgencyHistory, MOST_ALERTS_COUNTED, type HistoryPage, type HistoryRow } from '#projections/agency-history';
import type { Asker, SignedInUser } from '../access/asker.js';
import { historyQuery, type HistoryInput } from './history-input.js';

/** How long a list waits to show a command's result, in milliseconds; the projection is usually there within 100. */
const LONGEST_WAIT_MS = 3_000;

export interface Listed extends HistoryPage {
  /** False: the projection has not got to the position that was asked for, and the list may be older. */
  readonly upToDate: boolean;
}

/** The agency's letters, at least as new as the asker's own last command. */
@Injectable()
export class History {
  constructor(private readonly history: AgencyHistory) {}

  /** For a live page: all letters of the user's agency, or one that is his agency's. */
  shown({ agency, actor }: SignedInUser, letterId?: string): Shown {
    const key = letterId === undefined ? `letters/${agency.id}` : `letter/${letterId}`;
    return { key, holder: actor, mark: () => this.history.mark(agency.id, letterId) };
  }

  /** How many of the agency's letters near their end unsigned; `many` when they are not counted one by one any more. */
  async alerts({ agency }: Asker): Promise<{ readonly count: number; readonly many: boolean }> {
    const count = await this.history.alerts(agency.id);
    return count > MOST_ALERTS_COUNTED ? { count: MOST_ALERTS_COUNTED, many: true } : { count, many: false };
  }

  /** How many letters the question finds, up to a limit, at least as new as a position. */
  async count({ agency }: Asker, input: HistoryInput, limit: number, position: Position | undefined): Promise<number> {
    if (position) await this.history.atLeast(position, LONGEST_WAIT_MS);
    return this.history.count({ ...historyQuery(agency.id, input), limit });
  }

  /** The same letters without pages, as they are read. */
  each({ agency }: Asker, input: HistoryInput, limit: number): AsyncIterable<HistoryRow> {
    return this.history.each({ ...historyQuery(agency.id, input), limit });
  }

  /** @throws HistoryCursorInvalid */
  async list({ agency }: Asker, input: HistoryInput, position: Position | null | undefined): Promise<Listed> {
    const upToDate = position ? await this.history.atLeast(position, LONGEST_WAIT_MS) : true;
    return { ...(await this.history.list(historyQuery(agency.id, input))), upToDate };
  }
}
