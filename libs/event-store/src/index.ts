export type { Catalogue, CatalogueEntry, EventBody } from './catalogue.js';
export { chainLink } from './chain-link.js';
export type {
  CommandContext,
  DataAsStored,
  Decider,
  DomainEvent,
  EventMetadata,
  Position,
  Refusal,
  StoredEvent,
  StreamRevision,
} from './envelope.js';
export { comparePositions } from './envelope.js';
export { CommandRefused, ConcurrencyExhausted, EventStoreUnavailable, StreamKeyMissing } from './errors.js';
export type { EventStoreOptions, Executed, Order, LoadedStream } from './event-store.js';
export { EventStore } from './event-store.js';
export { Keyring, MongoKeyring } from './keyring.js';
export { isMongoAway } from './mongo-availability.js';
export type { ParkedEvent } from './parked-events.js';
export type { AppendedEvent } from './serialisation.js';
export { StreamKey } from './stream-key.js';
export type { SubscribeOptions, SubscriptionBatch, SubscriptionItem } from './subscription.js';
export type { EventStoreTransportOptions, TransportStatus } from './transport.js';
export { EventContext, EventStoreTransport, HandlerFailureFilter } from './transport.js';
