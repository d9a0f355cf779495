import { createHmac, randomBytes } from 'node:crypto';
import type { EventLog } from '../event-log.js';
import { LimitedMap } from '../limited-map.js';
import { anonymous, callerFor, everyone, type Caller } from './caller.js';
import { isPasswordRight } from './password-hash.js';
import type { User } from './users.js';

/** Compared when there is no such user, so that the time does not tell which names exist. */
const NOBODY = 'scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const REMEMBERED = 1_000;

/** Recognises callers by the `authorization` header of their calls (HTTP Basic, RFC 7617). */
export class Authenticator {
  private readonly callers: ReadonlyMap<string, { readonly user: User; readonly caller: Caller }> | undefined;
  /** Headers that were right, by their keyed digest: hashing the password again at each call would take longer than the call. */
  private readonly recognised = new LimitedMap<string, Caller>(REMEMBERED);
  /** Headers that are being looked at: many first calls of a connection cost one hashing. */
  private readonly pending = new Map<string, Promise<Caller | undefined>>();
  private readonly key = randomBytes(32);

  /** @param users undefined for an open server */
  constructor(users: readonly User[] | undefined, log: EventLog) {
    this.callers = users && new Map(users.map((user) => [user.name, { user, caller: callerFor(user, log) }]));
  }

  /** Who makes the call; undefined when the credentials are wrong. A promise only the first time that they are seen. */
  callerOf(authorization: string | undefined): Caller | Promise<Caller | undefined> {
    if (this.callers === undefined) return everyone;
    if (authorization === undefined) return anonymous;
    const digest = createHmac('sha256', this.key).update(authorization).digest('base64');
    const known = this.recognised.get(digest) ?? this.pending.get(digest);
    if (known !== undefined) return known;
    const recognising = this.recognise(authorization, digest).finally(() => this.pending.delete(digest));
    this.pending.set(digest, recognising);
    return recognising;
  }

  private async recognise(authorization: string, digest: string): Promise<Caller | undefined> {
    const [scheme = '', encoded = ''] = authorization.split(' ');
    const credentials = Buffer.from(encoded, 'base64').toString('utf8');
    const separator = credentials.indexOf(':');
    if (scheme.toLowerCase() !== 'basic' || separator < 0) return undefined;
    const found = this.callers?.get(credentials.slice(0, separator));
    const isRight = await isPasswordRight(credentials.slice(separator + 1), found?.user.passwordHash ?? NOBODY);
    if (!isRight || found === undefined) return undefined;
    this.recognised.set(digest, found.caller);
    return found.caller;
  }
}
