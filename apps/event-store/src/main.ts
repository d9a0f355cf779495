import { parseArgs } from 'node:util';
import { EmbeddedEventStoreError, startEventStore, type EventStoreOptions } from '#libs/embedded-event-store';

const USAGE = 'Usage: event-store --port <number> --data <folder> [--host <address>]';

/** Reads the arguments; what is wrong with them is one sentence. */
function readArguments(): EventStoreOptions | { readonly problem: string } {
  let values;
  try {
    const options = { port: { type: 'string' }, data: { type: 'string' }, host: { type: 'string' } } as const;
    ({ values } = parseArgs({ options }));
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}. ${USAGE}` };
  }
  if (values.data === undefined) return { problem: `The data folder is missing. ${USAGE}` };
  const port = Number(values.port ?? NaN);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return { problem: `The port ${values.port ?? ''} is not a number from 0 to 65535. ${USAGE}` };
  }
  return { dataFolder: values.data, port, ...(values.host === undefined ? {} : { host: values.host }) };
}

async function main(): Promise<number> {
  const options = readArguments();
  if ('problem' in options) {
    console.error(options.problem);
    return 1;
  }
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  try {
    const server = await startEventStore(options);
    console.log(`Event store ready on ${server.connectionString}, data in ${options.dataFolder}`);
    await stopped;
    await server.close();
    return 0;
  } catch (error) {
    if (!(error instanceof EmbeddedEventStoreError)) throw error;
    console.error(error.message);
    return 1;
  }
}

process.exit(await main());
