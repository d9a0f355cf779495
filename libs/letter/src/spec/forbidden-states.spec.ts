import fc from 'fast-check';
import { startOfTime, steps } from './commands-at-random.js';
import type { Step } from './commands-at-random.js';
import { stateAfter } from './given.js';
import { letter } from '../decide.js';
import { isRefusal } from '../decider.js';
import { catalogue } from '../events.js';
import type { EventOf, LetterEvent, LetterEventType } from '../events.js';
import type { RefusalCode } from '../refusals.js';
import type { Letter } from '../state.js';
import { senderIsVisible } from '../views.js';

interface Life {
  readonly events: readonly LetterEvent[];
  /** The letter before each event and after the last one. */
  readonly states: readonly Letter[];
  readonly refusals: ReadonlySet<RefusalCode>;
}

/** Plays the steps through `decide` and `evolve`, and each command a second time, which must add nothing. */
function play(script: readonly Step[]): Life {
  const events: LetterEvent[] = [];
  const states: Letter[] = [frozen(letter.initial)];
  const refusals = new Set<RefusalCode>();
  let state = letter.initial;
  let now = Date.parse(startOfTime);
  for (const step of script) {
    now += step.elapsed;
    const command = step.command(state, new Date(now).toISOString());
    const decision = letter.decide(state, command);
    if (isRefusal(decision)) {
      refusals.add(decision.refused);
      continue;
    }
    for (const event of decision) {
      state = frozen(letter.evolve(state, event));
      events.push(event);
      states.push(state);
    }
    const again = letter.decide(state, command);
    expect({ command, again: isRefusal(again) ? again : again.length }).toEqual({
      command,
      again: isRefusal(again) ? again : 0,
    });
  }
  return { events, states, refusals };
}

/** `decide` and `evolve` may not write into a state: frozen, it throws when they do. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

function ofType<Type extends LetterEventType>(
  events: readonly LetterEvent[],
  ...types: readonly Type[]
): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => types.some((type) => type === event.type));
}

/** The events before this one. */
function before(events: readonly LetterEvent[], event: LetterEvent): readonly LetterEvent[] {
  return events.slice(0, events.indexOf(event));
}

function time(instant: string): number {
  return Date.parse(instant);
}

function always(holds: (life: Life) => void): void {
  fc.assert(
    fc.property(steps, (script) => holds(play(script))),
    { numRuns: 300 },
  );
}

