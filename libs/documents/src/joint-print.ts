import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { EmbeddedFont } from './embedded-font.js';
import { type GlyphsShown, PageContent } from './page-content.js';
import {
  dictionary,
  list,
  PrintedFile,
  reference,
  Reference,
  word,
  written,
  type Dictionary,
  type PdfValue,
} from './pdf-objects.js';
import { PrintFailed } from './print-errors.js';

/** What a file tells about itself. */
export interface Information {
  readonly title: string;
  /** ISO 8601 instant. */
  readonly createdAt?: string | undefined;
}

/** A printed document. */
export interface Printed {
  readonly bytes: Buffer;
  readonly pages: number;
}

/**
 * One print of many documents, out of which each is cut as a file of its own. What a file is made of is only what the document's pages
 * and its elements refer to; numbers and names are counted anew in the order in which they come, and fonts have only the glyphs that
 * the document shows: so the bytes are the same whatever else was printed in the same job, and nothing of it is in them.
 */
export class JointPrint {
  private readonly job: Job;
  /** Index of the first page of each document, and of the first page behind the last document. */
  private readonly starts: readonly number[];

  /**
   * @param marks names of the destinations at which the documents begin, and of one behind the last
   * @returns undefined when the print is not built so that anything can be cut out of it
   */
  static read(bytes: Uint8Array, marks: readonly string[]): JointPrint | undefined {
    return orUndefined(() => new JointPrint(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), marks));
  }

  private constructor(bytes: Buffer, marks: readonly string[]) {
    const file = new PrintedFile(bytes);
    const catalog = dictionary(file.value(file.trailer.get('/Root')));
    const structure = dictionary(file.value(catalog.get('/StructTreeRoot')));
    const parents = numberTree(dictionary(file.value(structure.get('/ParentTree'))));
    const pages = leaves(file, reference(catalog.get('/Pages')));
    this.job = { file, catalog, structure, parents, pages, fonts: new Map() };
    const destinations = dictionary(file.value(catalog.get('/Dests')));
    this.starts = marks.map((mark) => {
      const page = reference(list(destinations.get(`/${mark}`))[0]).number;
      return pages.findIndex(({ number }) => number === page);
    });
    const ascend = this.starts.every((start, index) => start > (this.starts[index - 1] ?? -1));
    if (!ascend || this.starts[0] !== 0) throw new PrintFailed('UNEXPECTED_OUTPUT');
  }

  /**
   * Cuts one document out.
   * @returns undefined when it cannot be told apart from the others, or has something that is not understood
   */
  document(index: number, information: Information): Printed | undefined {
    const pages = this.job.pages.slice(this.starts[index], this.starts[index + 1]);
    const cutting = new Cutting(this.job, pages);
    return orUndefined(() => ({ bytes: cutting.file(information), pages: pages.length }));
  }
}

/** What the cuttings of a job have in common. */
interface Job {
  readonly file: PrintedFile;
  readonly catalog: Dictionary;
  /** The root of the structure tree. */
  readonly structure: Dictionary;
  /** Its parent tree. */
  readonly parents: ReadonlyMap<string, PdfValue>;
  readonly pages: readonly Reference[];
  /** The fonts that were needed so far, by the numbers of their objects. */
  readonly fonts: Map<number, EmbeddedFont>;
}

function leaves(file: PrintedFile, node: Reference): Reference[] {
  const dict = dictionary(file.object(node).value);
  if (dict.get('/Type') === '/Page') return [node];
  return list(dict.get('/Kids')).flatMap((kid) => leaves(file, reference(kid)));
}

function orUndefined<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof PrintFailed) return undefined;
    throw error;
  }
}

/** ISO 32000-1, 7.9.7, as a single node. */
function numberTree(node: Dictionary): Map<string, PdfValue> {
  const entries = list(node.get('/Nums'));
  const tree = new Map<string, PdfValue>();
  for (let place = 0; place + 1 < entries.length; place += 2) tree.set(word(entries[place]), entries[place + 1] ?? '');
  return tree;
}

/** zlib's level 1: half the time of the usual one, for files a tenth larger. */
const FASTEST = 1;

/** References that lead out of what is being cut, or are set by who cuts. */
const PAGE_LINKS = ['/Parent', '/Resources', '/Contents', '/StructParents', '/Annots'];

/** The cutting of one document. */
class Cutting {
  private readonly objects: string[] = [];
  private readonly placed = new Map<number, Reference>();
  private readonly expectations = new Map<number, Reference>();
  private readonly same = new Map<string, Reference>();
  private readonly glyphs: GlyphsShown = new Map();
  private readonly shownFonts = new Map<number, Reference>();
  /** What the parent tree says of pages, forms and annotations, by the numbers that they have in the new file. */
  private readonly parentEntries: PdfValue[] = [];

