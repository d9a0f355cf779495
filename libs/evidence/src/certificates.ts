import { createHash } from 'node:crypto';
import { Certificate, CertificateRevocationList } from 'pkijs';
import { der, parse } from './der.js';
import { EvidenceRejected } from './rejected.js';

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** A certificate from its DER form. @throws EvidenceRejected MALFORMED */
export const readCertificate = (bytes: Uint8Array): Certificate => parse(Certificate, bytes, 'certificate');

/** A revocation list from its DER form. @throws EvidenceRejected MALFORMED */
export const readRevocationList = (bytes: Uint8Array): CertificateRevocationList =>
  parse(CertificateRevocationList, bytes, 'revocation list');

/** The certificates of a PEM file (RFC 7468), in its order. @throws EvidenceRejected MALFORMED when there is none */
export function readCertificates(pem: string): Certificate[] {
  const found = [...pem.matchAll(PEM)].map(([, base64 = '']) => readCertificate(Buffer.from(base64, 'base64')));
  if (found.length === 0) throw new EvidenceRejected('MALFORMED', 'There is no certificate in this PEM text.');
  return found;
}

export function certificatePem(certificate: Certificate): string {
  const lines =
    der(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Hex SHA-256 of the DER form. */
export const fingerprint = (certificate: Certificate): string =>
  createHash('sha256').update(der(certificate)).digest('hex');

/** Hexadecimal, as `openssl x509 -serial` prints it but for the case. */
export const serialNumber = ({ serialNumber: { valueBlock } }: Pick<Certificate, 'serialNumber'>): string =>
  Buffer.from(valueBlock.valueHexView).toString('hex');

const NAMES: Readonly<Record<string, string>> = { '2.5.4.3': 'CN', '2.5.4.6': 'C', '2.5.4.10': 'O', '2.5.4.97': 'OI' };

/** The subject as people read it: "CN=Cachet de Pli, O=Pli, C=FR". */
export function subjectName({ subject }: Certificate): string {
  return subject.typesAndValues.map(({ type, value }) => `${NAMES[type] ?? type}=${value.valueBlock.value}`).join(', ');
}
