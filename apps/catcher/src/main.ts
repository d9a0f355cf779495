import { once } from 'node:events';
import { startCatcher } from './catcher.js';
import { readSettings, SettingsWrong } from './settings.js';

async function main(): Promise<number> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  try {
    const catcher = await startCatcher(readSettings(process.env));
    console.log(`Catcher ready: inbox and SMS gateway on ${catcher.url}, mail on ${catcher.smtpUrl}`);
    await stopped;
    await catcher.close();
    return 0;
  } catch (error) {
    const sentence = startFailure(error);
    if (sentence === undefined) throw error;
    console.error(sentence);
    return 1;
  }
}

/** One sentence for what an operator can mend; undefined for a fault of ours. */
function startFailure(error: unknown): string | undefined {
  if (error instanceof SettingsWrong) return error.message;
  const { code, port, path } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: give the catcher other ports with PLI_PORT and PLI_SMTP_PORT.`;
  if (code === 'EACCES')
    return `The catcher may not use ${path ?? `port ${port}`}: check PLI_DATA, PLI_PORT and PLI_SMTP_PORT.`;
  return undefined;
}

process.exit(await main());
