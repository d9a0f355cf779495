import { randomUUID } from 'node:crypto';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Db } from 'mongodb';
import { CommandsModule, Stores } from '#libs/commands';
import { readConfiguration, StoresConfiguration, type Clock } from '#libs/configuration';
import type { CommandContext, EventStore } from '#libs/event-store';

/** What a command of the operator works with. */
export interface Operator {
  readonly configuration: StoresConfiguration;
  readonly commands: CommandBus;
  readonly queries: QueryBus;
  readonly eventStore: EventStore;
  readonly db: Db;
}

/** Writes one line to standard output. */
export type Print = (line: string) => void;

@Module({})
class CliModule {}

/**
 * Opens the stores that the environment names, does the work and closes them again, whatever comes of it.
 *
 * @param clock what the commands take for now; the machine's clock when absent.
 * @throws ConfigurationError
 */
export async function withStores<Result>(
  environment: NodeJS.ProcessEnv,
  work: (operator: Operator) => Promise<Result>,
  clock?: Clock,
): Promise<Result> {
  const configuration = readConfiguration(StoresConfiguration, environment);
  const app = await NestFactory.createApplicationContext(
    { module: CliModule, imports: [CommandsModule.over(configuration, clock)] },
    { logger: false, abortOnError: false },
  );
  try {
    return await work(operatorOf(app, configuration));
  } finally {
    await app.close();
  }
}

function operatorOf(app: INestApplicationContext, configuration: StoresConfiguration): Operator {
  const { eventStore, db } = app.get(Stores);
  return { configuration, commands: app.get(CommandBus), queries: app.get(QueryBus), eventStore, db };
}

/** Who asks, and in which story: each run of the command line is one, unless it repeats an earlier one by its `commandId`. */
export function asOperator(commandId: string = randomUUID(), correlationId: string = commandId): CommandContext {
  return { commandId, correlationId, causationId: commandId, actor: 'operator' };
}
