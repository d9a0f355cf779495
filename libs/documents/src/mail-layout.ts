import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';

/** An e-mail's words, filled in. */
export interface MailWords {
  readonly subject: string;
  /**
   * In the simple form that agencies write: an empty line parts paragraphs; `# ` begins a headline, `> ` a line in a frame, `- label : value` a
   * row of facts; `[words](link)` alone on its line is a button.
   */
  readonly body: string;
  /** The one address that becomes a link: any other stays text, so that nothing that was filled in can lead elsewhere. */
  readonly link: string;
}

/** The two parts of one e-mail. */
export interface MailParts {
  readonly text: string;
  readonly html: string;
}

/** A piece of a line; with `href` it is a link. */
interface Piece {
  readonly words: string;
  readonly href?: string;
}
type Line = readonly Piece[];

/** A part of a text in the simple form. */
export type Block =
  | { readonly heading: string }
  | { readonly paragraph: readonly Line[] }
  | { readonly frame: readonly Line[] }
  | { readonly facts: readonly { readonly label: string; readonly value: string }[] }
  | { readonly button: string; readonly link: string };

const FOLDER = new URL('./mail/', import.meta.url);
const handlebars = Handlebars.create();
const templates = new Map<string, Handlebars.TemplateDelegate>();
// They are read once, at start, so that a broken one stops the start and not a notice.
for (const file of readdirSync(FOLDER)) {
  const name = file.slice(0, -'.hbs'.length);
  // In plain text there is nothing to escape: an apostrophe must stay one.
  const compiled: Handlebars.TemplateDelegate = handlebars.compile(readFileSync(new URL(file, FOLDER), 'utf8'), {
    noEscape: name.endsWith('.text'),
  });
  if (name.startsWith('_')) handlebars.registerPartial(name.slice(1), compiled);
  else templates.set(name, compiled);
}
const fill = (name: string, data: object): string => templates.get(name)?.(data) ?? '';

/**
 * The e-mail as it goes out: words that were written in the simple form, in the frame that every e-mail of the service has.
 *
 * @param qualification entry of the trusted list; without it every e-mail says « service non qualifié » (L. 101 CPCE).
 */
export function layOutMail(words: MailWords, qualification?: string): MailParts {
  const blocks = blocksOf(words);
  const { subject } = words;
  const text = fill('layout.text', { content: blocks.map(textOf).join('\n\n'), qualification });
  return { text, html: fill('layout.html', { subject, summary: summaryOf(blocks), blocks, qualification }) };
}

/** A page that shows the e-mail with its subject and both its parts. It runs nothing and loads nothing. */
export function previewMail(words: MailWords, qualification?: string): string {
  const { text } = layOutMail(words, qualification);
  return fill('preview.html', { subject: words.subject, blocks: blocksOf(words), text, qualification });
}

/** A page for the place of the preview that shows lines of text: an SMS, or what is wrong. */
export const previewText = (heading: string, lines: readonly string[]): string => fill('note.html', { heading, lines });

const MARKS = { '# ': 'heading', '> ': 'frame', '- ': 'fact' } as const;
type Mark = (typeof MARKS)[keyof typeof MARKS] | 'plain' | 'button';

/** The parts of a text in the simple form. */
export function blocksOf({ body, link }: Pick<MailWords, 'body' | 'link'>): readonly Block[] {
  const blocks: Block[] = [];
  let mark: Mark | null = null;
  let lines: string[] = [];
  const close = (): void => {
    if (mark !== null && lines.length > 0) blocks.push(blockOf(mark, lines, link));
    lines = [];
  };
  for (const written of body.split(/\r?\n/)) {
    const line = written.trim();
    const found = line === '' ? null : markOf(line, link);
    if (found !== mark || found === 'heading' || found === 'button') close();
    mark = found;
    if (found !== null) lines.push(found === 'plain' || found === 'button' ? line : line.slice(2));
  }
  close();
  return blocks;
}

function markOf(line: string, link: string): Mark {
  if (buttonOf(line, link) !== null) return 'button';
  const start = Object.entries(MARKS).find(([sign]) => line.startsWith(sign));
  return start?.[1] ?? 'plain';
}

/** The words of a line that is `[words](link)` and nothing else. */
function buttonOf(line: string, link: string): string | null {
  const [, words = '', to] = /^\[([^\]]+)\]\((.+)\)$/.exec(line) ?? [];
  return to === link ? words : null;
}

function blockOf(mark: Mark, lines: readonly string[], link: string): Block {
  const [first = ''] = lines;
  switch (mark) {
    case 'heading':
      return { heading: first };
    case 'button':
      return { button: buttonOf(first, link) ?? first, link };
    case 'fact':
      return { facts: lines.map(factOf) };
    case 'frame':
      return { frame: lines.map((line) => piecesOf(line, link)) };
    case 'plain':
      return { paragraph: lines.map((line) => piecesOf(line, link)) };
  }
}

function factOf(line: string): { label: string; value: string } {
  const [, label = '', value = line] = /^(.+?)\s:\s+(.*)$/u.exec(line) ?? [];
  return { label, value };
}

function piecesOf(line: string, link: string): Line {
  if (link === '') return [{ words: line }];
  const address = link.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, 1: words = link, index } of line.matchAll(
    new RegExp(String.raw`\[([^\]]+)\]\(${address}\)|${address}`, 'g'),
  )) {
    if (index > end) pieces.push({ words: line.slice(end, index) });
    pieces.push({ words, href: link });
    end = index + found.length;
  }
  return end < line.length ? [...pieces, { words: line.slice(end) }] : pieces;
}

const lineText = (line: Line): string =>
  line.map(({ words, href }) => (href === undefined || href === words ? words : `${words} : ${href}`)).join('');

function textOf(block: Block): string {
  if ('heading' in block) return block.heading;
  if ('paragraph' in block) return block.paragraph.map(lineText).join('\n');
  if ('frame' in block) return block.frame.map(lineText).join('\n');
  if ('facts' in block)
    return block.facts.map(({ label, value }) => (label ? `${label} : ${value}` : value)).join('\n');
  return `${block.button} :\n${block.link}`;
}

/** The line that mail programs show beside the subject: what is headline or framed, else the first words. */
function summaryOf(blocks: readonly Block[]): string {
  const shown = blocks.find((block) => 'heading' in block || 'frame' in block) ?? blocks[0];
  return shown ? textOf(shown).replaceAll('\n', ' ') : '';
}
