import { LimitedMap } from './limited-map.js';
import { shared } from './protocol.js';
import { bytesFieldSize, ProtoWriter, varintSize } from './proto-writer.js';
import { TOMBSTONE_REVISION, type StoredEvent } from './stored-event.js';
import { uuidToText } from './uuid-bytes.js';

/** An event as a reader gets it: `link` is the `$>` event that led to `event`, which is absent when it can no longer be read. */
export interface ResolvedEvent {
  readonly event: StoredEvent | undefined;
  readonly link: StoredEvent | undefined;
}

/** How a client wants event ids: as text, or as two 64-bit numbers. */
export type UuidForm = 'text' | 'structured';

/** 2^63-1 as a varint: the revision of a tombstone. */
const TOMBSTONE_VARINT = Buffer.from('ffffffffffffffff7f', 'hex');
const TICKS_SUFFIX = '0000';
const CONTENT_TYPES = ['application/octet-stream', 'application/json'].map((type) => mapEntry('content-type', type));

const encodedTypes = new LimitedMap<string, Buffer>(10_000);
const encodedStreams = new LimitedMap<string, Buffer>(10_000);

/**
 * Encodes `ReadResp { event: ReadEvent }`, which streams and persistent subscriptions share field by field (streams.proto and
 * persistent.proto): event 1, link 2, commit_position 3, and for persistent subscriptions retry_count 5.
 * By hand, because the generated serialiser takes longer than everything else that a read does.
 */
export function encodeReadEvent(resolved: ResolvedEvent, uuidForm: UuidForm, retryCount?: number): Buffer {
  const event = resolved.event && prepareRecord(resolved.event, uuidForm);
  const link = resolved.link && prepareRecord(resolved.link, uuidForm);
  const position = (resolved.link ?? resolved.event)?.position ?? 0;
  const inner =
    (event === undefined ? 0 : bytesFieldSize(event.size)) +
    (link === undefined ? 0 : bytesFieldSize(link.size)) +
    (1 + varintSize(position)) +
    (retryCount === undefined ? 0 : 1 + varintSize(retryCount));
  const writer = new ProtoWriter(Buffer.allocUnsafe(bytesFieldSize(inner)));
  writer.openField(1, inner);
  if (event !== undefined) writeRecord(writer, 1, event);
  if (link !== undefined) writeRecord(writer, 2, link);
  writer.numberField(3, position);
  if (retryCount !== undefined) writer.numberField(5, retryCount);
  return writer.buffer;
}

interface PreparedRecord {
  readonly stored: StoredEvent;
  readonly id: Buffer | string;
  readonly stream: Buffer;
  readonly type: Buffer;
  readonly contentType: Buffer;
  readonly created: string;
  readonly size: number;
}

function prepareRecord(stored: StoredEvent, uuidForm: UuidForm): PreparedRecord {
  const id = uuidForm === 'text' ? uuidToText(stored.id) : structuredUuid(stored.id);
  const stream = encodedStream(stored.stream);
  const type = encodedType(stored.type);
  const contentType = CONTENT_TYPES[stored.json] ?? mapEntry('content-type', 'application/octet-stream');
  const created = String(stored.created) + TICKS_SUFFIX;
  const size =
    (typeof id === 'string' ? 40 : bytesFieldSize(id.length)) +
    stream.length +
    (stored.revision === TOMBSTONE_REVISION ? 1 + TOMBSTONE_VARINT.length : 1 + varintSize(stored.revision)) +
    2 * (1 + varintSize(stored.position)) +
    type.length +
    contentType.length +
    createdEntrySize(created) +
    (stored.metadata === null ? 0 : bytesFieldSize(stored.metadata.byteLength)) +
    (stored.data === null ? 0 : bytesFieldSize(stored.data.byteLength));
  return { stored, id, stream, type, contentType, created, size };
}

/** RecordedEvent: id 1, stream_identifier 2, stream_revision 3, prepare_position 4, commit_position 5, metadata 6, custom_metadata 7, data 8. */
function writeRecord(writer: ProtoWriter, field: number, record: PreparedRecord): void {
  const { stored, id } = record;
  writer.openField(field, record.size);
  if (typeof id === 'string') {
    writer.openField(1, 38);
    writer.asciiField(2, id);
  } else {
    writer.bytesField(1, id);
  }
  writer.raw(record.stream);
  if (stored.revision === TOMBSTONE_REVISION) {
    writer.raw(TOMBSTONE_TAG);
    writer.raw(TOMBSTONE_VARINT);
  } else {
    writer.numberField(3, stored.revision);
  }
  writer.numberField(4, stored.position);
  writer.numberField(5, stored.position);
  writer.raw(record.type);
  writer.raw(record.contentType);
  writer.openField(6, createdEntrySize(record.created) - 2);
  writer.asciiField(1, 'created');
  writer.asciiField(2, record.created);
  if (stored.metadata !== null) writer.bytesField(7, stored.metadata);
  if (stored.data !== null) writer.bytesField(8, stored.data);
}

const TOMBSTONE_TAG = Buffer.from([3 << 3]);

/** `created` is in ticks of 100 ns since the epoch; 11 = the key with tag and length (9) and tag and length of the value. */
function createdEntrySize(ticks: string): number {
  return 2 + 11 + ticks.length;
}

function structuredUuid(bytes: Uint8Array): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const structured = new shared.UUID.Structured();
  structured.setMostSignificantBits(view.getBigInt64(0).toString());
  structured.setLeastSignificantBits(view.getBigInt64(8).toString());
  return Buffer.from(new shared.UUID().setStructured(structured).serializeBinary());
}

function encodedStream(name: string): Buffer {
  const known = encodedStreams.get(name);
  if (known !== undefined) return known;
  const bytes = Buffer.from(name);
  const inner = bytesFieldSize(bytes.length);
  const writer = new ProtoWriter(Buffer.alloc(bytesFieldSize(inner)));
  writer.openField(2, inner);
  writer.bytesField(3, bytes);
  encodedStreams.set(name, writer.buffer);
  return writer.buffer;
}

function encodedType(type: string): Buffer {
  const known = encodedTypes.get(type);
  if (known !== undefined) return known;
  const entry = mapEntry('type', type);
  encodedTypes.set(type, entry);
  return entry;
}

/** One entry of the `metadata` map, with the tag of the map's field. */
function mapEntry(key: string, value: string): Buffer {
  const [keyBytes, valueBytes] = [Buffer.from(key), Buffer.from(value)];
  const inner = bytesFieldSize(keyBytes.length) + bytesFieldSize(valueBytes.length);
  const writer = new ProtoWriter(Buffer.alloc(bytesFieldSize(inner)));
  writer.openField(6, inner);
  writer.bytesField(1, keyBytes);
  writer.bytesField(2, valueBytes);
  return writer.buffer;
}
