import { inflateSync } from 'node:zlib';
import {
  type Dictionary,
  dictionary,
  list,
  reference,
  word,
  type PdfValue,
  type PrintedFile,
  type Reference,
} from './pdf-objects.js';
import { PrintFailed } from './print-errors.js';
import { TrueTypeFont } from './true-type.js';

/** What of a font goes into one document: it depends on the font and on the glyphs that the document shows, and on nothing else. */
export interface FontPart {
  /** Type 0 font, descendant and descriptor (ISO 32000-1, 9.7), without their references to each other. */
  readonly font: Dictionary;
  readonly descendant: Dictionary;
  readonly descriptor: Dictionary;
  readonly program: Buffer;
  readonly toUnicode: Buffer;
}

/** A font as Chromium embedded it for all documents of a job: a TrueType program whose glyphs have their original numbers. */
export class EmbeddedFont {
  private readonly font: Dictionary;
  private readonly descendant: Dictionary;
  private readonly descriptor: Dictionary;
  private readonly name: string;
  private readonly program: TrueTypeFont;
  private readonly widths: ReadonlyMap<number, string>;
  private readonly characters: ReadonlyMap<number, string>;

  /** @throws PrintFailed (UNEXPECTED_OUTPUT) for a font of any other kind */
  constructor(file: PrintedFile, at: Reference) {
    this.font = dictionary(file.object(at).value);
    const [descendant] = list(file.value(this.font.get('/DescendantFonts')));
    this.descendant = dictionary(file.value(descendant));
    this.descriptor = dictionary(file.value(this.descendant.get('/FontDescriptor')));
    const isKnown =
      this.font.get('/Encoding') === '/Identity-H' &&
      this.descendant.get('/Subtype') === '/CIDFontType2' &&
      this.descendant.get('/CIDToGIDMap') === '/Identity';
    if (!isKnown) throw new PrintFailed('UNEXPECTED_OUTPUT');
    this.name = word(this.font.get('/BaseFont')).replace(/^\/[A-Z]{6}\+/, '');
    this.program = new TrueTypeFont(inflated(file, this.descriptor.get('/FontFile2')));
    this.widths = widthsOf(this.descendant);
    this.characters = charactersOf(inflated(file, this.font.get('/ToUnicode')).toString('latin1'));
  }

  only(glyphs: ReadonlySet<number>): FontPart {
    const kept = [...new Set([0, ...glyphs])].sort((one, other) => one - other);
    // ISO 32000-1, 9.6.4: a subset bears a tag; readers tell the fonts of one file apart by their objects.
    const name = `/PLIPLI+${this.name}`;
    return {
      font: changed(this.font, { '/BaseFont': name }, ['/DescendantFonts', '/ToUnicode']),
      descendant: changed(this.descendant, { '/BaseFont': name, '/W': this.widthsFor(kept) }, [
        '/DW',
        '/FontDescriptor',
      ]),
      descriptor: changed(this.descriptor, { '/FontName': name }, ['/FontFile2']),
      program: this.program.only(kept),
      toUnicode: Buffer.from(characterMap(kept.flatMap((glyph) => this.entryOf(glyph))), 'latin1'),
    };
  }

  private widthsFor(glyphs: readonly number[]): PdfValue {
    return glyphs.flatMap((glyph): PdfValue[] => [String(glyph), [this.widths.get(glyph) ?? this.otherWidth]]);
  }

  private get otherWidth(): string {
    return word(this.descendant.get('/DW') ?? '1000');
  }

  private entryOf(glyph: number): string[] {
    const character = this.characters.get(glyph);
    return character === undefined ? [] : [`<${hexadecimal(glyph)}> <${character}>`];
  }
}

function changed(dict: Dictionary, entries: Record<string, PdfValue>, without: readonly string[]): Dictionary {
  return new Map([...dict, ...Object.entries(entries)].filter(([name]) => !without.includes(name)));
}

function inflated(file: PrintedFile, at: PdfValue | undefined): Buffer {
  const { value, stream } = file.object(reference(at));
  if (!stream || dictionary(value).get('/Filter') !== '/FlateDecode') throw new PrintFailed('UNEXPECTED_OUTPUT');
  return inflateSync(stream);
}

/** ISO 32000-1, 9.7.4.3: `first [width width …]`, or `first last width`. */
function widthsOf(descendant: Dictionary): Map<number, string> {
  const entries = list(descendant.get('/W'));
  const widths = new Map<number, string>();
  for (let place = 0; place < entries.length;) {
    const [first, next] = [Number(entries[place]), entries[place + 1]];
    if (Array.isArray(next)) {
      (next as readonly PdfValue[]).forEach((width, index) => widths.set(first + index, word(width)));
      place += 2;
    } else {
      for (let glyph = first; glyph <= Number(next); glyph += 1) widths.set(glyph, word(entries[place + 2]));
      place += 3;
    }
  }
  return widths;
}

const SECTION = /begin(bfchar|bfrange)\n([\s\S]*?)\nend\1/g;

/** The characters that each glyph stands for, in hexadecimal UTF-16 (ISO 32000-1, 9.10.3). */
function charactersOf(map: string): Map<number, string> {
  const characters = new Map<number, string>();
  for (const [, kind, lines = ''] of map.matchAll(SECTION)) {
    for (const line of lines.split('\n')) {
      const [from = '', to = '', character = ''] = line.match(/[\dA-Fa-f]+/g) ?? [];
      if (kind === 'bfchar') characters.set(Number.parseInt(from, 16), to);
      else addRange(characters, from, to, character);
    }
  }
  return characters;
}

function addRange(characters: Map<number, string>, from: string, to: string, character: string): void {
  const [first, last, code] = [from, to, character].map((digits) => Number.parseInt(digits, 16)) as [
    number,
    number,
    number,
  ];
  for (let glyph = first; glyph <= last; glyph += 1) characters.set(glyph, hexadecimal(code + glyph - first));
}

const hexadecimal = (number: number): string => number.toString(16).toUpperCase().padStart(4, '0');

/** Entries that one section may have at most (Adobe Technical Note 5411). */
const LONGEST_SECTION = 100;

function characterMap(entries: readonly string[]): string {
  const sections = Array.from({ length: Math.ceil(entries.length / LONGEST_SECTION) }, (_, index) =>
    entries.slice(index * LONGEST_SECTION, (index + 1) * LONGEST_SECTION),
  ).map((section) => `${section.length} beginbfchar\n${section.join('\n')}\nendbfchar\n`);
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
${sections.join('')}endcmap
CMapName currentdict /CMap defineresource pop
end
end`;
}
