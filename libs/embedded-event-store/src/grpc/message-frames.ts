import { status } from '@grpc/grpc-js';
import { gunzipSync, inflateSync } from 'node:zlib';
import { RpcError } from '../rpc-errors.js';

/** Before each message: one byte that says whether it is compressed, four with its length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const PREFIX_BYTES = 5;
/** Clients may send events of up to 16 MB, only to be told that an append is limited; the real server reads 17 MB too. */
const MAXIMUM_MESSAGE_BYTES = 17 * 1024 * 1024;

const INFLATE: Readonly<Record<string, typeof gunzipSync | undefined>> = { gzip: gunzipSync, deflate: inflateSync };

/** Writes the prefix of a message that is not compressed. */
export function prefixOf(message: Uint8Array): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix[0] = 0;
  prefix.writeUInt32BE(message.byteLength, 1);
  return prefix;
}

/** Cuts what arrives on a call into messages. */
export class MessageFrames {
  private kept: Buffer[] = [];
  private keptBytes = 0;
  /** Bytes that must be there before there is anything to do. */
  private wanted = PREFIX_BYTES;

  /** @param encoding what the call's `grpc-encoding` says */
  constructor(private readonly encoding: string | undefined) {}

  /**
   * Takes the next bytes and returns the messages that are complete with them.
   *
   * @throws RpcError RESOURCE_EXHAUSTED when a message is too large, UNIMPLEMENTED when it is compressed in an unknown way
   */
  take(bytes: Buffer): Buffer[] {
    this.kept.push(bytes);
    this.keptBytes += bytes.length;
    if (this.keptBytes < this.wanted) return [];
    let rest = this.kept.length === 1 ? bytes : Buffer.concat(this.kept, this.keptBytes);
    const messages: Buffer[] = [];
    for (;;) {
      this.wanted = rest.length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + lengthOf(rest);
      if (rest.length < this.wanted) break;
      messages.push(this.plain(rest[0] === 1, rest.subarray(PREFIX_BYTES, this.wanted)));
      rest = rest.subarray(this.wanted);
    }
    this.kept = rest.length === 0 ? [] : [rest];
    this.keptBytes = rest.length;
    return messages;
  }

  private plain(isCompressed: boolean, message: Buffer): Buffer {
    if (!isCompressed) return message;
    const inflate = INFLATE[this.encoding ?? ''];
    if (inflate === undefined) {
      throw new RpcError(status.UNIMPLEMENTED, `The compression ${this.encoding ?? ''} is unknown: use gzip or none.`);
    }
    try {
      return inflate(message, { maxOutputLength: MAXIMUM_MESSAGE_BYTES });
    } catch {
      throw new RpcError(status.INTERNAL, 'A compressed message cannot be read, or is too large.');
    }
  }
}

function lengthOf(prefixed: Buffer): number {
  const length = prefixed.readUInt32BE(1);
  if (length <= MAXIMUM_MESSAGE_BYTES) return length;
  throw new RpcError(
    status.RESOURCE_EXHAUSTED,
    `Received message larger than max (${length} vs. ${MAXIMUM_MESSAGE_BYTES})`,
  );
}
