import { fromBER, type BaseBlock } from 'asn1js';
import { EvidenceRejected } from './rejected.js';

/** The bytes as an ArrayBuffer of their own, as PKI.js takes them. */
export function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

/**
 * Reads one ASN.1 value that is the whole of the bytes; bytes behind it, which many readers pass over, would be a place to hide things.
 *
 * @throws EvidenceRejected MALFORMED
 */
export function readDer(bytes: Uint8Array, what: string): BaseBlock {
  const { offset, result } = fromBER(arrayBuffer(bytes));
  if (offset !== bytes.length || result.error) {
    throw new EvidenceRejected('MALFORMED', `The ${what} is not one whole ASN.1 value.`, result.error);
  }
  return result;
}

/** Makes a PKI.js object of bytes. @throws EvidenceRejected MALFORMED */
export function parse<Parsed>(
  type: new (parameters: { schema: BaseBlock }) => Parsed,
  bytes: Uint8Array,
  what: string,
): Parsed {
  const schema = readDer(bytes, what);
  try {
    return new type({ schema });
  } catch (cause) {
    throw new EvidenceRejected('MALFORMED', `The ${what} is not built as its standard says.`, cause);
  }
}

/** The DER bytes of a PKI.js object. */
export function der(object: { toSchema(): BaseBlock }): Buffer {
  return Buffer.from(object.toSchema().toBER());
}
