import { createHash } from 'node:crypto';
import type { AllStreamRecordedEvent, EventData, RecordedEvent } from '@eventstore/db-client';
import { jsonEvent } from '@eventstore/db-client';
import { v5 as uuidv5 } from 'uuid';
import { chainValue } from '#libs/chain';
import type { EventBody, EventTypes } from './catalogue.js';
import type { CommandContext, DataAsStored, DomainEvent, EventMetadata, Position, StoredEvent } from './envelope.js';
import { EnvelopeInvalid, EventNotSerialisable, StreamKeyMissing } from './errors.js';
import type { Keyring } from './keyring.js';
import { openPersonal, sealPersonal } from './personal-part.js';
import type { StreamKey } from './stream-key.js';

/** Where in its stream an event goes, and what comes before it. */
export interface Place {
  readonly stream: string;
  readonly revision: bigint;
  /** Index among the events of its command. */
  readonly index: number;
  /** Chain value of the event before. */
  readonly chain: string;
}

/** An event as it was sent to the store. Its position and the store's time are known to readers only. */
export type AppendedEvent<Event extends DomainEvent = DomainEvent> = Omit<
  StoredEvent<Event>,
  'position' | 'recordedAt'
>;

/**
 * UUIDv5 of the cause and of everything the event says. The cause alone would not do: the store takes an append whose
 * ids it has already seen for a repetition and ignores what it says, and whoever sent it would then chain the next
 * event to something that was never written. See docs/decisions/0004-personal-part.md.
 */
function eventId(type: string, data: DataAsStored, place: Place, commandId: string): string {
  const said = createHash('sha256')
    .update(`${type}\n${place.chain}\n${JSON.stringify(data)}`)
    .digest('hex');
  return uuidv5(`${place.stream}/${place.index}/${said}`, commandId);
}

/**
 * Gives an event its envelope.
 *
 * @param key may be absent when the event has no personal part.
 * @throws EventTypeUnknown
 * @throws EventNotSerialisable
 */
export function toStored<Event extends DomainEvent>(
  event: Event,
  place: Place,
  key: StreamKey | undefined,
  types: EventTypes,
  context: CommandContext,
): AppendedEvent<Event> {
  const { stream, revision } = place;
  const schema = types.currentSchema(event.type);
  if (event.personal && !key) throw new StreamKeyMissing(stream);
  try {
    const personal = event.personal && key ? { personal: sealPersonal(event.personal, stream, key) } : {};
    const asStored: DataAsStored = { ...event.data, ...personal };
    const id = eventId(event.type, asStored, place, context.commandId);
    const chain = chainValue(place.chain, { id, type: event.type, schema, data: asStored });
    const { commandId, correlationId, causationId, actor } = context;
    const metadata: EventMetadata = { schema, commandId, correlationId, causationId, actor, chain };
    return { event, id, stream, revision, metadata, asStored };
  } catch (cause) {
    throw new EventNotSerialisable(event.type, cause);
  }
}

/** The form in which the client library takes an event. */
export function toEventData({ id, event, asStored, metadata }: AppendedEvent): EventData {
  return jsonEvent({ id, type: event.type, data: asStored, metadata: { ...metadata } });
}

type Recorded = RecordedEvent | AllStreamRecordedEvent;

function isMetadata(metadata: unknown): metadata is EventMetadata {
  if (typeof metadata !== 'object' || metadata === null) return false;
  const { schema, commandId, chain } = metadata as Partial<Record<keyof EventMetadata, unknown>>;
  return Number.isInteger(schema) && typeof commandId === 'string' && typeof chain === 'string';
}

/** Checks the envelope of an event that was read. @throws EnvelopeInvalid */
function envelopeOf(recorded: Recorded): { data: DataAsStored; metadata: EventMetadata; position: Position } {
  const where = `${recorded.streamId}@${recorded.revision}`;
  const { data, metadata, position } = recorded;
  if (!recorded.isJson || typeof data !== 'object' || Array.isArray(data)) {
    throw new EnvelopeInvalid(where, 'its data is no JSON object');
  }
  if (!isMetadata(metadata)) throw new EnvelopeInvalid(where, 'its metadata lacks schema, commandId or chain');
  if (!position) throw new EnvelopeInvalid(where, 'the store gives it no position; EventStoreDB 22.6 or newer does');
  return { data: data as DataAsStored, metadata, position };
}

function hasPersonal(recorded: Recorded): boolean {
  return recorded.isJson && typeof (recorded.data as { personal?: unknown }).personal === 'string';
}

function fromRecorded(recorded: Recorded, key: StreamKey | undefined, types: EventTypes): StoredEvent {
  const { data: asStored, metadata, position } = envelopeOf(recorded);
  const { personal, ...data } = asStored;
  const body: EventBody =
    typeof personal === 'string' && key
      ? { data, personal: openPersonal(personal, recorded.streamId, key) as Record<string, unknown> }
      : { data };
  const { streamId: stream, revision, id, created: recordedAt } = recorded;
  const event = types.upcast(recorded.type, metadata.schema, body, `${stream}@${revision}`);
  return { event, id, stream, revision, position, recordedAt, metadata, asStored };
}

/**
 * Opens events that were read, with one question to the key ring for all of them.
 *
 * @throws StreamKeyMissing
 * @throws PersonalPartUnreadable
 * @throws EnvelopeInvalid
 * @throws EventTypeUnknown
 * @throws EventSchemaTooNew
 */
export async function readStored(
  recorded: readonly Recorded[],
  keyring: Keyring,
  types: EventTypes,
): Promise<StoredEvent[]> {
  const locked = new Set<string>();
  for (const each of recorded) if (hasPersonal(each)) locked.add(each.streamId);
  const keys = locked.size === 0 ? undefined : await keyring.getMany(locked);
  return recorded.map((each) => fromRecorded(each, keys?.get(each.streamId), types));
}
