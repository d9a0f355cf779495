import { given, stateAfter } from './given.js';
import {
  accepted,
  at,
  atTheDoor,
  atTheDoorWithCode,
  browser,
  codeAsked,
  codeRejected,
  codeVerified,
  deposited,
  expired,
  minutesAfter,
  otherBrowser,
  refused,
  rightHash,
  secondsAfter,
  signed,
  submitted,
  wrongHash,
} from './story.js';
import type { CommandOf } from '../commands.js';
import type { EventOf } from '../events.js';
import { letter } from '../decide.js';
import { isRefusal } from '../decider.js';
import { currentChallenge, nextChallenge, sessionMayEnter } from '../views.js';

const requestOtp: CommandOf<'requestOtp'> = {
  type: 'requestOtp',
  session: browser,
  challenge: 1,
  codeHash: rightHash,
  at: at.request,
};
const verifyOtp: CommandOf<'verifyOtp'> = {
  type: 'verifyOtp',
  session: browser,
  codeHash: rightHash,
  attempt: 'attempt-1',
  at: at.code,
};
const wrong = { ...verifyOtp, codeHash: wrongHash };
const fiveRejections = [4, 3, 2, 1, 0].map((remaining) => codeRejected(`attempt-${5 - remaining}`, remaining));

describe('asking for a code', () => {
  it('gives it ten minutes', () => {
    given(...atTheDoorWithCode)
      .when(requestOtp)
      .then(codeAsked(1, at.request));
  });

  it('asks once on a double click', () => {
    given(...atTheDoorWithCode, codeAsked())
      .when(requestOtp)
      .thenNothing();
  });

  it('refuses another code within thirty seconds, from any browser', () => {
    const second = { ...requestOtp, challenge: 2 };
    given(...atTheDoorWithCode, codeAsked())
      .when({ ...second, at: secondsAfter(at.request, 29.999) })
      .thenRefused('OTP_TOO_SOON');
    given(...atTheDoorWithCode, codeAsked())
      .when({ ...requestOtp, session: otherBrowser })
      .thenRefused('OTP_TOO_SOON');
    given(...atTheDoorWithCode, codeAsked())
      .when({ ...second, at: secondsAfter(at.request, 30) })
      .then(codeAsked(2, secondsAfter(at.request, 30)));
  });

  it('refuses the eleventh code within twenty-four hours, and takes it after', () => {
    const ten = Array.from({ length: 10 }, (_, index) => codeAsked(index + 1, minutesAfter(at.request, index)));
    const eleventh = { ...requestOtp, challenge: 11 };
    given(...atTheDoorWithCode, ...ten)
      .when({ ...eleventh, at: minutesAfter(at.request, 24 * 60 - 1 / 60) })
      .thenRefused('OTP_LIMIT');
    given(...atTheDoorWithCode, ...ten)
      .when({ ...eleventh, at: minutesAfter(at.request, 24 * 60) })
      .thenHappens('OtpRequested');
  });

  it('refuses a code that was made for another number than the next one', () => {
    given(...atTheDoorWithCode)
      .when({ ...requestOtp, challenge: 2 })
      .thenRefused('OTP_OUT_OF_STEP');
    given(...atTheDoorWithCode, codeAsked(), codeAsked(2, at.code, otherBrowser))
      .when({ ...requestOtp, challenge: 2, at: at.acceptance })
      .thenRefused('OTP_OUT_OF_STEP');
  });

  it('asks for nothing when this browser has given its code already', () => {
    given(...atTheDoorWithCode, codeAsked(), codeVerified)
      .when({ ...requestOtp, challenge: 2, at: at.later })
      .thenNothing();
  });

  it('gives a code to another browser, before and after the signature', () => {
    const second = { ...requestOtp, session: otherBrowser, challenge: 2, at: at.later };
    given(...atTheDoorWithCode, codeAsked(), codeVerified, accepted)
      .when(second)
      .thenHappens('OtpRequested');
    given(...atTheDoorWithCode, codeAsked(), codeVerified, accepted, signed)
      .when({ ...second, at: at.afterEnd })
      .thenHappens('OtpRequested');
  });

  it('refuses a letter without OTP', () => {
    given(...atTheDoor)
      .when(requestOtp)
      .thenRefused('OTP_NOT_USED');
  });

  it('refuses where the recipient has nothing to do', () => {
    given().when(requestOtp).thenRefused('UNKNOWN_LETTER');
    given(submitted({ otp: true }), deposited)
      .when(requestOtp)
      .thenRefused('NOT_NOTIFIED');
    given(...atTheDoorWithCode)
      .when({ ...requestOtp, at: at.end })
      .thenRefused('WINDOW_CLOSED');
    given(...atTheDoorWithCode, expired)
      .when({ ...requestOtp, at: at.afterEnd })
      .thenRefused('WINDOW_CLOSED');
    given(...atTheDoorWithCode, codeAsked(), codeVerified, refused)
      .when({ ...requestOtp, challenge: 2, at: at.later })
      .thenRefused('ALREADY_REFUSED');
  });
});

