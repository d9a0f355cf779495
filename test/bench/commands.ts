import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { CommandBus } from '@nestjs/cqrs';
import type { INestApplicationContext } from '@nestjs/common';
import { CommandLetter } from '#libs/commands';
import type { LetterCommand } from '#libs/letter';
import { median, ms, perSecond, rate, ratio, row, timed, type Series } from './figures.js';
import { context } from './letters.js';

const IN_FLIGHT = 16;
const WARM_UP = 100;

/** As many bytes as a stored `Accepted` has. */
const rawEvent = () =>
  jsonEvent({
    type: 'Accepted',
    data: { session: 's'.repeat(64), at: '2026-11-24T10:00:00.000Z' },
    metadata: { schema: 1, ...context(), chain: 'c'.repeat(64) },
  });

const accept = (letterId: string): CommandLetter =>
  command(letterId, { type: 'accept', at: now(), session: 'browser' });

const sign = (letterId: string): CommandLetter =>
  command(letterId, {
    type: 'sign',
    at: now(),
    session: 'browser',
    packageNumber: '7AD0F7866F46',
    consent: 'bench',
    signatory: 'M. et Mme CHARPENTIER Jean Luc',
  });

const now = (): string => new Date().toISOString();
const command = (letterId: string, body: LetterCommand): CommandLetter => new CommandLetter(letterId, body, context());

/**
 * Commands through the command bus beside raw appends of as many bytes to the same store by the same client library, one after the
 * other in turn, so that both see the same machine. `letterIds` are letters that this process has not seen yet.
 */
export async function benchCommands(
  app: INestApplicationContext,
  raw: EventStoreDBClient,
  letterIds: readonly string[],
): Promise<string[]> {
  const bus = app.get(CommandBus);
  const append = (): Promise<unknown> => raw.appendToStream('bench', rawEvent());
  const half = letterIds.length >> 1;
  const [oneByOne, together] = [letterIds.slice(0, half), letterIds.slice(half)];

  const appends: Series = [];
  const first: Series = [];
  const following: Series = [];
  for (const letterId of oneByOne) {
    await timed(appends, append);
    await timed(first, () => bus.execute(accept(letterId)));
    await timed(following, () => bus.execute(sign(letterId)));
  }
  const [rawMs, firstMs, followingMs] = [appends, first, following].map((series) => median(series.slice(WARM_UP))) as [
    number,
    number,
    number,
  ];
  const rawRate = await rate(
    IN_FLIGHT,
    together.map(() => append),
  );
  const firstRate = await rate(
    IN_FLIGHT,
    together.map((letterId) => () => bus.execute(accept(letterId))),
  );
  const followingRate = await rate(
    IN_FLIGHT,
    together.map((letterId) => () => bus.execute(sign(letterId))),
  );
  return [
    `Commands: load → decide → encrypt → append, ${half - WARM_UP} of each, in turn with the raw appends`,
    row('', 'median', 'to raw', `${IN_FLIGHT} in flight`, 'to raw'),
    row('raw appendToStream', ms(rawMs), ratio(1), perSecond(rawRate), ratio(1)),
    row(
      'first command of this process on a letter (accept)',
      ms(firstMs),
      ratio(firstMs / rawMs),
      perSecond(firstRate),
      ratio(firstRate / rawRate),
    ),
    row(
      'next command on it (sign)',
      ms(followingMs),
      ratio(followingMs / rawMs),
      perSecond(followingRate),
      ratio(followingRate / rawRate),
    ),
  ];
}
