import { setTimeout as delay } from 'node:timers/promises';

/** The tour saw something that it should not have seen; the message says what. */
export class TourFailure extends Error {
  readonly code = 'TOUR_FAILED';
}

const WITHIN_MS = 45_000;
const EVERY_MS = 100;

/**
 * Asks again and again until there is an answer.
 *
 * @param what is waited for, for the failure's sentence.
 * @throws TourFailure after 45 s.
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(EVERY_MS);
  }
  throw new TourFailure(`Waited ${WITHIN_MS / 1000} s in vain for ${what}: look into the logs of the instance.`);
}
