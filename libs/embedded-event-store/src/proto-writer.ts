/** Bytes that a number takes as a base-128 varint (https://protobuf.dev/programming-guides/encoding/#varints). */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Size of a field of bytes with a one-byte tag: tag, length, content. */
export function bytesFieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/** Fills a buffer of known size with protobuf fields; every field number here is below 16, so that each tag is one byte. */
export class ProtoWriter {
  private at = 0;

  constructor(readonly buffer: Buffer) {}

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.at++] = rest;
  }

  numberField(field: number, value: number): void {
    this.buffer[this.at++] = field << 3;
    this.varint(value);
  }

  /** Tag and length of a field of which the content follows by other calls. */
  openField(field: number, length: number): void {
    this.buffer[this.at++] = (field << 3) | 2;
    this.varint(length);
  }

  bytesField(field: number, bytes: Uint8Array): void {
    this.openField(field, bytes.byteLength);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.at);
    this.at += bytes.byteLength;
  }

  asciiField(field: number, text: string): void {
    this.openField(field, text.length);
    this.at += this.buffer.write(text, this.at, 'latin1');
  }
}
