import { create } from 'content-disposition';
import type { Response } from 'express';

/** A PDF runs nothing and loads nothing; browsers that show it through a page of their own style that page inline. */
const PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

export type Disposition = 'inline' | 'attachment';

/** Answers a PDF, to be read in the browser or kept, under a name that keeps its accents (RFC 6266, RFC 8187). */
export function answerPdf(response: Response, bytes: Buffer, name: string, disposition: Disposition): void {
  response.setHeader('Content-Security-Policy', PDF_POLICY);
  const file = fileName(name);
  response.setHeader('Content-Disposition', create(file, { type: disposition, fallback: withoutAccents(file) }));
  response.type('application/pdf').send(bytes);
}

/** What a file system cannot bear becomes a dash or a blank; the name ends in `.pdf`. */
export function fileName(name: string): string {
  const legal = name
    .toWellFormed()
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/^[ .]+| +$/g, '');
  return /.\.pdf$/i.test(legal) ? legal : `${legal || 'document'}.pdf`;
}

/** For the few programs that do not know RFC 8187. */
const withoutAccents = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|%/g, '_');