describe('whatever is asked of a letter, in whatever order', () => {
  it('it has one end at most: signed, refused or expired', () => {
    always(({ events }) => expect(ofType(events, 'Signed', 'Refused', 'Expired').length).toBeLessThanOrEqual(1));
  });

  it('is signed only after it was accepted', () => {
    always(({ events }) =>
      ofType(events, 'Signed').forEach((signed) => expect(ofType(before(events, signed), 'Accepted')).toHaveLength(1)),
    );
  });

  it('is refused only when it was not accepted', () => {
    always(({ events }) => {
      if (ofType(events, 'Refused').length > 0) expect(ofType(events, 'Accepted')).toEqual([]);
    });
  });

  it('with OTP, does nothing for a browser that has not given its own code', () => {
    always(({ events }) => {
      const wantsCode = ofType(events, 'Submitted').some(({ data }) => data.otp);
      for (const event of ofType(events, 'Accepted', 'Refused', 'Signed', 'ContentAccessed')) {
        const verified = ofType(before(events, event), 'OtpVerified').map(({ data }) => data.session);
        if (wantsCode) expect(verified).toContain(event.data.session);
      }
    });
  });

  it('is answered before the end of its window, and never after Expired', () => {
    always(({ events }) => {
      for (const answer of ofType(events, 'Accepted', 'Refused', 'Signed')) {
        const end = ofType(before(events, answer), 'Notified').at(-1)?.data.windowEndsAt ?? '';
        expect(time(answer.data.at)).toBeLessThan(time(end));
        expect(ofType(before(events, answer), 'Expired')).toEqual([]);
      }
    });
  });

  it('expires and alerts by its window only', () => {
    always(({ events }) => {
      const end = ofType(events, 'Notified').at(-1)?.data.windowEndsAt ?? '';
      ofType(events, 'Expired').forEach(({ data }) => expect(time(data.at)).toBeGreaterThanOrEqual(time(end)));
      ofType(events, 'AlertRaised').forEach(({ data }) => expect(time(data.at)).toBeLessThan(time(end)));
      expect(ofType(events, 'AlertRaised').length).toBeLessThanOrEqual(1);
    });
  });

  it('is deposited and notified once, and each notice has one outcome', () => {
    always(({ events }) => {
      expect(ofType(events, 'Deposited', 'DepositFailed').length).toBeLessThanOrEqual(1);
      expect(ofType(events, 'Notified').length).toBeLessThanOrEqual(1);
      const notices = ofType(events, 'Notified', 'NotificationFailed').map(({ data }) => data.notice);
      expect(notices).toEqual(notices.map((_notice, index) => index + 1));
    });
  });

  it('opens its documents only once it is signed, and records each access once', () => {
    always(({ events }) => {
      const accesses = ofType(events, 'ContentAccessed');
      accesses.forEach((access) => expect(ofType(before(events, access), 'Signed')).toHaveLength(1));
      expect(new Set(accesses.map(({ data }) => `${data.mode} ${data.sha256}`)).size).toBe(accesses.length);
    });
  });

  it('shows its sender only after the acceptance', () => {
    always(({ events, states }) =>
      states.forEach((state, index) => {
        if (senderIsVisible(state)) expect(ofType(events.slice(0, index), 'Accepted')).toHaveLength(1);
      }),
    );
  });

  it('never goes back in time', () => {
    always(({ events }) => {
      const times = events.map(({ data }) => time(data.at));
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    });
  });

  it('is the same letter when its stored events are read again', () => {
    always(({ events, states }) => {
      const stored = JSON.parse(JSON.stringify(events)) as LetterEvent[];
      expect(stateAfter(stored)).toEqual(states.at(-1));
    });
  });

  it('is the same letter, but for people, when its key is destroyed', () => {
    always(({ events, states }) => {
      const erased = stateAfter(events.map(({ type, data }) => ({ type, data }) as LetterEvent));
      expect(erased.status).toBe(states.at(-1)?.status);
      if (events.length > 0) expect(erased).toMatchObject({ parties: 'erased' });
    });
  });
});

describe('whatever is asked of a code, in whatever order', () => {
  it('has five tries, counted down, each form counted once', () => {
    always(({ events }) => {
      const rejections = ofType(events, 'OtpRejected').map(({ data }) => data);
      expect(new Set(rejections.map(({ attempt }) => attempt)).size).toBe(rejections.length);
      for (const { data } of ofType(events, 'OtpRequested')) {
        const left = rejections
          .filter(({ challenge }) => challenge === data.challenge)
          .map(({ remaining }) => remaining);
        expect(left).toEqual([4, 3, 2, 1, 0].slice(0, left.length));
      }
    });
  });

  it('opens the browser that asked for it, within its ten minutes and its five tries', () => {
    always(({ events }) => {
      for (const verified of ofType(events, 'OtpVerified')) {
        const past = before(events, verified);
        const asked = ofType(past, 'OtpRequested').at(-1);
        expect(asked?.data).toMatchObject({ challenge: verified.data.challenge, session: verified.data.session });
        expect(time(verified.data.at)).toBeLessThan(time(asked?.data.expiresAt ?? ''));
        const wrong = ofType(past, 'OtpRejected').filter(({ data }) => data.challenge === verified.data.challenge);
        expect(wrong.length).toBeLessThan(5);
      }
    });
  });

  it('is asked for under a new number, thirty seconds apart, ten times a day at most', () => {
    always(({ events }) => {
      const asked = ofType(events, 'OtpRequested').map(({ data }) => data);
      expect(asked.map(({ challenge }) => challenge)).toEqual(asked.map((_data, index) => index + 1));
      const times = asked.map(({ at }) => time(at));
      times.slice(1).forEach((at, index) => expect(at - (times[index] ?? at)).toBeGreaterThanOrEqual(30_000));
      times.forEach((at) =>
        expect(times.filter((one) => one <= at && one > at - 86_400_000).length).toBeLessThanOrEqual(10),
      );
    });
  });

  it('has one delivery', () => {
    always(({ events }) => {
      const delivered = ofType(events, 'OtpSent', 'OtpFailed').map(({ data }) => data.challenge);
      expect(new Set(delivered).size).toBe(delivered.length);
    });
  });
});

