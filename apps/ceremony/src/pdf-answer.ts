import type { Response } from 'express';

/** A PDF runs nothing and loads nothing; browsers that show it through a page of their own style that page inline. */
const PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

export type Disposition = 'inline' | 'attachment';

/** Answers a PDF under a name that keeps its accents. */
export function answerPdf(response: Response, bytes: Buffer, name: string, disposition: Disposition): void {
  response.setHeader('Content-Security-Policy', PDF_POLICY);
  response.setHeader('Content-Disposition', contentDisposition(disposition, name));
  response.type('application/pdf').send(bytes);
}

/**
 * The header of RFC 6266: the name for every program in ASCII, then as it is (RFC 8187). What a file system or the header cannot
 * bear becomes a dash or a blank; the name ends in `.pdf`.
 */
export function contentDisposition(disposition: Disposition, name: string): string {
  const legal = name
    .toWellFormed()
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/^[ .]+| +$/g, '');
  const file = /.\.pdf$/i.test(legal) ? legal : `${legal || 'document'}.pdf`;
  const ascii = file
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|%/g, '_');
  // RFC 8187 §3.2.1 leaves fewer characters as they are than encodeURIComponent does.
  const encoded = encodeURIComponent(file).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${disposition}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
