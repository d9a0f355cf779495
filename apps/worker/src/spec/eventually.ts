import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = 20_000;

/** Looks until there is an answer. Fails with what was waited for. */
export async function eventually<Answer>(
  what: string,
  look: () => Promise<Answer | undefined> | Answer | undefined,
): Promise<Answer> {
  for (const deadline = performance.now() + PATIENCE; performance.now() < deadline; await sleep(20)) {
    const answer = await look();
    if (answer !== undefined) return answer;
  }
  throw new Error(`Waited in vain for ${what}.`);
}
