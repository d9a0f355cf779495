import { Injectable } from '@nestjs/common';
import { v5 as uuidFromName } from 'uuid';
import type { LineToReceive } from '#libs/commands';
import { CommandRefused, comparePositions, type Position } from '#libs/event-store';
import type { Asker } from '../access/asker.js';
import { sentenceOfRefusal } from '../failures.js';
import { ReminderLists } from './reminder-lists.js';

/** Commands under way at once: they share the stores' waiting for the disk; more gain nothing. */
const AT_ONCE = 40;

/** What became of a line. */
export type Received =
  | { readonly outcome: 'received' | 'corrected' | 'unchanged' }
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string };

/** Takes many lines in, side by side, whichever way they come. */
@Injectable()
export class ReceivedLines {
  constructor(private readonly lists: ReminderLists) {}

  /**
   * Takes the lines in; each is appended, or refused, by itself.
   *
   * @param purpose makes the ids of the commands: the same lines under the same purpose again change nothing.
   * @param onProgress is told how many are done, from time to time.
   */
  async take(
    asker: Asker,
    lines: readonly LineToReceive[],
    purpose: string,
    onProgress: (done: number) => void = () => undefined,
  ): Promise<{ readonly received: readonly Received[]; readonly position: Position | null }> {
    const received: Received[] = [];
    let position: Position | null = null;
    for (let start = 0; start < lines.length; start += AT_ONCE) {
      const batch = lines.slice(start, start + AT_ONCE);
      for (const result of await Promise.all(batch.map((line) => this.takeOne(asker, line, purpose)))) {
        received.push(result.received);
        position = later(position, result.position);
      }
      onProgress(received.length);
    }
    return { received, position };
  }

  private async takeOne(
    asker: Asker,
    line: LineToReceive,
    purpose: string,
  ): Promise<{ received: Received; position: Position | null }> {
    try {
      const commandId = uuidFromName(`${line.agencyId}/${line.lineId}`, purpose);
      const { events, position } = await this.lists.receive(asker, line, commandId);
      const outcome = OUTCOMES[events[0]?.event.type ?? ''] ?? 'unchanged';
      return { received: { outcome }, position: events.length > 0 ? position : null };
    } catch (error) {
      const reason = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
      if (!(error instanceof CommandRefused) || reason === undefined) throw error;
      return { received: { outcome: 'refused', code: error.code, reason }, position: null };
    }
  }
}

const OUTCOMES: Readonly<Record<string, 'received' | 'corrected'>> = {
  ReminderReceived: 'received',
  ReminderCorrected: 'corrected',
};

const later = (left: Position | null, right: Position | null): Position | null =>
  left && right ? (comparePositions(left, right) >= 0 ? left : right) : (left ?? right);