describe('giving the code', () => {
  it('lets this browser in with the right code', () => {
    given(...atTheDoorWithCode, codeAsked())
      .when(verifyOtp)
      .then(codeVerified);
    expect(sessionMayEnter(stateAfter([...atTheDoorWithCode, codeAsked()]), browser)).toBe(false);
    expect(sessionMayEnter(stateAfter([...atTheDoorWithCode, codeAsked(), codeVerified]), browser)).toBe(true);
    expect(sessionMayEnter(stateAfter([...atTheDoorWithCode, codeAsked(), codeVerified]), otherBrowser)).toBe(false);
  });

  it('does nothing when this browser is in already', () => {
    given(...atTheDoorWithCode, codeAsked(), codeVerified)
      .when(verifyOtp)
      .thenNothing();
    given(...atTheDoorWithCode, codeAsked(), codeVerified)
      .when({ ...wrong, attempt: 'attempt-9' })
      .thenNothing();
  });

  it('counts a wrong code', () => {
    given(...atTheDoorWithCode, codeAsked())
      .when(wrong)
      .then(codeRejected('attempt-1', 4));
    given(...atTheDoorWithCode, codeAsked(), ...fiveRejections.slice(0, 4))
      .when({ ...wrong, attempt: 'attempt-5' })
      .then(codeRejected('attempt-5', 0));
  });

  it('counts a form that was sent twice once, even when a newer code was asked for since', () => {
    given(...atTheDoorWithCode, codeAsked(), codeRejected('attempt-1', 4))
      .when(wrong)
      .thenNothing();
    given(...atTheDoorWithCode, codeAsked(), codeRejected('attempt-1', 4), codeAsked(2, at.acceptance))
      .when({ ...wrong, at: at.acceptance })
      .thenNothing();
  });

  it('refuses even the right code after five wrong ones', () => {
    given(...atTheDoorWithCode, codeAsked(), ...fiveRejections)
      .when({ ...verifyOtp, attempt: 'attempt-6' })
      .thenRefused('OTP_EXHAUSTED');
  });

  it('gives a new code five tries of its own', () => {
    given(...atTheDoorWithCode, codeAsked(), ...fiveRejections, codeAsked(2, at.acceptance))
      .when({ ...wrong, attempt: 'attempt-6', at: at.acceptance })
      .then({ type: 'OtpRejected', data: { challenge: 2, attempt: 'attempt-6', remaining: 4, at: at.acceptance } });
  });

  it('refuses the code once its ten minutes are over', () => {
    given(...atTheDoorWithCode, codeAsked())
      .when({ ...verifyOtp, at: secondsAfter(at.request, 599.999) })
      .thenHappens('OtpVerified');
    given(...atTheDoorWithCode, codeAsked())
      .when({ ...verifyOtp, at: minutesAfter(at.request, 10) })
      .thenRefused('OTP_EXPIRED');
  });

  it('refuses when this browser asked for no code, or another browser has asked for one since', () => {
    given(...atTheDoorWithCode)
      .when(verifyOtp)
      .thenRefused('OTP_NOT_ASKED');
    given(...atTheDoorWithCode, codeAsked())
      .when({ ...verifyOtp, session: otherBrowser })
      .thenRefused('OTP_NOT_ASKED');
    given(...atTheDoorWithCode, codeAsked(), codeAsked(2, at.code, otherBrowser))
      .when(verifyOtp)
      .thenRefused('OTP_NOT_ASKED');
    given(...atTheDoorWithCode, codeAsked(), codeVerified)
      .when({ ...verifyOtp, session: otherBrowser })
      .thenRefused('OTP_NOT_ASKED');
  });

  it('refuses on a letter without OTP', () => {
    given(...atTheDoor)
      .when(verifyOtp)
      .thenRefused('OTP_NOT_USED');
  });

  it('refuses once the window is closed, before any word on the code', () => {
    const lateCode = codeAsked(1, minutesAfter(at.end, -5));
    given(...atTheDoorWithCode, lateCode)
      .when({ ...verifyOtp, at: at.end })
      .thenRefused('WINDOW_CLOSED');
    given(...atTheDoorWithCode, lateCode)
      .when({ ...wrong, at: at.end })
      .thenRefused('WINDOW_CLOSED');
  });

  it('numbers codes without ever using a number twice', () => {
    expect([currentChallenge(letter.initial), nextChallenge(letter.initial)]).toEqual([0, 1]);
    const state = stateAfter([...atTheDoorWithCode, codeAsked(), codeAsked(2, at.code)]);
    expect([currentChallenge(state), nextChallenge(state)]).toEqual([2, 3]);
  });
});

