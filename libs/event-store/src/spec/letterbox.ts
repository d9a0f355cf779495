import { randomUUID } from 'node:crypto';
import type { Catalogue, CommandContext, Decider } from '../index.js';

/** A domain small enough to be seen through: a letterbox that takes three letters. */
export type LetterboxEvent =
  | { readonly type: 'Put'; readonly data: { readonly letter: string }; readonly personal?: { readonly from: string } }
  | { readonly type: 'Emptied'; readonly data: { readonly letters: number } };

export type LetterboxCommand =
  { readonly type: 'put'; readonly letter: string; readonly from?: string } | { readonly type: 'empty' };

export interface Letterbox {
  readonly letters: readonly string[];
}

export const letterbox: Decider<Letterbox, LetterboxCommand, LetterboxEvent, 'FULL'> = {
  initial: { letters: [] },
  decide({ letters }, command) {
    if (command.type === 'empty') {
      return letters.length === 0 ? [] : [{ type: 'Emptied', data: { letters: letters.length } }];
    }
    if (letters.length === 3) return { refused: 'FULL' };
    const { letter, from } = command;
    return [{ type: 'Put', data: { letter }, ...(from === undefined ? {} : { personal: { from } }) }];
  },
  evolve({ letters }, event) {
    return { letters: event.type === 'Put' ? [...letters, event.data.letter] : [] };
  },
};

export const catalogue = { Put: { schema: 1, upcast: {} }, Emptied: { schema: 1, upcast: {} } } satisfies Catalogue;

export const put = (letter: string, from?: string): LetterboxCommand =>
  from === undefined ? { type: 'put', letter } : { type: 'put', letter, from };

export const empty: LetterboxCommand = { type: 'empty' };

/** The context of a new request, or of the one with the given id. */
export const because = (commandId: string = randomUUID()): CommandContext => ({
  commandId,
  correlationId: commandId,
  causationId: commandId,
  actor: 'worker',
});
