import { LINK_TYPE } from '../links.js';
import { TOMBSTONE_REVISION, type StoredEvent } from '../stored-event.js';
import { isMetadataStream, ownerOfMetadataStream, parseMetadata, SOFT_DELETE } from '../stream-state.js';

/** What a projection writes for an event: a link as a rule, `$@` (the name of a stream) for `$stream_by_category`. */
export interface EmittedLink {
  readonly stream: string;
  readonly type: typeof LINK_TYPE | '$@';
  readonly data: string;
  /** Metadata beside `$c`, `$p` and `$causedBy`, which every emitted event has. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** One of the projections that EventStoreDB brings along. */
export interface SystemProjection {
  readonly name: string;
  readonly emit: (event: StoredEvent) => EmittedLink | undefined;
}

/** The five, with the real server's default settings; all of them follow `$all` (EventStore.Projections.Core/Standard). */
export const SYSTEM_PROJECTIONS: readonly SystemProjection[] = [
  { name: '$streams', emit: linkToStream },
  { name: '$stream_by_category', emit: nameInCategory },
  { name: '$by_category', emit: linkInCategory },
  { name: '$by_event_type', emit: linkByType },
  { name: '$by_correlation_id', emit: linkByCorrelation },
];

/** `$streams`: the first event of every stream. */
function linkToStream(event: StoredEvent): EmittedLink | undefined {
  if (event.revision !== 0) return undefined;
  return { stream: '$streams', type: LINK_TYPE, data: `0@${event.stream}` };
}

/** `$category-<category>`: the names of the streams of a category. */
function nameInCategory(event: StoredEvent): EmittedLink | undefined {
  const category = categoryOf(event.stream);
  if (event.revision !== 0 || category === undefined) return undefined;
  return { stream: `$category-${category}`, type: '$@', data: event.stream };
}

/** `$ce-<category>`: every event of a category, and the deletion of its streams. */
function linkInCategory(event: StoredEvent): EmittedLink | undefined {
  const deleted = deletedStreamOf(event);
  const category = categoryOf(deleted ?? event.stream);
  if (category === undefined) return undefined;
  // A link in the stream is not linked itself: the category leads to what it leads to.
  const data = event.type === LINK_TYPE ? Buffer.from(event.data ?? []).toString() : targetOf(event, event.stream);
  const extra = { $o: deleted ?? event.stream, ...(deleted === undefined ? {} : { $deleted: -1 }) };
  return { stream: `$ce-${category}`, type: LINK_TYPE, data, extra };
}

/** `$et-<type>`: every event of a type; deletions are of the type `$deleted`. */
function linkByType(event: StoredEvent): EmittedLink | undefined {
  if (event.type === LINK_TYPE) return undefined;
  const deleted = deletedStreamOf(event);
  const type = deleted === undefined ? event.type : '$deleted';
  // The real server leads from metadata to the stream that it is about, at the revision of the metadata.
  const owner = isMetadataStream(event.stream) ? ownerOfMetadataStream(event.stream) : event.stream;
  const link = { stream: `$et-${type}`, type: LINK_TYPE, data: targetOf(event, owner) } as const;
  return deleted === undefined ? link : { ...link, extra: { $deleted: -1 } };
}

/** `$bc-<id>`: every event whose metadata has this `$correlationId`. */
function linkByCorrelation(event: StoredEvent): EmittedLink | undefined {
  if (event.type === LINK_TYPE || event.metadata === null) return undefined;
  const correlation = parseMetadata(event.metadata)['$correlationId'];
  if (typeof correlation !== 'string' || correlation === '') return undefined;
  const extra = { $eventTimestamp: new Date(event.created).toISOString().replace('Z', '000Z') };
  return { stream: `$bc-${correlation}`, type: LINK_TYPE, data: targetOf(event, event.stream), extra };
}

/** What stands before the first `-` of a name; system streams and names without one have no category. */
function categoryOf(stream: string): string | undefined {
  const separator = stream.indexOf('-');
  return stream.startsWith('$') || separator < 0 ? undefined : stream.slice(0, separator);
}

/** The stream that this event deletes: by a tombstone, or by metadata that hides all of it. */
function deletedStreamOf({ stream, type, data }: StoredEvent): string | undefined {
  if (!isMetadataStream(stream)) return type === '$streamDeleted' ? stream : undefined;
  if (type !== '$metadata') return undefined;
  const truncateBefore = parseMetadata(data)['$tb'];
  return typeof truncateBefore === 'number' && truncateBefore >= SOFT_DELETE
    ? ownerOfMetadataStream(stream)
    : undefined;
}

function targetOf({ revision }: StoredEvent, stream: string): string {
  return `${revision === TOMBSTONE_REVISION ? '9223372036854775807' : revision}@${stream}`;
}
