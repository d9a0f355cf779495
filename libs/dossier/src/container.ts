import { zipSync, type Zippable } from 'fflate';
import { crc32 } from 'node:zlib';

/** The files of a container by name: ASCII, with slashes between folders. */
export type Files = ReadonlyMap<string, Buffer>;

const MIMETYPE = 'mimetype';
/** EN 319 162-1 §A.1: first in the container, not compressed, without a line feed. */
const ASIC_E = 'application/vnd.etsi.asic-e+zip';

/** The bytes are no ZIP archive of ours, or not a whole one. */
export class ContainerBroken extends Error {
  constructor(
    /** Offset in bytes from which on nothing could be read. */
    readonly at: number,
    sentence: string,
  ) {
    super(sentence);
    this.name = 'ContainerBroken';
  }
}

/** Packs files as ASiC-E: the media type first, the others by name, nothing compressed, no dates. The same files give the same bytes. */
export function pack(files: Files): Buffer {
  const names = [...files.keys()].filter((name) => name !== MIMETYPE).sort();
  const entries: Zippable = { [MIMETYPE]: Buffer.from(ASIC_E) };
  for (const name of names) entries[name] = files.get(name) ?? Buffer.alloc(0);
  // The first day that ZIP can write, in the local time that it has.
  return Buffer.from(zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) }));
}

const LOCAL_HEADER = 0x0403_4b50;
const CENTRAL_HEADER = 0x0201_4b50;
const HEADER_LENGTH = 30;

/** What a container holds. */
export interface Unpacked {
  readonly files: Files;
  /** Files whose bytes are not those of the checksum beside them. */
  readonly damaged: readonly string[];
  /** Whether the bytes are exactly those that `pack` makes of the files: nothing is hidden between, before or behind them. */
  readonly isCanonical: boolean;
}

/**
 * Reads a container from its beginning, entry by entry, believing no directory: what `pack` did not write is not read.
 *
 * @throws ContainerBroken
 */
export function unpack(bytes: Buffer): Unpacked {
  const files = new Map<string, Buffer>();
  const damaged: string[] = [];
  let at = 0;
  while (signatureAt(bytes, at) === LOCAL_HEADER) {
    const { name, content, crc, end } = entryAt(bytes, at);
    if (files.has(name)) throw new ContainerBroken(at, `The container has ${name} twice.`);
    if (crc32(content) !== crc) damaged.push(name);
    files.set(name, content);
    at = end;
  }
  if (files.size === 0 || signatureAt(bytes, at) !== CENTRAL_HEADER) {
    throw new ContainerBroken(at, `The container cannot be read from byte ${String(at)} on.`);
  }
  const isCanonical = files.get(MIMETYPE)?.toString('latin1') === ASIC_E && pack(files).equals(bytes);
  files.delete(MIMETYPE);
  return { files, damaged, isCanonical };
}

const signatureAt = (bytes: Buffer, at: number): number => (at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0);

/** A local file header (APPNOTE 4.3.7) with what follows it. */
function entryAt(bytes: Buffer, at: number) {
  const cut = new ContainerBroken(
    at,
    `The container is cut off, or an entry says a wrong length, at byte ${String(at)}.`,
  );
  if (at + HEADER_LENGTH > bytes.length) throw cut;
  const crc = bytes.readUInt32LE(at + 14);
  const size = bytes.readUInt32LE(at + 18);
  const from = at + HEADER_LENGTH + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  if (from + size > bytes.length) throw cut;
  const name = bytes.toString('latin1', at + HEADER_LENGTH, at + HEADER_LENGTH + bytes.readUInt16LE(at + 26));
  return { name, crc, content: bytes.subarray(from, from + size), end: from + size };
}
