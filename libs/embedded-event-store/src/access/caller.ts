import type { EventLog } from '../event-log.js';
import { isMetadataStream, metadataStreamOf, ownerOfMetadataStream, parseMetadata } from '../stream-state.js';
import type { User } from './users.js';

/** What can be done with a stream. */
export type StreamAction = 'read' | 'write' | 'delete';

/** Who makes a call, and what this one may do. */
export interface Caller {
  readonly name: string;
  /** False for one who has not said who it is, where that is asked for. */
  readonly isKnown: boolean;
  /** May make, change and delete persistent subscriptions. */
  readonly mayManage: boolean;
  /** `$all` as the stream means reading all events. */
  mayDo(action: StreamAction, stream: string): boolean;
}

/** Everyone, where no users are configured: an open server, as EventStoreDB is with `--insecure`. */
export const everyone: Caller = { name: 'system', isKnown: true, mayManage: true, mayDo: () => true };

/** One without credentials, where users are configured. */
export const anonymous: Caller = { name: 'anonymous', isKnown: false, mayManage: false, mayDo: () => false };

const ADMIN = 'admin';
const ADMINS = '$admins';
const OPERATORS = '$ops';
const EVERYONE = '$all';

/** The keys of `$acl`, by action; for a stream of metadata those of the stream that it is about. */
const KEYS = { read: '$r', write: '$w', delete: '$d' } as const;
const METADATA_KEYS = { read: '$mr', write: '$mw', delete: undefined } as const;

/**
 * A user. Administrators may do everything; others what the `$acl` of a stream gives to them, to a group of theirs or to all.
 * Without `$acl`, streams are for everyone and system streams for administrators.
 */
export function callerFor({ name, groups }: User, log: EventLog): Caller {
  const roles = new Set([name, ...groups, EVERYONE]);
  const isAdmin = name === ADMIN || roles.has(ADMINS);
  return {
    name,
    isKnown: true,
    mayManage: isAdmin || name === 'ops' || roles.has(OPERATORS),
    mayDo: (action, stream) => isAdmin || rolesFor(log, action, stream).some((role) => roles.has(role)),
  };
}

function rolesFor(log: EventLog, action: StreamAction, stream: string): readonly string[] {
  const isMetadata = isMetadataStream(stream);
  const owner = isMetadata ? ownerOfMetadataStream(stream) : stream;
  const key = (isMetadata ? METADATA_KEYS : KEYS)[action];
  if (key === undefined) return [];
  const acl = parseMetadata(log.lastEventOf(metadataStreamOf(owner))?.data ?? null)['$acl'];
  const roles = typeof acl === 'object' && acl !== null ? (acl as Record<string, unknown>)[key] : undefined;
  if (typeof roles === 'string') return [roles];
  if (Array.isArray(roles)) return roles.filter((role) => typeof role === 'string');
  return owner.startsWith('$') ? [ADMINS] : [EVERYONE];
}
