import fc from 'fast-check';
import { stateAfter } from './given.js';
import { fixture, released, shapeOf } from './released.js';
import { acknowledgement, at, browser, otherBrowser, rappel, rightHash, submit, wrongHash } from './story.js';
import type { LetterCommand } from '../commands.js';
import { letter } from '../decide.js';
import { isRefusal } from '../decider.js';
import { catalogue } from '../events.js';
import type { EventOf, Information, LetterEvent, LetterEventType } from '../events.js';
import type { RefusalCode } from '../refusals.js';
import type { Letter } from '../state.js';
import { nextChallenge, senderIsVisible } from '../views.js';

// Commands at random

/** Makes a command when its turn comes: what it may hold depends on the letter as it then stands. */
interface Step {
  /** Milliseconds by which the asking machine's clock has moved since the last step; negative for a clock behind. */
  readonly elapsed: number;
  command(state: Letter, at: string): LetterCommand;
}

const session = fc.constantFrom(browser, otherBrowser);
const attempt = fc.integer({ min: 1, max: 40 }).map((number) => `attempt-${number}`);
const numbered = fc.integer({ min: 1, max: 3 });
/** What must have happened before somebody is told of it. */
const causes: Readonly<Record<Information, LetterEventType>> = {
  'deposit-proof': 'Deposited',
  bounce: 'NotificationFailed',
  alert: 'AlertRaised',
  'notice-reminder': 'AlertRaised',
  refusal: 'Refused',
  expiry: 'Expired',
  confirmation: 'Signed',
  'signed-documents': 'Signed',
};
const information = fc.constantFrom(...(Object.keys(causes) as Information[]));
const message = fc.integer({ min: 1, max: 5 }).map((number) => `<told-${number}@pli>`);
const job = fc.constantFrom('job-1', 'job-2', 'job-3');
const order = { job, address: fc.constant('Mme ROSE Armande\n1 rue de la Tour\n57000 METZ') };
const prepared = {
  print: { sha256: 'd'.repeat(64), size: 48_210, pages: 4 },
  ticket: { sha256: 'e'.repeat(64), size: 9_120, pages: 1 },
};

type Timeless = LetterCommand extends infer Command
  ? Command extends LetterCommand
    ? Omit<Command, 'at'>
    : never
  : never;

function timed(commands: fc.Arbitrary<Timeless>): fc.Arbitrary<Step['command']> {
  return commands.map((command) => (_state, when) => ({ ...command, at: when }));
}

const submission = timed(
  fc
    .record({
      otp: fc.boolean(),
      professional: fc.boolean(),
      retentionDays: fc.constantFrom(3, 15, 15, 40),
      alertDays: fc.constantFrom(0, 2, 5),
      reference: fc.constantFrom('LRE_9998_001_20180320143500', 'LRE_9998_001_20180320143501'),
    })
    .map((changes) => submit(changes)),
);

const deposit = timed(
  fc.oneof(
    { weight: 9, arbitrary: fc.constant({ type: 'confirmDeposit', acknowledgement } as const) },
    { weight: 1, arbitrary: fc.constant({ type: 'failDeposit', reason: 'DOCUMENT_MISSING' } as const) },
  ),
);

/** Mostly about the notice to send, sometimes about another one. */
const notice: fc.Arbitrary<Step['command']> = fc
  .record({ fails: fc.integer({ max: 3, min: 0 }).map((n) => n === 0), other: fc.option(numbered, { freq: 4 }) })
  .map(({ fails, other }) => (state, when) => {
    const number = other ?? ('notice' in state ? state.notice : 1);
    const sent = { notice: number, messageId: `<notice-${number}@pli>`, at: when };
    return fails
      ? { type: 'failNotice', ...sent, code: 550, response: '550 no such user' }
      : { type: 'confirmNotice', ...sent, linkHash: 'c'.repeat(64) };
  });

const askCode: fc.Arbitrary<Step['command']> = fc.record({ session, other: fc.option(numbered, { freq: 5 }) }).map(
  ({ session: from, other }) =>
    (state, when) =>
      asking(from, other ?? nextChallenge(state), when),
);

function asking(from: string, challenge: number, when: string): LetterCommand {
  return { type: 'requestOtp', session: from, challenge, codeHash: rightHash, at: when };
}

const wrongCode = timed(
  fc.record({ type: fc.constant('verifyOtp' as const), session, codeHash: fc.constant(wrongHash), attempt }),
);
const rightCode = timed(
  fc.record({ type: fc.constant('verifyOtp' as const), session, codeHash: fc.constant(rightHash), attempt }),
);

const answer = timed(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('accept' as const), session }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('refuse' as const), session }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('sign' as const),
        session,
        packageNumber: fc.constantFrom('7AD0F7866F46', '000000000000'),
        consent: fc.constant('fr-1'),
        signatory: fc.constant('M. et Mme CHARPENTIER Jean Luc'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('accessContent' as const),
        session,
        sha256: fc.constantFrom(rappel.sha256, acknowledgement.sha256, 'f'.repeat(64)),
        mode: fc.constantFrom('opened' as const, 'downloaded' as const),
      }),
    },
  ),
);

const service = timed(
  fc.oneof(
    fc.record({ type: fc.constant('confirmOtpSent' as const), challenge: numbered, deliveryId: fc.constant('sms') }),
    fc.record({
      type: fc.constant('failOtp' as const),
      challenge: numbered,
      deliveryId: fc.constant('sms'),
      reason: fc.constant('INVALID_NUMBER'),
    }),
    fc.record({ type: fc.constant('confirmInformed' as const), about: information, messageId: message }),
    fc.record({
      type: fc.constant('failInformed' as const),
      about: information,
      messageId: message,
      code: fc.constant(552),
    }),
  ),
);

