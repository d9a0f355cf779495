import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { INestApplicationContext } from '@nestjs/common';
import { CommandLetter, LetterById } from '#libs/commands';
import type { LetterCommand } from '#libs/letter';
import { countOf, median, ms, perSecond, rate, ratio, row, timed, type Series } from './figures.js';
import { context, DOCUMENT } from './letters.js';

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

const access = (letterId: string): CommandLetter =>
  command(letterId, { type: 'accessContent', at: now(), session: 'browser', sha256: DOCUMENT.sha256, mode: 'opened' });

const now = (): string => new Date().toISOString();
const command = (letterId: string, body: LetterCommand): CommandLetter => new CommandLetter(letterId, body, context());

/** One way to do something to a letter: what comes before is not measured. */
interface Case {
  readonly label: string;
  before(letterId: string): Promise<unknown>;
  measured(letterId: string): Promise<unknown>;
}

const nothing = (): Promise<void> => Promise.resolve();

function cases(app: INestApplicationContext, raw: EventStoreDBClient): Case[] {
  const [commands, queries] = [app.get(CommandBus), app.get(QueryBus)];
  const append = (): Promise<unknown> => raw.appendToStream('bench', rawEvent());
  const read = (letterId: string): Promise<number> => countOf(raw.readStream(`letter-${letterId}`));
  return [
    { label: 'raw appendToStream', before: nothing, measured: append },
    { label: 'raw readStream, then appendToStream', before: nothing, measured: (id) => read(id).then(append) },
    {
      label: 'command on a letter the process has never seen',
      before: nothing,
      measured: (id) => commands.execute(accept(id)),
    },
    { label: 'command after one, with a personal part', before: nothing, measured: (id) => commands.execute(sign(id)) },
    {
      label: 'command after the page that shows the letter',
      before: (id) => queries.execute(new LetterById(id)),
      measured: (id) => commands.execute(access(id)),
    },
  ];
}

/**
 * Commands through the command bus beside raw appends of as many bytes to the same store by the same client library: one after the
 * other in turn, letter by letter, so that all see the same machine; then each alone, many at once.
 */
export async function benchCommands(
  app: INestApplicationContext,
  raw: EventStoreDBClient,
  letterIds: readonly string[],
): Promise<string[]> {
  const half = letterIds.length >> 1;
  const ways = cases(app, raw);
  const durations = ways.map((): Series => []);
  for (const letterId of letterIds.slice(0, half)) {
    for (const [index, { before, measured }] of ways.entries()) {
      await before(letterId);
      await timed(durations[index] ?? [], () => measured(letterId));
    }
  }
  const medians = durations.map((series) => median(series.slice(WARM_UP)));
  const rates: number[] = [];
  for (const { before, measured } of ways) {
    const together = letterIds.slice(half);
    await rate(
      IN_FLIGHT,
      together.map((letterId) => () => before(letterId)),
    );
    rates.push(
      await rate(
        IN_FLIGHT,
        together.map((letterId) => () => measured(letterId)),
      ),
    );
  }
  const [rawMs = Number.NaN] = medians;
  const [rawRate = Number.NaN] = rates;
  return [
    `Commands: load → decide → encrypt → append, ${half - WARM_UP} of each, in turn with the raw appends`,
    row('', 'median', 'to raw', `${IN_FLIGHT} in flight`, 'to raw'),
    ...ways.map(({ label }, index) => {
      const [median = Number.NaN, perSecondOfIt = Number.NaN] = [medians[index], rates[index]];
      return row(label, ms(median), ratio(median / rawMs), perSecond(perSecondOfIt), ratio(perSecondOfIt / rawRate));
    }),
  ];
}