describe('whatever is asked of the service around a letter', () => {
  it('tells each message once, and only of what happened', () => {
    const causes: Readonly<Record<string, LetterEventType>> = {
      bounce: 'NotificationFailed',
      alert: 'AlertRaised',
      refusal: 'Refused',
      expiry: 'Expired',
      confirmation: 'Signed',
      'signed-documents': 'Signed',
    };
    always(({ events }) => {
      const told = ofType(events, 'Informed', 'InformFailed');
      expect(new Set(told.map(({ data }) => data.messageId)).size).toBe(told.length);
      told.forEach((event) =>
        expect(before(events, event).map(({ type }) => type)).toContain(causes[event.data.about]),
      );
    });
  });

  it('prints one job at a time, each dispatched once', () => {
    always(({ events }) => {
      const types = ofType(events, 'PrintRequested', 'PrintDispatched').map(({ type }) => type);
      types.forEach((type, index) => expect(type).toBe(index % 2 === 0 ? 'PrintRequested' : 'PrintDispatched'));
      const jobs = ofType(events, 'PrintRequested').map(({ data }) => data.job);
      expect(new Set(jobs).size).toBe(jobs.length);
      expect(ofType(events, 'PrintDispatched').map(({ data }) => data.job)).toEqual(
        jobs.slice(0, ofType(events, 'PrintDispatched').length),
      );
    });
  });

  it('archives and reactivates in turns', () => {
    always(({ events }) => {
      const types = ofType(events, 'Archived', 'Reactivated').map(({ type }) => type);
      types.forEach((type, index) => expect(type).toBe(index % 2 === 0 ? 'Archived' : 'Reactivated'));
    });
  });
});

describe('the lives that these properties look at', () => {
  const lives = fc.sample(steps, { seed: 4, numRuns: 1_500 }).map(play);

  it('know every event type', () => {
    const seen = new Set(lives.flatMap(({ events }) => events.map(({ type }) => type)));
    expect(Object.keys(catalogue).filter((type) => !seen.has(type as LetterEventType))).toEqual([]);
  });

  it('come to every end, with a code and without', () => {
    const ends = lives.flatMap(({ events }) => {
      const otp = ofType(events, 'Submitted').some(({ data }) => data.otp);
      return ofType(events, 'Signed', 'Refused', 'Expired').map(({ type }) => `${type}${otp ? ' with a code' : ''}`);
    });
    expect([...new Set(ends)].toSorted()).toEqual(
      ['Expired', 'Refused', 'Signed'].flatMap((end) => [end, `${end} with a code`]).toSorted(),
    );
  });

  it('meet the limits that they must not pass', () => {
    const met = new Set(lives.flatMap(({ refusals }) => [...refusals]));
    const limits: RefusalCode[] = ['WINDOW_CLOSED', 'OTP_EXHAUSTED', 'OTP_EXPIRED', 'OTP_TOO_SOON', 'OTP_LIMIT'];
    limits.push('OTP_NOT_ASKED', 'OTP_REQUIRED', 'ALREADY_SIGNED', 'CLOCK_BEHIND', 'WINDOW_OPEN', 'PRINT_PENDING');
    expect(limits.filter((code) => !met.has(code))).toEqual([]);
  });

  it('are in a state that is a case: the same fields each time, whatever came before', () => {
    const shapes = new Map<string, Set<string>>();
    lives
      .flatMap(({ states }) => states)
      .forEach((state) => {
        const shape = Object.keys(state).toSorted().join(' ');
        shapes.set(state.status, (shapes.get(state.status) ?? new Set()).add(shape));
      });
    expect([...shapes].filter(([, known]) => known.size > 1)).toEqual([]);
    expect(shapes.size).toBe(10);
  });
});
