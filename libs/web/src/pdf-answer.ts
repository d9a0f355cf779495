import { create } from 'content-disposition';
import type { Response } from 'express';

/** A PDF runs nothing and loads nothing; browsers that show it through a page of their own style that page inline. */
const PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors ";

const IMAGE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

export type Disposition = 'inline' | 'attachment';

const ENDINGS = { pdf: /.\.pdf$/i, png: /.\.png$/i, jpg: /.\.jpe?g$/i } as const;
type FileEnding = keyof typeof ENDINGS;

/** Answers a PDF, to be read in the browser or kept, under a name that keeps its accents (RFC 6266, RFC 8187). */
export function answerPdf(response: Response, bytes: Buffer, name: string, disposition: Disposition): void {
  response.setHeader('Content-Security-Policy', `${PDF_POLICY}'none'`);
  answerFile(response, bytes, fileName(name), 'application/pdf', disposition);
}

/** Answers a PDF for a frame of one of our own pages. */
export function answerFramedPdf(response: Response, bytes: Buffer, name: string): void {
  response.setHeader('Content-Security-Policy', `${PDF_POLICY}'self'`);
  answerFile(response, bytes, fileName(name), 'application/pdf', 'inline');
}

/** Answers an image in the same manner. Browsers show it by a page of their own, which loads nothing else. */
export function answerImage(response: Response, bytes: Buffer, name: string, type: 'image/jpeg' | 'image/png'): void {
  response.setHeader('Content-Security-Policy', IMAGE_POLICY);
  answerFile(response, bytes, fileName(name, type === 'image/png' ? 'png' : 'jpg'), type, 'inline');
}

function answerFile(response: Response, bytes: Buffer, file: string, type: string, disposition: Disposition): void {
  response.setHeader('Content-Disposition', create(file, { type: disposition, fallback: withoutAccents(file) }));
  response.type(type).send(bytes);
}

/** What a file system cannot bear becomes a dash or a blank; the name ends in `.pdf`, or in what the type demands. */
export function fileName(name: string, ending: FileEnding = 'pdf'): string {
  const legal = name
    .toWellFormed()
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/^[ .]+| +$/g, '');
  return ENDINGS[ending].test(legal) ? legal : `${legal || 'document'}.${ending}`;
}

/** For the few programs that do not know RFC 8187. */
const withoutAccents = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|%/g, '_');
