/** An element of an XML text that is to be the same, byte for byte, whenever it is written. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string | readonly Element[];
}

/** An element with text, or with elements; `undefined` among them is left out. */
export function element(
  name: string,
  content: string | readonly (Element | undefined)[],
  attributes: Readonly<Record<string, string>> = {},
): Element {
  const kept = typeof content === 'string' ? content : content.filter((one) => one !== undefined);
  return { name, attributes, content: kept };
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => lawful(text).replace(/[&<>"]/g, (found) => ESCAPES[found] ?? '');

/** XML 1.0 §2.2 has no place for most control characters and for half surrogates: they become U+FFFD. */
const lawful = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');

/** The XML text, in UTF-8, with two spaces for each level. */
export function xmlText(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '')}\n`;
}

function lines({ name, attributes, content }: Element, indent: string): string {
  const opening = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value)}"`)].join(' ');
  if (content.length === 0) return `${indent}<${opening}/>`;
  if (typeof content === 'string') return `${indent}<${opening}>${escaped(content)}</${name}>`;
  const inside = content.map((one) => lines(one, `${indent}  `)).join('\n');
  return `${indent}<${opening}>\n${inside}\n${indent}</${name}>`;
}