describe('delivering the code', () => {
  const confirm: CommandOf<'confirmOtpSent'> = {
    type: 'confirmOtpSent',
    challenge: 1,
    deliveryId: 'sms-1',
    at: at.code,
  };
  const fail: CommandOf<'failOtp'> = {
    type: 'failOtp',
    challenge: 1,
    deliveryId: 'sms-1',
    reason: 'INVALID_NUMBER',
    at: at.code,
  };
  const sent: EventOf<'OtpSent'> = {
    type: 'OtpSent',
    data: { challenge: 1, deliveryId: 'sms-1', at: at.code },
  };
  const failed: EventOf<'OtpFailed'> = {
    type: 'OtpFailed',
    data: { challenge: 1, deliveryId: 'sms-1', reason: 'INVALID_NUMBER', at: at.code },
  };

  it('records once that the SMS was sent, or that it was not', () => {
    given(...atTheDoorWithCode, codeAsked())
      .when(confirm)
      .then(sent);
    given(...atTheDoorWithCode, codeAsked(), sent)
      .when(confirm)
      .thenNothing();
    given(...atTheDoorWithCode, codeAsked())
      .when(fail)
      .then(failed);
    given(...atTheDoorWithCode, codeAsked(), failed)
      .when(fail)
      .thenNothing();
  });

  it('refuses the opposite of what is known', () => {
    given(...atTheDoorWithCode, codeAsked(), sent)
      .when(fail)
      .thenRefused('MESSAGE_SETTLED');
    given(...atTheDoorWithCode, codeAsked(), failed)
      .when(confirm)
      .thenRefused('MESSAGE_SETTLED');
  });

  it('records it however late, for it happened: after a newer code, after the end', () => {
    given(...atTheDoorWithCode, codeAsked(), codeAsked(2, at.code))
      .when(confirm)
      .thenHappens('OtpSent');
    given(...atTheDoorWithCode, codeAsked(), expired)
      .when(confirm)
      .thenHappens('OtpSent');
  });

  it('refuses a code that nobody asked for', () => {
    given(...atTheDoorWithCode)
      .when(confirm)
      .thenRefused('UNKNOWN_CHALLENGE');
    given(submitted({ otp: true }), deposited)
      .when(confirm)
      .thenRefused('NOT_NOTIFIED');
  });

  it('lets the code be given before the worker told that it was sent', () => {
    const decision = letter.decide(stateAfter([...atTheDoorWithCode, codeAsked()]), verifyOtp);
    expect(isRefusal(decision)).toBe(false);
  });
});
