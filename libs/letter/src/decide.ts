import type { LetterCommand, Report } from './commands.js';
import { accept, accessContent, expire, raiseAlert, refuse, sign } from './decide-answer.js';
import { confirmOtpSent, failOtp, requestOtp, verifyOtp } from './decide-identity.js';
import { confirmDeposit, confirmNotice, correctAddress, failDeposit, failNotice, submit } from './decide-sending.js';
import {
  archive,
  confirmDispatch,
  confirmInformed,
  confirmPrint,
  downloadPrint,
  failInformed,
  failPrint,
  reactivate,
  requestPrint,
} from './decide-service.js';
import { isRefusal } from './decider.js';
import type { Decider, Instant } from './decider.js';
import type { LetterEvent } from './events.js';
import { refused } from './refusals.js';
import type { LetterRefusal, RefusalCode } from './refusals.js';
import { evolve, initial } from './state.js';
import type { Letter } from './state.js';

type Decision = readonly LetterEvent[] | LetterRefusal;

/** By how much, in milliseconds, the clocks of two machines may differ before a request is turned away. */
const TOLERATED_SKEW = 60_000;

/** What the outside world did, told by the worker: it may be told late, for instance after the store was away. */
const reports: Readonly<Record<Report['type'], true>> = {
  confirmDeposit: true,
  failDeposit: true,
  confirmNotice: true,
  failNotice: true,
  confirmOtpSent: true,
  failOtp: true,
  confirmInformed: true,
  failInformed: true,
  confirmPrint: true,
  failPrint: true,
  confirmDispatch: true,
};

/**
 * Decides a command. The events of a letter never go back in time: what is dated before the last event is taken to
 * happen with it, which can only lengthen a window. A request dated more than a minute before it comes from a machine
 * whose clock is wrong, and is refused rather than dated by guesswork.
 */
function decide(state: Letter, command: LetterCommand): Decision {
  if (!isInstant(command.at)) return refused('INSTANT_MALFORMED');
  const lag = state.status === 'unknown' ? 0 : Date.parse(state.lastAt) - Date.parse(command.at);
  if (lag <= 0 || state.status === 'unknown') return decideAtItsTime(state, command);
  const decision = decideAtItsTime(state, { ...command, at: state.lastAt });
  const isTooLate = lag > TOLERATED_SKEW && !(command.type in reports);
  return isTooLate && !isRefusal(decision) && decision.length > 0 ? refused('CLOCK_BEHIND') : decision;
}

function isInstant(at: string): at is Instant {
  const epoch = Date.parse(at);
  return !Number.isNaN(epoch) && new Date(epoch).toISOString() === at;
}

function decideAtItsTime(state: Letter, command: LetterCommand): Decision {
  switch (command.type) {
    case 'submit':
      return submit(state, command);
    case 'confirmDeposit':
      return confirmDeposit(state, command);
    case 'failDeposit':
      return failDeposit(state, command);
    case 'confirmNotice':
      return confirmNotice(state, command);
    case 'failNotice':
      return failNotice(state, command);
    case 'correctAddress':
      return correctAddress(state, command);
    case 'requestOtp':
      return requestOtp(state, command);
    case 'confirmOtpSent':
      return confirmOtpSent(state, command);
    case 'failOtp':
      return failOtp(state, command);
    case 'verifyOtp':
      return verifyOtp(state, command);
    case 'accept':
      return accept(state, command);
    case 'refuse':
      return refuse(state, command);
    case 'sign':
      return sign(state, command);
    case 'accessContent':
      return accessContent(state, command);
    case 'raiseAlert':
      return raiseAlert(state, command);
    case 'expire':
      return expire(state, command);
    case 'confirmInformed':
      return confirmInformed(state, command);
    case 'failInformed':
      return failInformed(state, command);
    case 'requestPrint':
      return requestPrint(state, command);
    case 'confirmPrint':
      return confirmPrint(state, command);
    case 'failPrint':
      return failPrint(state, command);
    case 'downloadPrint':
      return downloadPrint(state, command);
    case 'confirmDispatch':
      return confirmDispatch(state, command);
    case 'archive':
      return archive(state, command);
    case 'reactivate':
      return reactivate(state, command);
  }
}

/** A registered electronic letter, from its submission to its end. */
export const letter: Decider<Letter, LetterCommand, LetterEvent, RefusalCode> = { initial, decide, evolve };
