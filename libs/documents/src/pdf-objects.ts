import { PrintFailed } from './print-errors.js';

/** A reference to another object of the file. */
export class Reference {
  constructor(readonly number: number) {}
}

export type Dictionary = Map<string, PdfValue>;

/** An object of a PDF (ISO 32000-1, 7.3); what is neither reference, array nor dictionary is kept as it is written. */
export type PdfValue = string | Reference | readonly PdfValue[] | Dictionary;

/** An object of its own, with the bytes of its stream where it is one. */
export interface PdfObject {
  readonly value: PdfValue;
  readonly stream: Buffer | undefined;
}

/** A string in brackets or in hexadecimal digits; what stands in one is never syntax. */
export const STRING = String.raw`\((?:\\[\s\S]|[^\\()])*\)|<[\dA-Fa-f\s]*>`;

const TOKEN = new RegExp(String.raw`\s*(<<|>>|\[|\]|(\d+) 0 R\b|${STRING}|\/[^\s()<>[\]{}/%]*|[^\s()<>[\]{}/%]+)`, 'y');
const STREAM = /\s*stream\r?\n/y;
const TRAILER = /trailer\n([\s\S]*?)startxref\n(\d+)\n%%EOF\s*$/;
const CROSS_REFERENCES = /xref\n0 \d+\n((?:\d{10} \d{5} [fn][ \r]\n)+)/y;

/** A PDF as Chromium's writer (Skia) writes them: one table of cross references, no object streams, every length direct. */
export class PrintedFile {
  readonly trailer: Dictionary;
  private readonly text: string;
  private readonly offsets: readonly number[];
  private readonly read = new Map<number, PdfObject>();

  /** @throws PrintFailed (UNEXPECTED_OUTPUT) when the file is built in another way */
  constructor(private readonly bytes: Buffer) {
    // Latin-1 maps each byte to one character.
    this.text = bytes.toString('latin1');
    const [, trailer = '', start = ''] = TRAILER.exec(this.text.slice(-4096)) ?? [];
    CROSS_REFERENCES.lastIndex = Number(start || Number.NaN);
    const [, table] = CROSS_REFERENCES.exec(this.text) ?? [];
    if (!table) throw new PrintFailed('UNEXPECTED_OUTPUT');
    this.offsets = table.match(/\d{10}/g)?.map(Number) ?? [];
    this.trailer = dictionary(new Scanner(trailer).value());
  }

  object({ number }: Reference): PdfObject {
    const known = this.read.get(number);
    if (known) return known;
    const object = this.parse(number);
    this.read.set(number, object);
    return object;
  }

  /** The value itself, or of the object that it refers to. */
  value(value: PdfValue | undefined): PdfValue | undefined {
    return value instanceof Reference ? this.object(value).value : value;
  }

  private parse(number: number): PdfObject {
    const header = `${number} 0 obj\n`;
    const start = this.offsets[number];
    if (start === undefined || !this.text.startsWith(header, start)) throw new PrintFailed('UNEXPECTED_OUTPUT');
    const scanner = new Scanner(this.text, start + header.length);
    const value = scanner.value();
    STREAM.lastIndex = scanner.position;
    if (!STREAM.test(this.text)) return { value, stream: undefined };
    const from = STREAM.lastIndex;
    const length = Number(dictionary(value).get('/Length'));
    if (!this.text.startsWith('\nendstream', from + length)) throw new PrintFailed('UNEXPECTED_OUTPUT');
    return { value, stream: this.bytes.subarray(from, from + length) };
  }
}

/** @throws PrintFailed (UNEXPECTED_OUTPUT) */
export function dictionary(value: PdfValue | undefined): Dictionary {
  if (!(value instanceof Map)) throw new PrintFailed('UNEXPECTED_OUTPUT');
  return value;
}

/** An array as it is; anything else as the only element, nothing as none (as `/K` of a structure element has it). */
export function list(value: PdfValue | undefined): readonly PdfValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly PdfValue[]) : [value];
}

/** @throws PrintFailed (UNEXPECTED_OUTPUT) */
export function reference(value: PdfValue | undefined): Reference {
  if (!(value instanceof Reference)) throw new PrintFailed('UNEXPECTED_OUTPUT');
  return value;
}

/** Anything that is written as one word or string. @throws PrintFailed (UNEXPECTED_OUTPUT) */
export function word(value: PdfValue | undefined): string {
  if (typeof value !== 'string') throw new PrintFailed('UNEXPECTED_OUTPUT');
  return value;
}

/** Reads the values of one object from its text. */
class Scanner {
  constructor(
    private readonly text: string,
    public position = 0,
  ) {}

  value(): PdfValue {
    const value = this.next();
    if (value === undefined) throw new PrintFailed('UNEXPECTED_OUTPUT');
    return value;
  }

  /** Undefined at the end of an array or dictionary. */
  private next(): PdfValue | undefined {
    TOKEN.lastIndex = this.position;
    const found = TOKEN.exec(this.text);
    if (!found) throw new PrintFailed('UNEXPECTED_OUTPUT');
    this.position = TOKEN.lastIndex;
    const [, token = '', number] = found;
    if (number !== undefined) return new Reference(Number(number));
    if (token === '[') return this.rest();
    if (token === '<<') return pairs(this.rest());
    return token === ']' || token === '>>' ? undefined : token;
  }

  private rest(): PdfValue[] {
    const values: PdfValue[] = [];
    for (let value = this.next(); value !== undefined; value = this.next()) values.push(value);
    return values;
  }
}

function pairs(values: readonly PdfValue[]): Dictionary {
  const dict: Dictionary = new Map();
  for (let index = 0; index < values.length; index += 2) {
    const [name, value] = [values[index], values[index + 1]];
    if (typeof name !== 'string' || value === undefined) throw new PrintFailed('UNEXPECTED_OUTPUT');
    dict.set(name, value);
  }
  return dict;
}

/** A value as it is written into a file. */
export function written(value: PdfValue): string {
  if (typeof value === 'string') return value;
  if (value instanceof Reference) return `${value.number} 0 R`;
  if (value instanceof Map) return `<<${[...value].map(([name, inner]) => `${name} ${written(inner)}`).join('\n')}>>`;
  return `[${value.map(written).join(' ')}]`;
}
