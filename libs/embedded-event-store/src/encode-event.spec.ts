import { encodeReadEvent } from './encode-event.js';
import { persistent, streams } from './protocol.js';
import { TOMBSTONE_REVISION, type StoredEvent } from './stored-event.js';
import { uuidToBytes } from './uuid-bytes.js';

const ID = '0193a5c4-7b1e-7cc0-8f00-a1b2c3d4e5f6';

const stored = (changes: Partial<StoredEvent> = {}): StoredEvent => ({
  position: 5_000_000_123,
  stream: 'lettre-été',
  revision: 300,
  id: uuidToBytes(ID) ?? Buffer.alloc(16),
  type: 'Déposé',
  created: 1_764_000_000_123,
  json: 1,
  data: Buffer.from('{"a":1}'),
  metadata: Buffer.from('{"b":2}'),
  ...changes,
});

/** The generated classes read what was written by hand, so they are the judge. */
const decode = (encoded: Buffer) => streams.ReadResp.deserializeBinary(encoded).getEvent();

describe('an encoded event', () => {
  test('has every field where the protocol wants it', () => {
    const event = decode(encodeReadEvent({ event: stored(), link: undefined }, 'text'));
    const record = event?.getEvent();
    expect(event?.getCommitPosition()).toBe('5000000123');
    expect(event?.hasLink()).toBe(false);
    expect(record?.getId()?.getString()).toBe(ID);
    expect(Buffer.from(record?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe('lettre-été');
    expect(record?.getStreamRevision()).toBe('300');
    expect(record?.getPreparePosition()).toBe('5000000123');
    expect(record?.getCommitPosition()).toBe('5000000123');
    expect(record?.getMetadataMap().get('type')).toBe('Déposé');
    expect(record?.getMetadataMap().get('content-type')).toBe('application/json');
    expect(record?.getMetadataMap().get('created')).toBe('17640000001230000');
    expect(Buffer.from(record?.getData_asU8() ?? []).toString()).toBe('{"a":1}');
    expect(Buffer.from(record?.getCustomMetadata_asU8() ?? []).toString()).toBe('{"b":2}');
  });

  test.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 + 7, 2 ** 52])('takes the number %d', (number) => {
    const event = decode(
      encodeReadEvent({ event: stored({ revision: number, position: number }), link: undefined }, 'text'),
    );
    expect(event?.getEvent()?.getStreamRevision()).toBe(String(number));
    expect(event?.getCommitPosition()).toBe(String(number));
  });

  test.each([0, 1, 127, 128, 70_000])('takes data of %d bytes', (length) => {
    const data = length === 0 ? null : Buffer.alloc(length, 7);
    const record = decode(
      encodeReadEvent({ event: stored({ data, metadata: null, json: 0 }), link: undefined }, 'text'),
    );
    expect(record?.getEvent()?.getData_asU8()).toHaveLength(length);
    expect(record?.getEvent()?.getCustomMetadata_asU8()).toHaveLength(0);
    expect(record?.getEvent()?.getMetadataMap().get('content-type')).toBe('application/octet-stream');
  });

  test('of a tombstone has the largest revision', () => {
    const event = decode(encodeReadEvent({ event: stored({ revision: TOMBSTONE_REVISION }), link: undefined }, 'text'));
    expect(event?.getEvent()?.getStreamRevision()).toBe(String(2n ** 63n - 1n));
  });

  test('carries its id as two numbers when wanted', () => {
    const structured = decode(encodeReadEvent({ event: stored(), link: undefined }, 'structured'))
      ?.getEvent()
      ?.getId()
      ?.getStructured();
    const hex = (text = '0') => BigInt.asUintN(64, BigInt(text)).toString(16).padStart(16, '0');
    expect(hex(structured?.getMostSignificantBits()) + hex(structured?.getLeastSignificantBits())).toBe(
      ID.replaceAll('-', ''),
    );
  });

  test('carries the link, with the link’s position, and the retry count of a persistent subscription', () => {
    const link = stored({ position: 77, stream: 'links', type: '$>' });
    const encoded = encodeReadEvent({ event: stored(), link }, 'text', 3);
    const event = persistent.ReadResp.deserializeBinary(encoded).getEvent();
    expect(event?.getLink()?.getMetadataMap().get('type')).toBe('$>');
    expect(event?.getCommitPosition()).toBe('77');
    expect(event?.getRetryCount()).toBe(3);
    const broken = decode(encodeReadEvent({ event: undefined, link }, 'text'));
    expect(broken?.hasEvent()).toBe(false);
    expect(broken?.hasLink()).toBe(true);
  });
});
