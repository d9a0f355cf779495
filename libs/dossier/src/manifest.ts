import { createHash } from 'node:crypto';
import { element, xmlText } from '#libs/evidence';
import type { Files } from './container.js';

export const MANIFEST = 'META-INF/ASiCManifest.xml';
export const SIGNATURE = 'META-INF/signature.p7s';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/jsonl',
  pdf: 'application/pdf',
  pem: 'application/x-pem-file',
  tst: 'application/vnd.etsi.timestamp-token',
};
const mediaType = (name: string): string =>
  MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

/** The manifest of files (EN 319 162-1 §A.4): name, media type and SHA-256 of each, by name. */
export function manifestOf(files: Files): string {
  const references = [...files].sort(([left], [right]) => (left < right ? -1 : 1));
  return xmlText(
    element(
      'asic:ASiCManifest',
      [
        element('asic:SigReference', '', { URI: SIGNATURE, MimeType: 'application/pkcs7-signature' }),
        ...references.map(([name, bytes]) =>
          element(
            'asic:DataObjectReference',
            [
              element('ds:DigestMethod', '', { Algorithm: 'http://www.w3.org/2001/04/xmlenc#sha256' }),
              element('ds:DigestValue', createHash('sha256').update(bytes).digest('base64')),
            ],
            { URI: name, MimeType: mediaType(name) },
          ),
        ),
      ],
      { 'xmlns:asic': 'http://uri.etsi.org/02918/v1.2.1#', 'xmlns:ds': 'http://www.w3.org/2000/09/xmldsig#' },
    ),
  );
}

const REFERENCE =
  /<asic:DataObjectReference URI="([^"]+)" MimeType="[^"]+">\s*<ds:DigestMethod [^>]+>\s*<ds:DigestValue>([A-Za-z0-9+/=]+)</g;

/** What a manifest that `manifestOf` wrote lists: hex SHA-256 by name. Of any other it finds less. */
export function digestsIn(manifest: string): ReadonlyMap<string, string> {
  const found = [...manifest.matchAll(REFERENCE)];
  return new Map(found.map(([, name = '', digest = '']) => [name, Buffer.from(digest, 'base64').toString('hex')]));
}
