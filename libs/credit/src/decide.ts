import type { Decider } from '#libs/letter';
import type { CreditCommand, CreditCommandOf } from './commands.js';
import type { CreditEvent } from './events.js';
import { refused } from './refusals.js';
import type { CreditRefusal, CreditRefusalCode } from './refusals.js';
import { applied, evolve, initial, totalsOf } from './state.js';
import type { Credit, Untold } from './state.js';

type Decision = readonly CreditEvent[] | CreditRefusal;

function decide(state: Credit, command: CreditCommand): Decision {
  switch (command.type) {
    case 'enterKey':
      return enterKey(state, command);
    case 'forecast':
      return cannotSend(state) ?? [];
    case 'reserve':
      return reserve(state, command);
    case 'uphold':
      // A letter that the account has never heard of was taken in before there were accounts.
      return state.letters.get(command.letterId) === 'released' ? reserve(state, command) : [];
    case 'consume':
      return consume(state, command);
    case 'release':
      return release(state, command);
  }
}

function enterKey(state: Credit, { kind, serial, signatures, at }: CreditCommandOf<'enterKey'>): Decision {
  if (!Number.isSafeInteger(signatures) || signatures < 1) return refused('KEY_MALFORMED');
  if (state.serials.includes(serial)) return [];
  if (state.active) return told(state, { type: 'Recharged', data: { serial, signatures, at } });
  if (kind === 'recharge') return refused('NOT_ACTIVATED');
  return told(state, { type: 'Activated', data: { serial, signatures, at } });
}

function reserve(state: Credit, { letterId, at }: CreditCommandOf<'reserve' | 'uphold' | 'consume'>): Decision {
  const credit = state.letters.get(letterId);
  if (credit === 'reserved' || credit === 'consumed') return [];
  return cannotSend(state) ?? told(state, { type: 'Reserved', data: { letterId, at } });
}

function consume(state: Credit, command: CreditCommandOf<'consume'>): Decision {
  const { letterId, at } = command;
  const consumed: Untold = { type: 'Consumed', data: { letterId, at } };
  const credit = state.letters.get(letterId);
  if (credit === 'reserved') return told(state, consumed);
  // Nothing to pay: it is paid already, or was taken in before there were accounts.
  if (credit !== 'released') return [];
  // Given back for lack of news of the letter, which came late.
  return cannotSend(state) ?? told(state, { type: 'Reserved', data: { letterId, at } }, consumed);
}

function release(state: Credit, { letterId, reason, at }: CreditCommandOf<'release'>): Decision {
  const credit = state.letters.get(letterId);
  if (credit === 'consumed') return refused('SIGNATURE_CONSUMED');
  return credit === 'reserved' ? told(state, { type: 'Released', data: { letterId, reason, at } }) : [];
}

function cannotSend(state: Credit): CreditRefusal | undefined {
  if (!state.active) return refused('NOT_ACTIVATED');
  return state.remaining < 1 ? refused('NO_SIGNATURE_LEFT') : undefined;
}

/** Gives each event the totals that it leads to. */
function told(state: Credit, ...events: readonly Untold[]): readonly CreditEvent[] {
  let after = state;
  return events.map((event) => {
    after = applied(after, event);
    return { ...event, data: { ...event.data, ...totalsOf(after) } } as CreditEvent;
  });
}

/** The signatures of an agency: bought by keys, reserved by letters, consumed by their deposit. */
export const credit: Decider<Credit, CreditCommand, CreditEvent, CreditRefusalCode> = { initial, decide, evolve };
