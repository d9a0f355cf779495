import { once } from 'node:events';
import { EvidenceRejected } from '#libs/evidence';
import { startAuthority } from './authority.js';
import { readSettings, SettingsWrong } from './settings.js';

async function main(): Promise<number> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  try {
    const authority = await startAuthority(readSettings(process.env));
    console.log(`Authority ready: timestamps, certificate and revocation list on ${authority.url}`);
    await stopped;
    await authority.close();
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
  if (error instanceof EvidenceRejected) return `The authority's folder (PLI_DATA) is damaged: ${error.message}`;
  const { code, port, path } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken: give the authority another one with PLI_PORT.`;
  if (code === 'EACCES') return `The authority may not use ${path ?? `port ${port}`}: check PLI_DATA and PLI_PORT.`;
  return undefined;
}

process.exit(await main());
