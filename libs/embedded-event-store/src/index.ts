export { startEventStore } from './server.js';
export type { EventStoreOptions, EventStoreServer } from './server.js';
export { EmbeddedEventStoreError } from './errors.js';
export type { EmbeddedEventStoreErrorCode } from './errors.js';
