import fc from 'fast-check';
import { acknowledgement, at, browser, otherBrowser, rappel, rightHash, submit, wrongHash } from './story.js';
import type { LetterCommand } from '../commands.js';
import type { Information } from '../events.js';
import { nextChallenge } from '../views.js';
import type { Letter } from '../state.js';

/** Makes a command when its turn comes: what it may hold depends on the letter as it then stands. */
export interface Step {
  /** Milliseconds by which the asking machine's clock has moved since the last step; negative for a clock behind. */
  readonly elapsed: number;
  command(state: Letter, at: string): LetterCommand;
}

const session = fc.constantFrom(browser, otherBrowser);
const attempt = fc.integer({ min: 1, max: 40 }).map((number) => `attempt-${number}`);
const numbered = fc.integer({ min: 1, max: 3 });
const information = fc.constantFrom<Information>(
  ...(['bounce', 'alert', 'refusal', 'expiry', 'confirmation', 'signed-documents'] as const),
);
const message = fc.integer({ min: 1, max: 5 }).map((number) => `<told-${number}@pli>`);
const job = fc.constantFrom('job-1', 'job-2', 'job-3');

type Timeless = LetterCommand extends infer Command
  ? Command extends LetterCommand
    ? Omit<Command, 'at'>
    : never
  : never;

function always(commands: fc.Arbitrary<Timeless>): fc.Arbitrary<Step['command']> {
  return commands.map((command) => (_state, when) => ({ ...command, at: when }) as LetterCommand);
}

const submission = always(
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

const deposit = always(
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

const wrongCode = always(
  fc.record({ type: fc.constant('verifyOtp' as const), session, codeHash: fc.constant(wrongHash), attempt }),
);
const rightCode = always(
  fc.record({ type: fc.constant('verifyOtp' as const), session, codeHash: fc.constant(rightHash), attempt }),
);

const answer = always(
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

const service = always(
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
    fc.record({ type: fc.constant('requestPrint' as const), by: fc.constant('sender' as const), job }),
    fc.record({ type: fc.constant('requestPrint' as const), by: fc.constant('recipient' as const), session, job }),
    fc.record({ type: fc.constant('confirmDispatch' as const), job, trackingNumber: fc.constantFrom('1A', '2B') }),
  ),
);

const upkeep = always(
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
  { weight: 5, arbitrary: service },
  { weight: 4, arbitrary: upkeep },
);

/** Somebody who tries codes, or asks for code after code, without ever leaving his browser. */
function siege(weights: { ask: number; wrong: number }): fc.Arbitrary<readonly Step[]> {
  const patience = fc.constantFrom(SECOND, 31 * SECOND);
  const ask = fc.constant<Step['command']>((state, when) => asking(browser, nextChallenge(state), when));
  const wrong = always(
    attempt.map((id) => ({ type: 'verifyOtp', session: browser, codeHash: wrongHash, attempt: id }) as const),
  );
  const command = fc.oneof({ weight: weights.ask, arbitrary: ask }, { weight: weights.wrong, arbitrary: wrong });
  return fc.array(fc.record({ elapsed: patience, command }), { minLength: 20, maxLength: 40 });
}

const inOrder = fc.tuple(stepOf(submission), stepOf(deposit), stepOf(notice));
const anyWay = fc.array(stepOf(anything), { maxLength: 80, size: 'max' });

/** Lives that begin in order, as most do, some of them under siege, and then go any way; and some without any order. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(inOrder, anyWay).map((parts) => parts.flat()) },
  { weight: 1, arbitrary: fc.tuple(inOrder, siege({ ask: 1, wrong: 7 }), anyWay).map((parts) => parts.flat()) },
  { weight: 1, arbitrary: fc.tuple(inOrder, siege({ ask: 7, wrong: 1 }), anyWay).map((parts) => parts.flat()) },
  { weight: 1, arbitrary: anyWay },
);

export const startOfTime = at.submission;
