import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseUsers, type EventStoreOptions } from '#libs/embedded-event-store';

const USAGE =
  'Usage: event-store --port <number> --data <folder> [--host <address>] [--system-projections] [--max-append-size <bytes>] ' +
  '[--certificate <file> --key <file> [--users <file>]], or event-store hash-password <name> [<group> …]';

/** What the process is asked to do. */
export type Task =
  | { readonly kind: 'serve'; readonly options: EventStoreOptions }
  | { readonly kind: 'hash-password'; readonly name: string; readonly groups: readonly string[] }
  | { readonly kind: 'refuse'; readonly sentence: string };

const OPTIONS = {
  port: { type: 'string' },
  data: { type: 'string' },
  host: { type: 'string' },
  'system-projections': { type: 'boolean' },
  'max-append-size': { type: 'string' },
  certificate: { type: 'string' },
  key: { type: 'string' },
  users: { type: 'string' },
} as const;

/**
 * Reads the arguments and the files that they name; what is wrong with them is one sentence.
 *
 * @throws EmbeddedEventStoreError USERS_UNUSABLE
 */
export function readArguments(args: readonly string[]): Task {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [command, name, ...groups] = positionals;
  if (command === 'hash-password') return name === undefined ? refuse('The name is missing') : hashTask(name, groups);
  if (command !== undefined) return refuse(`There is no command ${command}`);
  if (values.data === undefined) return refuse('The data folder is missing');
  const port = Number(values.port ?? NaN);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return refuse(`The port ${values.port ?? ''} is not a number from 0 to 65535`);
  }
  const maximumAppendSize = Number(values['max-append-size'] ?? 1_048_576);
  if (!Number.isInteger(maximumAppendSize) || maximumAppendSize < 1 || maximumAppendSize > 16_777_216) {
    return refuse(`The size ${values['max-append-size']} is not a number of bytes from 1 to 16777216`);
  }
  if ((values.certificate === undefined) !== (values.key === undefined)) {
    return refuse('A certificate needs its key, and a key its certificate');
  }
  const files = readFiles(values);
  if ('sentence' in files) return files;
  const { certificate, key, users } = files;
  return {
    kind: 'serve',
    options: {
      dataFolder: values.data,
      port,
      maximumAppendSize,
      systemProjections: values['system-projections'] ?? false,
      ...(values.host === undefined ? {} : { host: values.host }),
      ...(certificate === undefined || key === undefined ? {} : { tls: { certificate, key } }),
      ...(users === undefined ? {} : { users: parseUsers(users) }),
    },
  };
}

type FileNames = Readonly<Partial<Record<'certificate' | 'key' | 'users', string>>>;

function readFiles(names: FileNames): FileNames | (Task & { readonly kind: 'refuse' }) {
  const contents: Partial<Record<keyof FileNames, string>> = {};
  for (const option of ['certificate', 'key', 'users'] as const) {
    const file = names[option];
    if (file === undefined) continue;
    try {
      contents[option] = readFileSync(file, 'utf8');
    } catch (error) {
      return refuse(
        `The file ${file} cannot be read (${error instanceof Error ? error.message : String(error)}): name another one`,
      );
    }
  }
  return contents;
}

function hashTask(name: string, groups: readonly string[]): Task {
  const unfit = [name, ...groups].find((part) => /[:,\s#]/.test(part));
  return unfit === undefined
    ? { kind: 'hash-password', name, groups }
    : refuse(`The name ${unfit} must not hold a colon, a comma, a # or a space`);
}

function refuse(sentence: string): Task & { readonly kind: 'refuse' } {
  return { kind: 'refuse', sentence: `${sentence}. ${USAGE}` };
}
