import { type Dictionary, dictionary, Reference, STRING, type PrintedFile } from './pdf-objects.js';
import { PrintFailed } from './print-errors.js';

/** Which glyphs of which fonts are shown; fonts by the number of their object. */
export type GlyphsShown = Map<number, Set<number>>;

const TOKEN = new RegExp(String.raw`<<|>>|${STRING}|\/[A-Za-z]+\d*|[A-Za-z'"]+\*?\d?`, 'g');

/** Operators that show text (ISO 32000-1, table 109). */
const SHOWING = new Set(['Tj', 'TJ', "'", '"']);

/**
 * Writes a content stream with the names of its resources counted in the order in which they are used, instead of named by what
 * else the job has printed, and looks at what it shows.
 */
export class PageContent {
  /** The stream with its new names, in Latin-1. */
  readonly text: string;
  /** What it uses, by kind (`/Font`) and new name. */
  readonly resources: Dictionary = new Map();
  private readonly named = new Map<string, { readonly kind: string; readonly target: Reference }>();
  private readonly renamed = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  /** For each marked content that is open: whether an element of the structure accounts for it. */
  private readonly marked: boolean[] = [];
  private depth = 0;
  private font: number | undefined;
  private hasIdentifier = false;

  /**
   * @throws PrintFailed (UNEXPECTED_OUTPUT) when it shows text that no element of the document's structure accounts for: it might
   * be another document's
   */
  constructor(
    private readonly file: PrintedFile,
    stream: string,
    resources: Dictionary,
    private readonly glyphs: GlyphsShown,
  ) {
    for (const [kind, entries] of resources) {
      if (kind === '/ProcSet') continue;
      for (const [name, target] of dictionary(this.file.value(entries))) {
        if (!(target instanceof Reference)) throw new PrintFailed('UNEXPECTED_OUTPUT');
        this.named.set(name, { kind, target });
      }
    }
    this.text = stream.replaceAll(TOKEN, (token) => this.token(token));
  }

  private token(token: string): string {
    if (token === '<<') this.depth += 1;
    else if (token === '>>') this.depth -= 1;
    else if (token.startsWith('/')) return this.name(token);
    else if (token.startsWith('<') || token.startsWith('(')) this.string(token);
    else this.operator(token);
    return token;
  }

  private name(name: string): string {
    if (name === '/MCID') this.hasIdentifier = true;
    const found = this.depth === 0 ? this.named.get(name) : undefined;
    if (!found) return name;
    if (found.kind === '/Font') this.font = found.target.number;
    return this.renamed.get(name) ?? this.newName(name, found.kind, found.target);
  }

  private newName(name: string, kind: string, target: Reference): string {
    const letters = name.replace(/\d+$/, '');
    const count = (this.counts.get(letters) ?? 0) + 1;
    const renamed = `${letters}${count}`;
    this.counts.set(letters, count);
    this.renamed.set(name, renamed);
    const entries = this.resources.get(kind) ?? new Map<string, Reference>();
    dictionary(entries).set(renamed, target);
    this.resources.set(kind, entries);
    return renamed;
  }

  /** Glyphs are shown by their numbers, two bytes each (`/Identity-H`). */
  private string(token: string): void {
    if (this.depth > 0) return;
    if (this.font === undefined || token.startsWith('(')) throw new PrintFailed('UNEXPECTED_OUTPUT');
    const shown = this.glyphs.get(this.font) ?? new Set();
    this.glyphs.set(this.font, shown);
    for (let place = 1; place + 4 < token.length; place += 4)
      shown.add(Number.parseInt(token.slice(place, place + 4), 16));
  }

  private operator(operator: string): void {
    const isAccountedFor = this.marked.at(-1) ?? false;
    if (operator === 'BDC' || operator === 'BMC') this.marked.push(isAccountedFor || this.hasIdentifier);
    else if (operator === 'EMC') this.marked.pop();
    else if (operator === 'BT') this.font = undefined;
    else if (!isAccountedFor && SHOWING.has(operator)) throw new PrintFailed('UNEXPECTED_OUTPUT');
    this.hasIdentifier = false;
  }
}
