import { Injectable } from '@nestjs/common';
import { CommandRefused } from '#libs/event-store';
import { EdgeFailure } from '#libs/web';
import type { Asker } from '../access/asker.js';
import { LetterActions } from './letter-actions.js';

export type Tidying = 'archive' | 'reactivate';

/** Letters that one request puts away or takes out. */
export const MOST_AT_ONCE = 100;

/** What became of one letter. */
export interface Tidied {
  readonly id: string;
  /** `unchanged`: it was so already. */
  readonly outcome: 'done' | 'unchanged' | 'failed';
  /** Why it failed: a code of README.md. */
  readonly code?: string;
}

/** Puts letters away from the history, or takes them out again: each by a command of its own, so that one that fails leaves the others be. */
@Injectable()
export class Archiving {
  constructor(private readonly actions: LetterActions) {}

  /** @throws what is not the fault of a single letter: a store that is away. What was done until then stays done. */
  async tidy(asker: Asker, ids: readonly string[], action: Tidying): Promise<Tidied[]> {
    const all: Tidied[] = [];
    // One after the other: the position that the asker's lists wait for is that of the last.
    for (const id of ids) all.push(await this.tidyOne(asker, id, action));
    return all;
  }

  private async tidyOne(asker: Asker, id: string, action: Tidying): Promise<Tidied> {
    try {
      const { events } = await this.actions.act(asker, id, { type: action });
      return { id, outcome: events.length > 0 ? 'done' : 'unchanged' };
    } catch (error) {
      if (error instanceof CommandRefused) return { id, outcome: 'failed', code: error.code };
      if (error instanceof EdgeFailure) return { id, outcome: 'failed', code: error.problem.code };
      throw error;
    }
  }
}