const paper = timed(
  fc.oneof(
    fc.record({ type: fc.constant('requestPrint' as const), by: fc.constant('sender' as const), ...order }),
    fc.record({ type: fc.constant('requestPrint' as const), by: fc.constant('recipient' as const), session, ...order }),
    { weight: 2, arbitrary: job.map((one) => ({ type: 'confirmPrint' as const, job: one, ...prepared })) },
    fc.record({ type: fc.constant('failPrint' as const), job, reason: fc.constant('DOCUMENT_MISSING') }),
    fc.record({ type: fc.constant('downloadPrint' as const), job, by: fc.constantFrom('user:1', 'user:2') }),
    fc.record({ type: fc.constant('confirmDispatch' as const), job, trackingNumber: fc.constantFrom('1A', '2B') }),
  ),
);

const upkeep = timed(
  fc.constantFrom<Timeless>(
    { type: 'raiseAlert' },
    { type: 'expire' },
    { type: 'archive' },
    { type: 'reactivate' },
    { type: 'correctAddress', email: 'jl.charpentier@example.fr' },
    { type: 'correctAddress', email: 'charpentier@example.fr' },
  ),
);

const SECOND = 1_000;
const DAY = 86_400_000;
const elapsed = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, SECOND, 5 * SECOND, 31 * SECOND) },
  { weight: 2, arbitrary: fc.constantFrom(601 * SECOND, 3_600 * SECOND) },
  { weight: 1, arbitrary: fc.constantFrom(DAY, 4 * DAY) },
  { weight: 1, arbitrary: fc.constantFrom(-SECOND, -45 * SECOND, -3_600 * SECOND) },
);

function stepOf(command: fc.Arbitrary<Step['command']>): fc.Arbitrary<Step> {
  return fc.record({ elapsed, command });
}

const anything = fc.oneof(
  { weight: 1, arbitrary: submission },
  { weight: 2, arbitrary: deposit },
  { weight: 3, arbitrary: notice },
  { weight: 5, arbitrary: askCode },
  { weight: 6, arbitrary: wrongCode },
  { weight: 3, arbitrary: rightCode },
  { weight: 8, arbitrary: answer },
  { weight: 4, arbitrary: service },
  { weight: 5, arbitrary: paper },
  { weight: 4, arbitrary: upkeep },
);

/** Somebody who tries codes, or asks for code after code, without ever leaving his browser. */
function siege(weights: { ask: number; wrong: number }): fc.Arbitrary<readonly Step[]> {
  const patience = fc.constantFrom(SECOND, 31 * SECOND);
  const ask = fc.constant<Step['command']>((state, when) => asking(browser, nextChallenge(state), when));
  const wrong = timed(
    attempt.map((id) => ({ type: 'verifyOtp', session: browser, codeHash: wrongHash, attempt: id }) as const),
  );
  const command = fc.oneof({ weight: weights.ask, arbitrary: ask }, { weight: weights.wrong, arbitrary: wrong });
  return fc.array(fc.record({ elapsed: patience, command }), { minLength: 20, maxLength: 40 });
}

const inOrder = fc.tuple(stepOf(submission), stepOf(deposit), stepOf(notice));
const anyWay = fc.array(stepOf(anything), { maxLength: 80, size: 'max' });

/** Lives that begin in order, as most do, some of them under siege, and then go any way; and some without any order. */
const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(inOrder, anyWay).map((parts) => parts.flat()) },
  { weight: 1, arbitrary: fc.tuple(inOrder, siege({ ask: 1, wrong: 7 }), anyWay).map((parts) => parts.flat()) },
  { weight: 1, arbitrary: fc.tuple(inOrder, siege({ ask: 7, wrong: 1 }), anyWay).map((parts) => parts.flat()) },
  { weight: 1, arbitrary: anyWay },
);

// What holds of every letter

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
  let now = Date.parse(at.submission);
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
      const times = asked.map((data) => time(data.at));
      times.slice(1).forEach((when, index) => expect(when - (times[index] ?? when)).toBeGreaterThanOrEqual(30_000));
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
      const turns = ofType(events, 'PrintRequested', 'PrintFailed', 'PrintDispatched');
      turns.forEach(({ type }, index) => expect(type === 'PrintRequested').toBe(index % 2 === 0));
      turns.forEach(({ data }, index) => expect(data.job).toBe(turns[index - (index % 2)]?.data.job));
      const jobs = ofType(events, 'PrintRequested').map(({ data }) => data.job);
      expect(new Set(jobs).size).toBe(jobs.length);
    });
  });

  it('hands out and dispatches only what was prepared, which it is once', () => {
    always(({ events }) => {
      const jobs = ofType(events, 'PrintPrepared').map(({ data }) => data.job);
      expect(new Set(jobs).size).toBe(jobs.length);
      ofType(events, 'PrintDownloaded', 'PrintDispatched').forEach((event) => {
        const then = ofType(before(events, event), 'PrintPrepared').map(({ data }) => data.job);
        expect(then).toContain(event.data.job);
      });
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

  it.each(released)(
    'decide %s with the fields that its stored events of schema %i have when they are read',
    (type, version) => {
      const decided = lives.flatMap(({ events }) => ofType(events, type).map(shapeOf));
      const ever = new Set(decided.flat());
      const always = [...ever].filter((field) => decided.every((fields) => fields.includes(field)));
      const stored = shapeOf(fixture(type, version));
      // Whoever changes the fields of an event gives it a new schema: see CONTRIBUTING.md.
      expect({
        missing: always.filter((field) => !stored.includes(field)),
        unknown: stored.filter((field) => !ever.has(field)),
      }).toEqual({ missing: [], unknown: [] });
    },
  );

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
