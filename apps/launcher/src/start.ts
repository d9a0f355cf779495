import { relative } from 'node:path';

import { demoOf } from './demo.js';
import type { LauncherFailure } from './failure.js';
import { startInstance, type Instance } from './instance.js';
import { firstPortOf } from './ports.js';
import { progressOnTerminal as progress, secondsSince } from './progress.js';
import { removeRunFile, writeRunFile, type Demo } from './run-file.js';
import { listenForStop } from './stop-request.js';

/** The data folder of this command: `PLI_DATA`, else `.data` in the current folder. */
export const dataFolderOfUser = (): string => process.env['PLI_DATA'] || '.data';

/** `npm start`: runs an instance with its demo agency until it is asked to stop. */
export async function start(): Promise<number> {
  const began = performance.now();
  const stop = listenForStop();
  const broken = Promise.withResolvers<LauncherFailure>();
  let pidChanged = (): void => undefined;
  const { EVENTSTORE_URL: eventStoreUrl, MONGODB_URL: mongodbUrl } = process.env;
  const instance = await startInstance({
    dataFolder: dataFolderOfUser(),
    firstPort: firstPortOf(process.env['PLI_PORT']),
    ...(eventStoreUrl ? { eventStoreUrl } : {}),
    ...(mongodbUrl ? { mongodbUrl } : {}),
    signal: stop.signal,
    gaveUp: broken.resolve,
    pidChanged: () => {
      pidChanged();
    },
  });
  try {
    const demo = await progress.step('demo agency', () => demoOf(instance));
    if (stop.signal.aborted) return 0;
    const startedAt = new Date().toISOString();
    pidChanged = () => {
      writeRunFile(instance, demo, startedAt);
    };
    pidChanged();
    progress.say(`Ready after ${secondsSince(began)}.`);
    process.stdout.write(welcome(instance, demo));
    const failure = await Promise.race([broken.promise, stop.received.then(() => undefined)]);
    return failure === undefined ? 0 : 1;
  } finally {
    pidChanged = () => undefined;
    removeRunFile(instance.dataFolder);
    await progress.step('stopping', () => instance.stop());
  }
}

function welcome({ addresses, dataFolder }: Instance, { login, apiKey }: Demo): string {
  const data = relative(process.cwd(), dataFolder) || '.';
  return `
Pli is running. Ctrl-C stops it.

  Agency     ${addresses.agency}
             log in as ${login.email} with the password ${login.password}
  API        ${addresses.agency}/api, with the key ${apiKey}
  Ceremony   ${addresses.ceremony} (recipients arrive there by the link in their e-mail)
  Inbox      ${addresses.inbox} (every e-mail and SMS that was sent)
  Operator   ${addresses.operator} (any name, with operatorPassword of ${data}/secrets.json)
  Data       ${data} (logs in ${data}/logs; the above for programs in ${data}/run.json)

`;
}
