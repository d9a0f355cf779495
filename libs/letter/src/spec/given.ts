import { letter } from '../decide.js';
import { isRefusal } from '../decider.js';
import type { LetterCommand } from '../commands.js';
import type { LetterEvent, LetterEventType } from '../events.js';
import type { RefusalCode } from '../refusals.js';
import type { Letter } from '../state.js';

interface Outcome {
  /** The decision is exactly these events. */
  then(...events: readonly LetterEvent[]): void;
  /** The decision is events of these types. */
  thenHappens(...types: readonly LetterEventType[]): void;
  /** What is asked is already so. */
  thenNothing(): void;
  thenRefused(code: RefusalCode): void;
}

/** `given(submitted, deposited).when(command).thenRefused('NOT_NOTIFIED')` */
export function given(...history: readonly LetterEvent[]): { when(command: LetterCommand): Outcome } {
  return { when: (command) => outcomeOf(letter.decide(stateAfter(history), command)) };
}

export function stateAfter(history: readonly LetterEvent[]): Letter {
  return history.reduce((state: Letter, event) => letter.evolve(state, event), letter.initial);
}

function outcomeOf(decision: ReturnType<typeof letter.decide>): Outcome {
  return {
    then: (...events) => expect(decision).toEqual(events),
    thenHappens: (...types) =>
      expect(isRefusal(decision) ? decision.refused : decision.map(({ type }) => type)).toEqual(types),
    thenNothing: () => expect(decision).toEqual([]),
    thenRefused: (code) => expect(decision).toEqual({ refused: code }),
  };
}