  private readonly source: PrintedFile;

  constructor(
    private readonly job: Job,
    private readonly pages: readonly Reference[],
  ) {
    this.source = job.file;
  }

  file({ title, createdAt }: Information): Buffer {
    const [catalog, tree, information] = [this.reserve(), this.reserve(), this.reserve()];
    for (const page of this.pages) this.placed.set(page.number, this.reserve());
    const root = this.structureTree();
    for (const page of this.pages) this.page(page, tree);
    this.fill(root.at, new Map([...root.dict, ['/ParentTree', this.parentTree()]]));
    for (const [font, at] of this.shownFonts) this.font(font, at);
    const kids = this.pages.map((page) => this.copy(page));
    this.fill(
      tree,
      new Map<string, PdfValue>([
        ['/Type', '/Pages'],
        ['/Count', String(kids.length)],
        ['/Kids', kids],
      ]),
    );
    this.fill(information, informationOf(title, createdAt));
    const kept = ['/Lang', '/MarkInfo', '/ViewerPreferences'].flatMap((name) => this.entry(this.job.catalog, name));
    this.fill(
      catalog,
      new Map<string, PdfValue>([['/Type', '/Catalog'], ['/Pages', tree], ...kept, ['/StructTreeRoot', root.at]]),
    );
    // Something that an element refers to is on no page.
    if (this.objects.includes('')) throw new PrintFailed('UNEXPECTED_OUTPUT');
    return assembled(this.objects, catalog, information);
  }

  private entry(dict: Dictionary, name: string): [string, PdfValue][] {
    const value = dict.get(name);
    return value === undefined ? [] : [[name, this.copy(value)]];
  }

  private reserve(): Reference {
    return new Reference(this.objects.push(''));
  }

  private fill({ number }: Reference, value: PdfValue, stream?: Buffer): void {
    const data = stream ? ` stream\n${stream.toString('latin1')}\nendstream` : '';
    this.objects[number - 1] = `${written(value)}${data}`;
  }

  private add(value: PdfValue, stream?: Buffer): Reference {
    const at = this.reserve();
    this.fill(at, value, stream);
    return at;
  }

  private packed(bytes: Buffer, entries: Dictionary = new Map(), at = this.reserve()): Reference {
    const stream = deflateSync(bytes, { level: FASTEST });
    const dict = new Map<string, PdfValue>([
      ...entries,
      ['/Filter', '/FlateDecode'],
      ['/Length', String(stream.length)],
    ]);
    this.fill(at, dict, stream);
    return at;
  }

  /** The place of a form or an annotation, which elements refer to before it is written with its page. */
  private expected({ number }: Reference): Reference {
    const place = this.expectations.get(number) ?? this.reserve();
    this.expectations.set(number, place);
    return place;
  }

  /** A value with everything that it refers to; what is equal is there once. */
  private copy(value: PdfValue): PdfValue {
    if (value instanceof Reference) return this.place(value);
    if (value instanceof Map) return new Map([...value].map(([name, inner]) => [name, this.copy(inner)]));
    return typeof value === 'string' ? value : value.map((inner) => this.copy(inner));
  }

  private place(at: Reference): Reference {
    const known = this.placed.get(at.number);
    if (known) return known;
    const { value, stream } = this.source.object(at);
    const type = value instanceof Map ? dictionary(value).get('/Type') : undefined;
    // Whatever leads to other pages or elements would bring other documents with it.
    if (type === '/Page' || type === '/Pages' || type === '/StructElem') throw new PrintFailed('UNEXPECTED_OUTPUT');
    const placed = this.placeNew(at, type, value, stream);
    this.placed.set(at.number, placed);
    return placed;
  }

  private placeNew(at: Reference, type: PdfValue | undefined, value: PdfValue, stream: Buffer | undefined): Reference {
    if (type === '/Font') {
      const reserved = this.reserve();
      this.shownFonts.set(at.number, reserved);
      return reserved;
    }
    if (stream && dictionary(value).has('/Resources')) return this.form(at, dictionary(value), stream);
    const copied = this.copy(value);
    const content = `${written(copied)}${stream ? stream.toString('latin1') : ''}`;
    const same = this.same.get(content) ?? this.add(copied, stream);
    this.same.set(content, same);
    return same;
  }

