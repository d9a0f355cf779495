import { text } from 'node:stream/consumers';
import {
  EmbeddedEventStoreError,
  hashPassword,
  startEventStore,
  type EventStoreOptions,
} from '#libs/embedded-event-store';
import { readArguments } from './arguments.js';

async function main(): Promise<number> {
  try {
    const task = readArguments(process.argv.slice(2));
    switch (task.kind) {
      case 'serve':
        await serve(task.options);
        return 0;
      case 'hash-password':
        return await printUser(task.name, task.groups);
      case 'refuse':
        console.error(task.sentence);
        return 1;
    }
  } catch (error) {
    if (!(error instanceof EmbeddedEventStoreError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function serve(options: EventStoreOptions): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  const server = await startEventStore(options);
  console.log(`Event store ready on ${server.connectionString}, data in ${options.dataFolder}`);
  await stopped;
  await server.close();
}

/** Prints a line for the file of the users; the password comes over standard input, so that no list of processes shows it. */
async function printUser(name: string, groups: readonly string[]): Promise<number> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') {
    console.error('The password is empty: hand it in over standard input.');
    return 1;
  }
  console.log(`${name}:${groups.join(',')}:${await hashPassword(password)}`);
  return 0;
}

process.exit(await main());
