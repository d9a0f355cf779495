import {
  CancelledError,
  convertToCommandError,
  DeadlineExceededError,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
  UnknownError,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreUnavailable } from './errors.js';

const AWAY = [UnavailableError, CancelledError, DeadlineExceededError, TimeoutError, NotLeaderError];

/** How long an answer may take, in milliseconds. A call that was lost with its connection may never be answered at all. */
const ANSWER_WITHIN = 15_000;

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/**
 * Whether an error means that the store is away or moving, so that the same call may work later. The client library
 * passes some errors on as gRPC gives them: those from asking a server what it can do, before its first real call.
 */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const known = convertToCommandError(error);
  if (known instanceof EventStoreUnavailable || AWAY.some((type) => known instanceof type)) return true;
  // What a client sees of a connection that broke off in the middle of an answer.
  return known instanceof UnknownError && known.code === status.INTERNAL;
}

/**
 * Waits for an answer of the store.
 *
 * @throws EventStoreUnavailable when the store is away or does not answer in time; any other error as it is.
 */
export async function answerOf<Answer>(call: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new EventStoreUnavailable(`no answer within ${ANSWER_WITHIN} ms`)), ANSWER_WITHIN);
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    throw isAway(error) && !(error instanceof EventStoreUnavailable) ? new EventStoreUnavailable(error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Pauses between attempts to reach the store: 100 ms, doubled up to 5 s, half of it at random so that not all come back at once. */
export class Pauses {
  #next = FIRST_PAUSE;

  /** Resolves after the pause, or at once when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const pause = this.#next * (0.5 + Math.random() / 2);
    this.#next = Math.min(this.#next * 2, LONGEST_PAUSE);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }

  /** To be called when the store answered. */
  reset(): void {
    this.#next = FIRST_PAUSE;
  }
}