  private page(at: Reference, tree: Reference): void {
    const page = dictionary(this.source.object(at).value);
    const { value, stream } = this.source.object(reference(page.get('/Contents')));
    const resources = dictionary(this.source.value(page.get('/Resources')));
    const content = this.content(dictionary(value), stream, resources);
    const dict = this.without(page, PAGE_LINKS);
    dict.set('/Parent', tree);
    dict.set('/Resources', this.copy(content.resources));
    dict.set('/Contents', this.packed(Buffer.from(content.text, 'latin1')));
    dict.set('/StructParents', this.parentOf(page.get('/StructParents')));
    const annotations = list(this.source.value(page.get('/Annots') ?? []));
    if (annotations.length > 0)
      dict.set(
        '/Annots',
        annotations.map((annotation) => this.annotation(reference(annotation))),
      );
    this.fill(reference(this.placed.get(at.number)), dict);
  }

  private form(at: Reference, form: Dictionary, stream: Buffer): Reference {
    const content = this.content(form, stream, dictionary(this.source.value(form.get('/Resources'))));
    const dict = this.without(form, ['/Resources', '/StructParents', '/Filter', '/Length']);
    dict.set('/Resources', this.copy(content.resources));
    if (form.has('/StructParents')) dict.set('/StructParents', this.parentOf(form.get('/StructParents')));
    return this.packed(Buffer.from(content.text, 'latin1'), dict, this.expected(at));
  }

  private content(dict: Dictionary, stream: Buffer | undefined, resources: Dictionary): PageContent {
    if (!stream || dict.get('/Filter') !== '/FlateDecode') throw new PrintFailed('UNEXPECTED_OUTPUT');
    return new PageContent(this.source, inflateSync(stream).toString('latin1'), resources, this.glyphs);
  }

  /** A link to an address; one to a place in the job would name what is not in this file. */
  private annotation(at: Reference): Reference {
    const annotation = dictionary(this.source.object(at).value);
    if (annotation.has('/Dest') || annotation.has('/P')) throw new PrintFailed('UNEXPECTED_OUTPUT');
    const dict = this.without(annotation, ['/StructParent']);
    if (annotation.has('/StructParent')) dict.set('/StructParent', this.parentOf(annotation.get('/StructParent')));
    const placed = this.expected(at);
    this.fill(placed, dict);
    return placed;
  }

  private without(dict: Dictionary, names: readonly string[]): Dictionary {
    return new Map(
      [...dict].filter(([name]) => !names.includes(name)).map(([name, value]) => [name, this.copy(value)]),
    );
  }

  private font(number: number, at: Reference): void {
    const known = this.job.fonts.get(number) ?? new EmbeddedFont(this.source, new Reference(number));
    this.job.fonts.set(number, known);
    const part = known.only(this.glyphs.get(number) ?? new Set());
    const program = this.packed(part.program, new Map([['/Length1', String(part.program.length)]]));
    const descriptor = this.add(
      new Map<string, PdfValue>([...(this.copy(part.descriptor) as Dictionary), ['/FontFile2', program]]),
    );
    const descendant = this.add(
      new Map<string, PdfValue>([...(this.copy(part.descendant) as Dictionary), ['/FontDescriptor', descriptor]]),
    );
    const toUnicode = this.packed(part.toUnicode);
    const links: [string, PdfValue][] = [
      ['/DescendantFonts', [descendant]],
      ['/ToUnicode', toUnicode],
    ];
    this.fill(at, new Map<string, PdfValue>([...part.font, ...links]));
  }

  // ── What the document is for a screen reader (ISO 32000-1, 14.7) ───────────────────────────────────────────────────

  private structureTree(): { at: Reference; dict: Dictionary } {
    const at = this.reserve();
    const document = dictionary(this.source.value(this.job.structure.get('/K')));
    const top = this.reserve();
    const names = new ElementNames();
    const kids = list(document.get('/K'))
      .filter((kid) => this.isOurs(kid))
      .map((kid) => this.element(reference(kid), top, names));
    const dict = this.without(document, ['/K', '/P']);
    this.fill(top, new Map<string, PdfValue>([...dict, ['/P', at], ['/K', kids]]));
    const identifiers = names.tree();
    const tree: [string, PdfValue][] = identifiers.length > 0 ? [['/IDTree', new Map([['/Names', identifiers]])]] : [];
    return { at, dict: new Map<string, PdfValue>([['/Type', '/StructTreeRoot'], ['/K', top], ...tree]) };
  }

  /** Whether an element lies on these pages, told by the first of its parts that lies on any. */
  private isOurs(kid: PdfValue): boolean {
    const page = this.firstPage(kid);
    return page !== undefined && this.pages.some(({ number }) => number === page);
  }

