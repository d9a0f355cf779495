import { PrintFailed } from './print-errors.js';

/**
 * What a font program embedded in a PDF needs (ISO 32000-1, 9.9); glyphs are named by their numbers there, not by characters.
 * In the order of their tags, as the table directory wants them.
 */
const TABLES = ['cvt ', 'fpgm', 'glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp', 'prep'];

/** Flags of a composite glyph (OpenType, "glyf": Composite Glyph Description). */
const ARGUMENTS_ARE_WORDS = 0x0001;
const ONE_SCALE = 0x0008;
const MORE_COMPONENTS = 0x0020;
const TWO_SCALES = 0x0040;
const TWO_BY_TWO = 0x0080;

/** What `checkSumAdjustment` of the table `head` is to make the sum over the whole file come to. */
const MAGIC_SUM = 0xb1b0afba;

/** A TrueType font program that keeps the glyphs of the original under their original numbers; the glyphs it lacks are empty. */
export class TrueTypeFont {
  private readonly tables = new Map<string, Buffer>();
  private readonly places: (glyph: number) => number;
  private readonly metrics: number;

  /** @throws PrintFailed (UNEXPECTED_OUTPUT) when a table is missing */
  constructor(program: Buffer) {
    for (let entry = 12; entry < 12 + 16 * program.readUInt16BE(4); entry += 16) {
      const [from, length] = [program.readUInt32BE(entry + 8), program.readUInt32BE(entry + 12)];
      this.tables.set(program.toString('latin1', entry, entry + 4), program.subarray(from, from + length));
    }
    const loca = this.table('loca');
    const isLong = this.table('head').readInt16BE(50) === 1;
    this.places = (glyph) => (isLong ? loca.readUInt32BE(glyph * 4) : loca.readUInt16BE(glyph * 2) * 2);
    this.metrics = this.table('hhea').readUInt16BE(34);
  }

  /**
   * The program with these glyphs and those that they are composed of, and no other. It depends on the original font and on the
   * glyphs alone: not on which other glyphs this program happens to have.
   */
  only(glyphs: Iterable<number>): Buffer {
    const kept = this.closure(glyphs);
    const count = (kept.at(-1) ?? 0) + 1;
    const parts: Uint8Array[] = [];
    const [loca, hmtx] = [Buffer.alloc((count + 1) * 4), Buffer.alloc(count * 4)];
    let size = 0;
    let next = 0;
    for (const glyph of kept) {
      for (; next <= glyph; next += 1) loca.writeUInt32BE(size, next * 4);
      const outline = this.outline(glyph);
      // Outlines begin at even places.
      parts.push(outline, Buffer.alloc(outline.length % 2));
      size += outline.length + (outline.length % 2);
      this.metricOf(glyph).copy(hmtx, glyph * 4);
    }
    loca.writeUInt32BE(size, count * 4);
    const [head, hhea, maxp] = ['head', 'hhea', 'maxp'].map((tag) => Buffer.from(this.table(tag)));
    head?.writeUInt32BE(0, 8);
    head?.writeInt16BE(1, 50);
    hhea?.writeUInt16BE(count, 34);
    maxp?.writeUInt16BE(count, 4);
    return assembled(
      new Map(Object.entries({ ...this.programs(), glyf: Buffer.concat(parts), loca, hmtx, head, hhea, maxp })),
    );
  }

  /** The instructions that glyphs call. */
  private programs(): Record<string, Buffer | undefined> {
    return Object.fromEntries(['cvt ', 'fpgm', 'prep'].map((tag) => [tag, this.tables.get(tag)]));
  }

  private closure(glyphs: Iterable<number>): number[] {
    // Glyph 0 is what a reader shows for a missing one.
    const kept = new Set([0, ...glyphs]);
    for (const glyph of kept) for (const component of componentsOf(this.outline(glyph))) kept.add(component);
    return [...kept].sort((one, other) => one - other);
  }

  private outline(glyph: number): Buffer {
    return this.table('glyf').subarray(this.places(glyph), this.places(glyph + 1));
  }

  /** Advance and left side bearing. Glyphs behind the last full entry have its advance and a bearing of their own. */
  private metricOf(glyph: number): Buffer {
    const hmtx = this.table('hmtx');
    if (glyph < this.metrics) return hmtx.subarray(glyph * 4, glyph * 4 + 4);
    const [last, bearing] = [(this.metrics - 1) * 4, this.metrics * 4 + (glyph - this.metrics) * 2];
    return Buffer.concat([hmtx.subarray(last, last + 2), hmtx.subarray(bearing, bearing + 2)]);
  }

  private table(tag: string): Buffer {
    const table = this.tables.get(tag);
    if (!table) throw new PrintFailed('UNEXPECTED_OUTPUT');
    return table;
  }
}

function* componentsOf(outline: Buffer): Iterable<number> {
  if (outline.length < 10 || outline.readInt16BE(0) >= 0) return;
  for (let place = 10, flags = MORE_COMPONENTS; flags & MORE_COMPONENTS;) {
    flags = outline.readUInt16BE(place);
    yield outline.readUInt16BE(place + 2);
    place += flags & ARGUMENTS_ARE_WORDS ? 8 : 6;
    if (flags & ONE_SCALE) place += 2;
    else if (flags & TWO_SCALES) place += 4;
    else if (flags & TWO_BY_TWO) place += 8;
  }
}

function assembled(tables: ReadonlyMap<string, Buffer | undefined>): Buffer {
  const present = TABLES.map((tag) => ({ tag, table: tables.get(tag) ?? Buffer.alloc(0) })).filter(
    ({ table }) => table.length > 0,
  );
  const directory = Buffer.alloc(12 + 16 * present.length);
  const power = Math.floor(Math.log2(present.length));
  directory.writeUInt32BE(0x00010000, 0);
  [present.length, 16 * 2 ** power, power, 16 * (present.length - 2 ** power)].forEach((number, index) =>
    directory.writeUInt16BE(number, 4 + 2 * index),
  );
  const parts: Uint8Array[] = [directory];
  let place = directory.length;
  let adjustment = 0;
  for (const [index, { tag, table }] of present.entries()) {
    const entry = 12 + 16 * index;
    directory.write(tag, entry, 'latin1');
    [checkSum(table), place, table.length].forEach((number, field) =>
      directory.writeUInt32BE(number, entry + 4 + 4 * field),
    );
    if (tag === 'head') adjustment = place + 8;
    parts.push(table, Buffer.alloc(padding(table)));
    place += table.length + padding(table);
  }
  const program = Buffer.concat(parts);
  program.writeUInt32BE((MAGIC_SUM - checkSum(program)) >>> 0, adjustment);
  return program;
}

const padding = (table: Buffer): number => (4 - (table.length % 4)) % 4;

/** The sum of a table's 32-bit words, a last incomplete one filled up with zeros. */
function checkSum(table: Buffer): number {
  const whole = table.length - (table.length % 4);
  let sum = 0;
  for (let place = 0; place < whole; place += 4) sum = (sum + table.readUInt32BE(place)) >>> 0;
  for (let place = whole; place < table.length; place += 1) {
    sum = (sum + (table[place] ?? 0) * 2 ** (24 - 8 * (place % 4))) >>> 0;
  }
  return sum;
}
