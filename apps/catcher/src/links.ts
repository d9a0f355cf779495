const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Character references as they occur in addresses: templates write `=` as `&#x3D;` and `&` as `&amp;`. */
function decode(html: string): string {
  return html.replaceAll(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name) return NAMED[String(name).toLowerCase()] ?? whole;
    const point = hex ? Number.parseInt(String(hex), 16) : Number(decimal);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole;
  });
}

/**
 * Every http(s) address of a message, each once: first those of the text, then the `href` of the HTML that the text lacks.
 * A full stop or a bracket that closes the sentence is no part of the address.
 */
export function linksOf(text: string, html: string | null): string[] {
  const inText = [...text.matchAll(/https?:\/\/[^\s<>"'«»]+/gi)].map(([address]) =>
    address.replace(/[).,;:!?\]]+$/, ''),
  );
  const inHtml = [...(html ?? '').matchAll(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gi)]
    .map(([, double, single, bare]) => decode(double ?? single ?? bare ?? '').trim())
    .filter((address) => /^https?:\/\//i.test(address));
  return [...new Set([...inText, ...inHtml])];
}