  private firstPage(kid: PdfValue): number | undefined {
    const dict = this.source.value(kid);
    if (!(dict instanceof Map)) return undefined;
    const page = dictionary(dict).get('/Pg');
    if (page) return reference(page).number;
    for (const inner of list(dictionary(dict).get('/K'))) {
      const found = this.firstPage(inner);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private element(at: Reference, parent: Reference, names: ElementNames): Reference {
    const placed = this.reserve();
    this.placed.set(at.number, placed);
    const element = dictionary(this.source.object(at).value);
    const dict = this.without(element, ['/P', '/K', '/A', '/ID']);
    dict.set('/P', parent);
    const attributes = element.get('/A');
    if (attributes !== undefined) dict.set('/A', names.settled(this.copy(attributes)));
    const id = element.get('/ID');
    if (typeof id === 'string') dict.set('/ID', names.claimed(id, placed));
    const kids = list(element.get('/K')).map((kid) => this.kid(kid, placed, names));
    if (kids.length > 0) dict.set('/K', kids);
    this.fill(placed, dict);
    return placed;
  }

  private kid(kid: PdfValue, parent: Reference, names: ElementNames): PdfValue {
    if (kid instanceof Reference) return this.element(kid, parent, names);
    if (!(kid instanceof Map)) return kid;
    const links = ['/Obj', '/Stm'].flatMap((name): [string, PdfValue][] => {
      const target = dictionary(kid).get(name);
      return target === undefined ? [] : [[name, this.expected(reference(target))]];
    });
    return new Map([...this.without(dictionary(kid), ['/Obj', '/Stm']), ...links]);
  }

  /** The number under which the parent tree of the new file knows a page, a form or an annotation. */
  private parentOf(number: PdfValue | undefined): string {
    const entry = this.job.parents.get(word(number));
    if (entry === undefined) throw new PrintFailed('UNEXPECTED_OUTPUT');
    // Elements that are not placed by now are another document's.
    const isArray = Array.isArray(this.source.value(entry));
    this.parentEntries.push(
      isArray ? this.add(list(this.source.value(entry)).map((element) => this.copy(element))) : this.copy(entry),
    );
    return String(this.parentEntries.length - 1);
  }

  private parentTree(): Reference {
    const entries = this.parentEntries.flatMap((entry, number) => [String(number), entry]);
    return this.add(
      new Map<string, PdfValue>([
        ['/Type', '/ParentTree'],
        ['/Nums', entries],
      ]),
    );
  }
}

/** Elements that others refer to by name: they are named by a count of the browser's, which is begun anew for each document. */
class ElementNames {
  private readonly names = new Map<string, string>();
  private readonly elements: { readonly name: string; readonly element: Reference }[] = [];

  claimed(id: string, element: Reference): string {
    const name = this.name(id);
    this.elements.push({ name, element });
    return name;
  }

  settled(value: PdfValue): PdfValue {
    if (value instanceof Map) return new Map([...value].map(([name, inner]) => [name, this.settled(inner)]));
    if (Array.isArray(value)) return (value as readonly PdfValue[]).map((inner) => this.settled(inner));
    return typeof value === 'string' && /^\(node\d+\)$/.test(value) ? this.name(value) : value;
  }

  /** In order, as a name tree must be. */
  tree(): PdfValue[] {
    const ordered = this.elements.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    return ordered.flatMap(({ name, element }): PdfValue[] => [name, element]);
  }

  private name(id: string): string {
    const name = this.names.get(id) ?? `(node${String(this.names.size + 1).padStart(8, '0')})`;
    this.names.set(id, name);
    return name;
  }
}

function informationOf(title: string, createdAt: string | undefined): Dictionary {
  const date = createdAt && `(D:${createdAt.slice(0, 19).replaceAll(/[-:T]/g, '')}+00'00')`;
  const utf16 = Buffer.from(`\ufeff${title}`, 'utf16le').swap16().toString('hex');
  return new Map<string, PdfValue>([
    ...(title ? ([['/Title', `<${utf16}>`]] as const) : []),
    ['/Creator', '(Pli)'],
    ['/Producer', '(Pli)'],
    ...(date
      ? ([
          ['/CreationDate', date],
          ['/ModDate', date],
        ] as const)
      : []),
  ]);
}

function assembled(objects: readonly string[], catalog: Reference, information: Reference): Buffer {
  let text = '%PDF-1.4\n%\xd3\xeb\xe9\xe1\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const id = createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 32);
  const trailer = new Map<string, PdfValue>([
    ['/Size', String(objects.length + 1)],
    ['/Root', catalog],
    ['/Info', information],
    ['/ID', [`<${id}>`, `<${id}>`]],
  ]);
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(`${text}${table}trailer\n${written(trailer)}\nstartxref\n${text.length}\n%%EOF\n`, 'latin1');
}
