/** A document of which the printer knows how to print many in one go. */
export interface PlainDocument {
  /** Everything before the body, its start tag included, but for the title. Documents with the same one are printed together. */
  readonly sheet: string;
  /** As it is written, with its entities. */
  readonly title: string;
  readonly body: string;
}

const WHOLE = /^([\s\S]*?<head>)([\s\S]*?)(<\/head>\s*<body(?:\s[^<>]*)?>)([\s\S]*)<\/body>\s*<\/html>\s*$/i;
const TITLE = /<title>([^<]*)<\/title>/i;

/**
 * What would reach beyond the one document: elements that count for a whole page or that know each other by name, and places where
 * a comment or an end tag hides from the expressions here how a browser would read the text.
 */
const FAR_REACHING =
  /<!--|<\/?(?:html|head|body|base|link|meta|style|script|noscript|template|frameset|svg|math|input|details|iframe|object|embed|dialog)\b/i;

/** Rules that know where a page stands in the whole, and a background that covers whole pages. */
const POSITIONAL = /@page[^{]*:|counter|string-set|(?:\b(?:html|body)|:root)\b[^{}]*\{[^{}]*background/i;
const FONT_DATA = /url\(data:font\/[^)]*\)/g;

/** Sheets that were looked at lately: with its fonts inside, one has hundreds of kilobytes. */
const lately: { readonly sheet: string; readonly isShared: boolean }[] = [];
const LATELY = 16;

/** @returns undefined for a document that can only be printed by itself */
export function plainDocument(html: string): PlainDocument | undefined {
  const [, before, head, between, body] = WHOLE.exec(html) ?? [];
  if (before === undefined || head === undefined || between === undefined || body === undefined) return undefined;
  const title = TITLE.exec(head)?.[1] ?? '';
  const sheet = mayBeShared(`${before}${head.replace(TITLE, '')}${between}`);
  return sheet === undefined || FAR_REACHING.test(body) ? undefined : { sheet, title, body: detached(body) };
}

/** The document as a text of its own. */
export function wholeText({ sheet, title, body }: PlainDocument): string {
  return `${sheet.replace(/<head>/i, (head) => `${head}<title>${title}</title>`)}${body}</body></html>`;
}

/** A part of a text keeps all of it in memory, fonts and all; this one does not. */
const detached = (part: string): string => Buffer.from(part).toString();

/** The same text as an earlier equal one, so that a thousand documents keep it once. */
function mayBeShared(sheet: string): string | undefined {
  const known = lately.find((other) => other.sheet === sheet);
  if (known) return known.isShared ? known.sheet : undefined;
  const rules = sheet.replaceAll(FONT_DATA, '');
  const isShared =
    !POSITIONAL.test(rules) &&
    !rules.includes('<!--') &&
    rules.split(/<style>/i).length === rules.split(/<\/style>/i).length;
  lately.unshift({ sheet, isShared });
  lately.splice(LATELY);
  return isShared ? sheet : undefined;
}
