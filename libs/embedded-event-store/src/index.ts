export { startEventStore } from './server.js';
export type { EventStoreOptions, EventStoreServer } from './server.js';
export { hashPassword } from './access/password-hash.js';
export { parseUsers } from './access/users.js';
export type { User } from './access/users.js';
export { EmbeddedEventStoreError } from './errors.js';
export type { EmbeddedEventStoreErrorCode } from './errors.js';
