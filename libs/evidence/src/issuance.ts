import { randomBytes } from 'node:crypto';
import { BitString, Integer, OctetString, PrintableString, Sequence, Set, Utf8String } from 'asn1js';
import {
  AccessDescription,
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificateRevocationList,
  CRLDistributionPoints,
  DistributionPoint,
  ExtKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  InfoAccess,
  RelativeDistinguishedNames,
  RevokedCertificate,
  Time,
} from 'pkijs';
import { arrayBuffer, parse } from './der.js';
import type { Signer } from './signer.js';

/** A fresh ECDSA P-256 pair: the policy of the European validator sets its use with SHA-256 no end. */
export const newKeyPair = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);

/** Who a certificate is for. */
export interface Subject {
  readonly commonName: string;
  readonly organisation: string;
}

export interface Validity {
  readonly notBefore: Date;
  /** Whole years from `notBefore` on. */
  readonly years: number;
}

/** Where the authority can be asked; the addresses stand in each certificate. */
export interface AuthorityAddresses {
  readonly certificate: string;
  readonly revocationList: string;
}

/** X.509 key usage (RFC 5280 §4.2.1.3) as the first bytes of the bit string, and how many bits of the last are unused. */
const CA_USAGE = { bits: [0b0000_0110], unused: 1 };
const SIGN_USAGE = { bits: [0b1100_0000], unused: 6 };
const TIMESTAMPING = '1.3.6.1.5.5.7.3.8';
const CA_ISSUERS = '1.3.6.1.5.5.7.48.2';
const URI = 6;

/** The self-signed certificate of a certification authority. */
export function issueRoot(keys: CryptoKeyPair, subject: Subject, validity: Validity): Promise<Certificate> {
  return issue({ keys, signingKey: keys.privateKey, issuer: nameOf(subject), subject, validity }, [
    extension('2.5.29.19', true, new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema().toBER()),
    keyUsage(CA_USAGE),
  ]);
}

/** What a certificate is for: sealing documents, or timestamping (RFC 3161 §2.3: critical and alone). */
export type Purpose = 'seal' | 'timestamping';

/** A certificate under the authority. */
export function issueCertificate(
  authority: Signer,
  addresses: AuthorityAddresses,
  request: {
    readonly publicKey: CryptoKey;
    readonly subject: Subject;
    readonly validity: Validity;
    readonly purpose: Purpose;
  },
): Promise<Certificate> {
  const { subject, validity, publicKey, purpose } = request;
  const issuer = authority.certificate.subject;
  return issue({ keys: { publicKey }, signingKey: authority.key, issuer, subject, validity, authority }, [
    extension('2.5.29.19', false, new BasicConstraints({ cA: false }).toSchema().toBER()),
    keyUsage(SIGN_USAGE),
    ...(purpose === 'timestamping'
      ? [extension('2.5.29.37', true, new ExtKeyUsage({ keyPurposes: [TIMESTAMPING] }).toSchema().toBER())]
      : []),
    extension('1.3.6.1.5.5.7.1.1', false, caIssuers(addresses.certificate)),
    extension('2.5.29.31', false, distributionPoint(addresses.revocationList)),
  ]);
}

/** A certificate that is no longer good from an instant on. */
export interface Revocation {
  /** Hexadecimal, as `serialNumber` gives it. */
  readonly serialNumber: string;
  readonly at: Date;
}

/** A revocation list of the authority (RFC 5280 §5), in force from `from` to `to`. */
export async function issueRevocationList(
  authority: Signer,
  inForce: { readonly from: Date; readonly to: Date },
  revocations: readonly Revocation[],
): Promise<CertificateRevocationList> {
  const keyIdentifier = await keyIdentifierOf(authority.certificate);
  const list = new CertificateRevocationList({
    version: 1,
    issuer: authority.certificate.subject,
    thisUpdate: time(inForce.from),
    nextUpdate: time(inForce.to),
    ...(revocations.length > 0 ? { revokedCertificates: revocations.map(revoked) } : {}),
    crlExtensions: new Extensions({
      extensions: [
        extension('2.5.29.35', false, new AuthorityKeyIdentifier({ keyIdentifier }).toSchema().toBER()),
        // The number of the list must grow (§5.2.3): the second in which it was made does.
        extension('2.5.29.20', false, new Integer({ value: Math.floor(inForce.from.getTime() / 1000) }).toBER()),
      ],
    }),
  });
  await list.sign(authority.key, 'SHA-256');
  return list;
}

