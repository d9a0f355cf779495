import type { Response } from 'express';

/** Sends a PDF to be read in the browser or to be kept, under its own name (RFC 6266, RFC 8187). */
export function sendPdf(
  response: Response,
  { name, bytes }: { name: string; bytes: Buffer },
  disposition: 'inline' | 'attachment',
): void {
  const fileName = name.toLowerCase().endsWith('.pdf') ? name : `${name}.pdf`;
  const plain = fileName
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  response
    .type('application/pdf')
    .setHeader('Content-Disposition', `${disposition}; filename="${plain}"; filename*=UTF-8''${encoded}`);
  response.send(bytes);
}
