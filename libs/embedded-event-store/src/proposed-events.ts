import { maximumAppendSizeExceeded, missingMetadata } from './rpc-errors.js';
import { invalidArgument, type RpcError } from './rpc-errors.js';
import type { shared } from './protocol.js';
import type { ProposedEvent } from './stored-event.js';
import { uuidToBytes } from './uuid-bytes.js';

/** Bytes of event data that one append may hold unless told otherwise; metadata and names do not count. */
export const MAXIMUM_APPEND_SIZE = 1_048_576;

/** The part of `AppendReq.ProposedMessage` and `BatchAppendReq.ProposedMessage` that is read; both have the same shape. */
interface ProposedMessage {
  getId(): shared.UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

/** The events of one append while they arrive. */
export class ProposedEvents {
  readonly events: ProposedEvent[] = [];
  private dataBytes = 0;

  constructor(private readonly maximumSize: number) {}

  /** Takes the next event, or says what is wrong with it. */
  add(message: ProposedMessage): RpcError | undefined {
    const id = idOf(message.getId());
    if (id === undefined) return invalidArgument('An event needs an id that is a UUID.');
    const type = message.getMetadataMap().get('type');
    if (type === undefined) return missingMetadata('type');
    if (type === '') return invalidArgument('An event type must not be empty.');
    const contentType = message.getMetadataMap().get('content-type');
    if (contentType === undefined) return missingMetadata('content-type');
    const data = message.getData_asU8();
    this.dataBytes += data.byteLength;
    if (this.dataBytes > this.maximumSize) return maximumAppendSizeExceeded(this.maximumSize);
    this.events.push({
      id,
      type,
      json: contentType === 'application/json',
      data,
      metadata: message.getCustomMetadata_asU8(),
    });
    return undefined;
  }
}

/** The bytes of an id in either of its two forms on the wire. */
export function idOf(id: shared.UUID | undefined): Uint8Array | undefined {
  const structured = id?.getStructured();
  if (structured === undefined) return uuidToBytes(id?.getString() ?? '');
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt(structured.getMostSignificantBits()), 0);
  bytes.writeBigInt64BE(BigInt(structured.getLeastSignificantBits()), 8);
  return bytes;
}
