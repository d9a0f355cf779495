import { v5 as uuidv5, validate as isUuid } from 'uuid';
import { verifyChain } from '#libs/chain';
import { CommandLetter, letterStream } from '#libs/commands';
import { Clock, readConfiguration, StoresConfiguration } from '#libs/configuration';
import { chainLink, type StoredEvent } from '#libs/event-store';
import type { LetterEvent } from '#libs/letter';
import { CliFailure } from './failure.js';
import { asOperator, withStores, type Print } from './operator.js';

/** A clock that an operator has set. */
class ClockAsOf extends Clock {
  constructor(private readonly instant: string) {
    super();
  }

  now(): string {
    return this.instant;
  }
}

export const unknownLetter = (letterId: string): CliFailure =>
  new CliFailure(
    'UNKNOWN_LETTER',
    `There is no letter ${letterId}; copy the id from the address of the letter's page.`,
  );

/**
 * Prints a letter: a line per event with its public data, then that the chain of its events holds.
 *
 * @throws CliFailure UNKNOWN_LETTER, or CHAIN_BROKEN after the events were printed.
 */
export function showLetter(environment: NodeJS.ProcessEnv, letterId: string, print: Print): Promise<void> {
  return withStores(environment, async ({ eventStore }) => {
    const { events } = await eventStore.load<LetterEvent>(letterStream(letterId));
    if (events.length === 0) throw unknownLetter(letterId);
    for (const event of events) print(line(event));
    const verdict = verifyChain(events.map(chainLink));
    if (!verdict.intact) {
      throw new CliFailure(
        'CHAIN_BROKEN',
        `The chain of letter ${letterId} breaks at revision ${verdict.revision}: the stream was altered; compare it with a backup.`,
      );
    }
    print(`chain intact: ${verdict.chain}`);
  });
}

function line({ event, revision, recordedAt }: StoredEvent): string {
  return [String(revision).padStart(3), recordedAt.toISOString(), event.type, JSON.stringify(event.data)].join('  ');
}

/**
 * Expires a letter as of a later instant, so that a deadline can be tried without waiting for it.
 *
 * @throws CliFailure CLOCK_IS_REAL where letters count.
 */
export async function expireLetter(environment: NodeJS.ProcessEnv, letterId: string, asOf: string): Promise<string> {
  const { PLI_CLOCK } = readConfiguration(StoresConfiguration, environment);
  if (PLI_CLOCK !== 'simulated') {
    throw new CliFailure(
      'CLOCK_IS_REAL',
      'Letters expire by the real clock here; only an instance with PLI_CLOCK=simulated can be told another time.',
    );
  }
  if (!isUuid(letterId)) throw unknownLetter(letterId);
  const clock = new ClockAsOf(instantOf(asOf));
  const at = clock.now();
  return withStores(
    environment,
    async ({ commands }) => {
      const context = asOperator(uuidv5('expire', letterId), letterId);
      const { events } = await commands.execute(new CommandLetter(letterId, { type: 'expire', at }, context));
      const what = events.length > 0 ? 'has expired' : 'had expired already';
      return `Letter ${letterId} ${what}, as of ${at}.`;
    },
    clock,
  );
}

function instantOf(asOf: string): string {
  const epoch = Date.parse(asOf);
  if (Number.isNaN(epoch) || !/(Z|[+-]\d\d:?\d\d)$/.test(asOf)) {
    throw new CliFailure('USAGE', `--as-of must be an instant such as 2026-04-01T22:00:00Z, not ${asOf}.`);
  }
  return new Date(epoch).toISOString();
}
