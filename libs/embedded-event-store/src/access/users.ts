import { EmbeddedEventStoreError } from '../errors.js';
import { isPasswordHash } from './password-hash.js';

/** Somebody who may use the store. */
export interface User {
  readonly name: string;
  /** `$admins` may do everything, `$ops` may manage persistent subscriptions; others are named in the `$acl` of streams. */
  readonly groups: readonly string[];
  /** As `hashPassword` makes it. */
  readonly passwordHash: string;
}

/**
 * Reads users from text, one a line: `name:group,group:hash`. Empty lines and lines that begin with `#` are left out.
 *
 * @throws EmbeddedEventStoreError USERS_UNUSABLE, naming the line and never its hash
 */
export function parseUsers(text: string): User[] {
  const users = text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('#') ? [] : [userOf(trimmed, index + 1)];
  });
  if (users.length === 0) throw unusable('it names nobody: add a line by "event-store hash-password NAME"');
  const twice = users.find(({ name }, index) => users.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw unusable(`it names ${twice.name} twice: leave one line`);
  return users;
}

function userOf(line: string, number: number): User {
  const [name = '', groups = '', passwordHash = '', ...rest] = line.split(':');
  if (name === '' || rest.length > 0 || !isPasswordHash(passwordHash)) {
    throw unusable(`line ${number} is not name:groups:hash: make it by "event-store hash-password NAME"`);
  }
  return { name, groups: groups.split(',').filter((group) => group !== ''), passwordHash };
}

function unusable(finding: string): EmbeddedEventStoreError {
  return new EmbeddedEventStoreError('USERS_UNUSABLE', `The file of the users cannot be used, ${finding}.`);
}
