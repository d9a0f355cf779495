/** A document of which the printer knows how to print many in one go. */
export interface PlainDocument {
  /** Everything before the body, its start tag included, but for the title. Documents with the same one are printed together. */
  readonly sheet: string;
  /** As it is written, with its entities. */
  readonly title: string;
  readonly body: string;
}

const START = /^[\s\S]*?<head>/i;
const TITLE = /<title>([^<]*)<\/title>/i;
const HEAD = /^[\s\S]*?<\/head>\s*<body(?:\s[^<>]*)?>/i;
const END = /^([\s\S]*)<\/body>\s*<\/html>\s*$/i;

/**
 * What would reach beyond the one document: elements that count for a whole page or that know each other by name, and places where
 * a comment or an end tag hides from the expressions here how a browser would read the text.
 */
const FAR_REACHING =
  /<!--|<\/?(?:html|head|body|base|link|meta|style|script|noscript|template|frameset|svg|math|input|details|iframe|object|embed|dialog)\b/i;

/** Rules that know where a page stands in the whole, and a background that covers whole pages. */
const POSITIONAL = /@page[^{]*:|counter|string-set|(?:\b(?:html|body)|:root)\b[^{}]*\{[^{}]*background/i;
const FONT_DATA = /url\(data:font\/[^)]*\)/g;

/** A sheet in two parts, before and behind the title. */
interface Sheet {
  readonly before: string;
  readonly behind: string;
  readonly isShared: boolean;
  readonly text: string;
}

/** Sheets that were looked at lately: with its fonts inside, one has hundreds of kilobytes, which are not to be searched for each document. */
const lately: Sheet[] = [];
const LATELY = 16;

/** @returns undefined for a document that can only be printed by itself */
export function plainDocument(html: string): PlainDocument | undefined {
  const title = TITLE.exec(html);
  const from = title?.index ?? html.length;
  const end = from + (title?.[0].length ?? 0);
  const sheet = lately.find(
    ({ before, behind }) => from === before.length && html.startsWith(before) && html.startsWith(behind, end),
  );
  const known = sheet ?? newSheet(html, from, end);
  if (!known?.isShared) return undefined;
  const [, body] = END.exec(html.slice(end + known.behind.length)) ?? [];
  if (body === undefined || FAR_REACHING.test(body)) return undefined;
  return { sheet: known.text, title: title?.[1] ?? '', body: detached(body) };
}

function newSheet(html: string, from: number, end: number): Sheet | undefined {
  const [behind] = HEAD.exec(html.slice(end)) ?? [];
  const before = html.slice(0, from);
  if (behind === undefined || !START.test(before)) return undefined;
  const text = detached(before + behind);
  const rules = text.replaceAll(FONT_DATA, '');
  const count = (part: RegExp): number => rules.match(part)?.length ?? 0;
  const isWhole = count(/<style>/gi) === count(/<\/style>/gi) && !rules.includes('<!--');
  const sheet = {
    before: detached(before),
    behind: detached(behind),
    text,
    isShared: isWhole && !POSITIONAL.test(rules),
  };
  lately.unshift(sheet);
  lately.splice(LATELY);
  return sheet;
}

/** The document as a text of its own. */
export function wholeText({ sheet, title, body }: PlainDocument): string {
  return `${sheet.replace(/<head>/i, (head) => `${head}<title>${title}</title>`)}${body}</body></html>`;
}

/** A part of a text keeps all of it in memory, fonts and all; this one does not. */
const detached = (part: string): string => Buffer.from(part).toString();