const revoked = ({ serialNumber, at }: Revocation): RevokedCertificate =>
  new RevokedCertificate({
    userCertificate: new Integer({ valueHex: arrayBuffer(Buffer.from(serialNumber, 'hex')) }),
    revocationDate: time(at),
  });

interface ToIssue {
  readonly keys: { readonly publicKey: CryptoKey };
  readonly signingKey: CryptoKey;
  readonly issuer: RelativeDistinguishedNames;
  readonly subject: Subject;
  readonly validity: Validity;
  /** Absent for a self-signed certificate. */
  readonly authority?: Signer;
}

async function issue(request: ToIssue, extensions: readonly Extension[]): Promise<Certificate> {
  const { keys, signingKey, issuer, subject, validity, authority } = request;
  const certificate = new Certificate({
    version: 2,
    serialNumber: newSerialNumber(),
    issuer,
    subject: nameOf(subject),
    notBefore: time(validity.notBefore),
    notAfter: time(yearsAfter(validity)),
  });
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  const keyIdentifier = await keyIdentifierOf(authority?.certificate ?? certificate);
  const subjectKey = new OctetString({ valueHex: (await keyIdentifierOf(certificate)).valueBlock.valueHexView });
  certificate.extensions = [
    ...extensions,
    extension('2.5.29.14', false, subjectKey.toBER()),
    extension('2.5.29.35', false, new AuthorityKeyIdentifier({ keyIdentifier }).toSchema().toBER()),
  ];
  await certificate.sign(signingKey, 'SHA-256');
  return certificate;
}

/** 126 random bits: positive, and no leading zero. */
function newSerialNumber(): Integer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return new Integer({ valueHex: arrayBuffer(bytes) });
}

function yearsAfter({ notBefore, years }: Validity): Date {
  const end = new Date(notBefore);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return end;
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from then on; whole seconds. */
function time(date: Date): Time {
  const value = new Date(date);
  value.setUTCMilliseconds(0);
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value });
}

/** One attribute in each relative name: PKI.js by itself would write them all into one. */
function nameOf({ commonName, organisation }: Subject): RelativeDistinguishedNames {
  const attributes = [
    new AttributeTypeAndValue({ type: '2.5.4.6', value: new PrintableString({ value: 'FR' }) }),
    new AttributeTypeAndValue({ type: '2.5.4.10', value: new Utf8String({ value: organisation }) }),
    new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value: commonName }) }),
  ];
  const value = attributes.map((attribute) => new Set({ value: [attribute.toSchema()] }));
  return parse(RelativeDistinguishedNames, Buffer.from(new Sequence({ value }).toBER()), 'name');
}

function extension(extnID: string, critical: boolean, extnValue: ArrayBuffer): Extension {
  return new Extension({ extnID, critical, extnValue });
}

function keyUsage({ bits, unused }: { bits: readonly number[]; unused: number }): Extension {
  const usage = new BitString({ valueHex: arrayBuffer(Uint8Array.from(bits)), unusedBits: unused });
  return extension('2.5.29.15', true, usage.toBER());
}

function caIssuers(url: string): ArrayBuffer {
  const accessLocation = new GeneralName({ type: URI, value: url });
  return new InfoAccess({ accessDescriptions: [new AccessDescription({ accessMethod: CA_ISSUERS, accessLocation })] })
    .toSchema()
    .toBER();
}

function distributionPoint(url: string): ArrayBuffer {
  const point = new DistributionPoint({ distributionPoint: [new GeneralName({ type: URI, value: url })] });
  return new CRLDistributionPoints({ distributionPoints: [point] }).toSchema().toBER();
}

/** RFC 5280 §4.2.1.2, method 1: the SHA-1 digest of the public key. It only finds the key; nothing rests on it. */
async function keyIdentifierOf({ subjectPublicKeyInfo }: Certificate): Promise<OctetString> {
  const { valueHexView } = subjectPublicKeyInfo.subjectPublicKey.valueBlock;
  return new OctetString({ valueHex: await crypto.subtle.digest('SHA-1', arrayBuffer(valueHexView)) });
}
