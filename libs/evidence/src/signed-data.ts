import { createHash } from 'node:crypto';
import { BaseBlock, Integer, Null, ObjectIdentifier, OctetString, Sequence, UTCTime } from 'asn1js';
import {
  AlgorithmIdentifier,
  Attribute,
  Certificate,
  CertificateRevocationList,
  ContentInfo,
  EncapsulatedContentInfo,
  getCrypto,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs';
import { fingerprint, serialNumber } from './certificates.js';
import { arrayBuffer, der, parse, readDer } from './der.js';
import { EvidenceRejected } from './rejected.js';
import type { Signer } from './signer.js';

export const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
/** RFC 5035 §3. */
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
/** RFC 3161, appendix A. */
const SIGNATURE_TIMESTAMP = '1.2.840.113549.1.9.16.2.14';

export const SHA_256 = '2.16.840.1.101.3.4.2.1';
/** Digest algorithms that may be met in tokens of others, and the names that Node.js has for them. */
export const DIGESTS: Readonly<Record<string, string>> = {
  [SHA_256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** What the identifiers of ECDSA signatures begin with (RFC 5758 §3.2). */
const ECDSA = '1.2.840.10045.4.';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
/** The names of the Web Cryptography API. */
const WEB_DIGESTS: Readonly<Record<string, string>> = {
  [SHA_256]: 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

export const sha256Identifier = (): AlgorithmIdentifier => new AlgorithmIdentifier({ algorithmId: SHA_256 });

/** What is to be signed, and what goes into the signature beside it. */
export interface Signing {
  /** OID of the content's type; absent for data. */
  readonly contentType?: string;
  readonly content: Uint8Array;
  /** Whether the content is left out of the result (RFC 5652 §5.2, external signature). */
  readonly detached: boolean;
  /** A signed claim of the time (CAdES); PAdES has it in the PDF instead. */
  readonly signingTime?: Date;
  readonly revocationLists?: readonly CertificateRevocationList[];
}

/** Signs as CMS (RFC 5652) with SHA-256 and the signing certificate among the signed attributes (RFC 5035, EN 319 122-1 §5.2.2). */
export async function signData(signer: Signer, signing: Signing): Promise<SignedData> {
  const { contentType = DATA, content, detached, revocationLists = [] } = signing;
  const { certificate, intermediates, key } = signer;
  const signedData = new SignedData({
    version: contentType === DATA ? 1 : 3,
    digestAlgorithms: [sha256Identifier()],
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: contentType,
      ...(detached ? {} : { eContent: new OctetString({ valueHex: arrayBuffer(content) }) }),
    }),
    certificates: [certificate, ...intermediates],
    ...(revocationLists.length > 0 ? { crls: [...revocationLists] } : {}),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: certificate.issuer, serialNumber: certificate.serialNumber }),
        digestAlgorithm: sha256Identifier(),
        signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes: signedAttributes(certificate, signing) }),
      }),
    ],
  });
  await signedData.sign(key, 0, 'SHA-256', arrayBuffer(content));
  return signedData;
}

/** In the order that DER asks of a set (X.690 §11.6): some verifiers encode it again before they check. */
function signedAttributes(
  certificate: Certificate,
  { contentType = DATA, content, signingTime }: Signing,
): Attribute[] {
  const digest = createHash('sha256').update(content).digest();
  const certificateDigest = Buffer.from(fingerprint(certificate), 'hex');
  const attributes = [
    attribute(CONTENT_TYPE, new ObjectIdentifier({ value: contentType })),
    attribute(MESSAGE_DIGEST, new OctetString({ valueHex: arrayBuffer(digest) })),
    // SHA-256 is the default of the field and so is not named.
    attribute(
      SIGNING_CERTIFICATE_V2,
      sequence(sequence(sequence(new OctetString({ valueHex: arrayBuffer(certificateDigest) })))),
    ),
    ...(signingTime ? [attribute(SIGNING_TIME, new UTCTime({ valueDate: signingTime }))] : []),
  ];
  return attributes.sort((left, right) => Buffer.compare(der(left), der(right)));
}

const sequence = (...value: BaseBlock[]): Sequence => new Sequence({ value });
const attribute = (type: string, value: BaseBlock): Attribute => new Attribute({ type, values: [value] });

/** The DER form of a signature, in its ContentInfo. */
export function signedDataDer(signedData: SignedData): Buffer {
  return der(new ContentInfo({ contentType: SIGNED_DATA, content: signedData.toSchema(true) }));
}

/** Adds the timestamp of the signature value to the unsigned attributes (RFC 3161, appendix A; level B-T). */
export function addSignatureTimestamp(signedData: SignedData, token: Uint8Array): void {
  const value = readDer(token, 'timestamp token');
  const signerInfo = onlySigner(signedData);
  signerInfo.unsignedAttrs = new SignedAndUnsignedAttributes({
    type: 1,
    attributes: [attribute(SIGNATURE_TIMESTAMP, value)],
  });
}

/** The bytes that a signature timestamp is of. */
export const signatureValue = (signedData: SignedData): Buffer =>
  Buffer.from(onlySigner(signedData).signature.valueBlock.valueHexView);

/** The timestamp token of the signature, if it has one. */
export function signatureTimestamp(signedData: SignedData): Buffer | undefined {
  const value = valueOf(onlySigner(signedData).unsignedAttrs, SIGNATURE_TIMESTAMP);
  return value && Buffer.from(value.toBER());
}

/** PKI.js gives the values of attributes no type. */
function valueOf(attributes: SignedAndUnsignedAttributes | undefined, wanted: string): BaseBlock | undefined {
  const values: unknown[] = attributes?.attributes.find(({ type }) => type === wanted)?.values ?? [];
  return values[0] instanceof BaseBlock ? values[0] : undefined;
}

/** A signature that holds. */
export interface VerifiedSignature {
  readonly signedData: SignedData;
  readonly signer: Certificate;
  /** All certificates that came with it. */
  readonly certificates: readonly Certificate[];
  readonly revocationLists: readonly CertificateRevocationList[];
  /** What was signed. */
  readonly content: Buffer;
  readonly contentType: string;
}

/**
 * Checks the signature of CMS signed data: the content's digest, the signer's certificate as the signed attributes name it, the signature
 * itself. Whether that certificate is trusted is `verifyPath`'s to tell.
 *
 * @param detached the content, where the signature does not hold it
 * @throws EvidenceRejected MALFORMED, CONTENT_ALTERED, SIGNER_UNKNOWN, SIGNATURE_INVALID
 */
export async function verifySignedData(bytes: Uint8Array, detached?: Uint8Array): Promise<VerifiedSignature> {
  const signedData = readSignedData(bytes);
  const content = contentOf(signedData, detached);
  const signer = signerCertificate(signedData);
  checkForm(signedData);
  checkValue(onlySigner(signedData));
  const digest = checkAttributes(signedData, signer);
  await checkSignature(onlySigner(signedData), signer);
  // Last: of a signature that holds, it is the content that was altered.
  if (!digest.expected.equals(createHash(digest.algorithm).update(content).digest())) {
    throw new EvidenceRejected('CONTENT_ALTERED', 'What was signed has been altered.');
  }
  return {
    signedData,
    signer,
    certificates: certificatesOf(signedData),
    revocationLists: (signedData.crls ?? []).filter((one) => one instanceof CertificateRevocationList),
    content,
    contentType: signedData.encapContentInfo.eContentType,
  };
}

/** RFC 5652 §5.6: what is signed is the set of signed attributes. */
async function checkSignature(signerInfo: SignerInfo, { subjectPublicKeyInfo }: Certificate): Promise<void> {
  const { signedAttrs, signature, signatureAlgorithm, digestAlgorithm } = signerInfo;
  const { algorithmId } = signatureAlgorithm;
  // This identifier names no digest; the ones of signatures do.
  const digest = algorithmId === RSA_ENCRYPTION ? [WEB_DIGESTS[digestAlgorithm.algorithmId] ?? ''] : [];
  const valid = await getCrypto(true)
    .verifyWithPublicKey(
      signedAttrs?.encodedValue ?? new ArrayBuffer(0),
      signature,
      subjectPublicKeyInfo,
      signatureAlgorithm,
      ...digest,
    )
    .catch((cause: unknown) => {
      throw new EvidenceRejected('SIGNATURE_INVALID', 'The signature cannot be verified.', cause);
    });
  if (!valid) throw new EvidenceRejected('SIGNATURE_INVALID', 'The signature is not that of its certificate.');
}

/** CMS signed data from its DER form, in its ContentInfo. @throws EvidenceRejected MALFORMED */
export function readSignedData(bytes: Uint8Array): SignedData {
  const contentInfo = parse(ContentInfo, bytes, 'signature');
  const content: unknown = contentInfo.content;
  if (contentInfo.contentType !== SIGNED_DATA || !(content instanceof BaseBlock)) {
    throw new EvidenceRejected('MALFORMED', 'The signature is no CMS signed data.');
  }
  try {
    return new SignedData({ schema: content });
  } catch (cause) {
    throw new EvidenceRejected('MALFORMED', 'The signature is not built as RFC 5652 says.', cause);
  }
}

/** The one signer that a signature must have. @throws EvidenceRejected MALFORMED */
export function onlySigner({ signerInfos }: SignedData): SignerInfo {
  const [signerInfo, ...more] = signerInfos;
  if (signerInfo && more.length === 0) return signerInfo;
  throw new EvidenceRejected('MALFORMED', 'A signature must have exactly one signer.');
}

function contentOf({ encapContentInfo: { eContent } }: SignedData, detached: Uint8Array | undefined): Buffer {
  if (eContent && !detached) return Buffer.from(eContent.getValue());
  if (!eContent && detached) return Buffer.from(detached);
  throw new EvidenceRejected('MALFORMED', 'The signature holds no content, or holds one where it must not.');
}

const certificatesOf = ({ certificates = [] }: SignedData): Certificate[] =>
  certificates.filter((one) => one instanceof Certificate);

/** The certificate of the signer. @throws EvidenceRejected SIGNER_UNKNOWN when it is not with the signature */
export function signerCertificate(signedData: SignedData): Certificate {
  const sid: unknown = onlySigner(signedData).sid;
  const found =
    sid instanceof IssuerAndSerialNumber &&
    certificatesOf(signedData).find(
      (one) => der(one.issuer).equals(der(sid.issuer)) && serialNumber(one) === serialNumber(sid),
    );
  if (found) return found;
  throw new EvidenceRejected('SIGNER_UNKNOWN', 'The certificate of the signer is not with the signature.');
}

/** Versions and digest algorithms are signed by nobody; RFC 5652 §5.1 and §5.3 say what they must be. */
function checkForm(signedData: SignedData): void {
  const { version, digestAlgorithms, encapContentInfo } = signedData;
  const { version: signerVersion, digestAlgorithm } = onlySigner(signedData);
  const [algorithm, ...more] = digestAlgorithms;
  const isVersion = version === (encapContentInfo.eContentType === DATA ? 1 : 3) && signerVersion === 1;
  const isAlgorithm = algorithm?.algorithmId === digestAlgorithm.algorithmId && more.length === 0;
  const hasNoParameters = [digestAlgorithm, algorithm].every((one) => {
    const parameters = one?.algorithmParams as unknown;
    return parameters === undefined || parameters instanceof Null;
  });
  if (isVersion && isAlgorithm && hasNoParameters) return;
  throw new EvidenceRejected('MALFORMED', 'The signature is not of the form that RFC 5652 gives it.');
}

/**
 * A signature value can be written in one way (X.690 §10), and nothing signs how it is written: a reader that is lenient would take changed bytes
 * for the same signature.
 */
function checkValue({ signature, signatureAlgorithm }: SignerInfo): void {
  const bytes = Buffer.from(signature.valueBlock.valueHexView);
  if (!signature.idBlock.isConstructed && (!signatureAlgorithm.algorithmId.startsWith(ECDSA) || isCanonicalPair(bytes)))
    return;
  throw new EvidenceRejected('SIGNATURE_INVALID', 'The value of the signature is not written as X.690 says.');
}

/** RFC 3279 §2.2.3: a sequence of two positive integers, each in as few bytes as it takes. */
function isCanonicalPair(bytes: Buffer): boolean {
  const value = readDer(bytes, 'signature value');
  const integers = value instanceof Sequence ? value.valueBlock.value : [];
  if (integers.length !== 2 || !integers.every((one) => one instanceof Integer)) return false;
  const again = sequence(...integers.map((one) => Integer.fromBigInt(one.toBigInt())));
  return Buffer.from(again.toBER()).equals(bytes);
}

/** @returns the digest that the content must have, as the signed attributes say */
function checkAttributes(signedData: SignedData, signer: Certificate): { algorithm: string; expected: Buffer } {
  const { signedAttrs, digestAlgorithm } = onlySigner(signedData);
  const algorithm = DIGESTS[digestAlgorithm.algorithmId];
  const digest = valueOf(signedAttrs, MESSAGE_DIGEST);
  const contentType = valueOf(signedAttrs, CONTENT_TYPE);
  if (!algorithm || !(digest instanceof OctetString) || !(contentType instanceof ObjectIdentifier)) {
    throw new EvidenceRejected('MALFORMED', 'The signature lacks the digest or the type of what it signs.');
  }
  if (contentType.getValue() !== signedData.encapContentInfo.eContentType) {
    throw new EvidenceRejected('MALFORMED', 'The signature is of another type of content.');
  }
  checkSigningCertificate(valueOf(signedAttrs, SIGNING_CERTIFICATE_V2), signer);
  return { algorithm, expected: Buffer.from(digest.getValue()) };
}

/** SigningCertificateV2 (RFC 5035 §3): the first certificate named must be the signer's. */
function checkSigningCertificate(value: BaseBlock | undefined, signer: Certificate): void {
  const first = value instanceof Sequence ? value.valueBlock.value[0] : undefined;
  const named = first instanceof Sequence ? first.valueBlock.value[0] : undefined;
  const [algorithmOrDigest, digest] = named instanceof Sequence ? named.valueBlock.value : [];
  const isDefault = algorithmOrDigest instanceof OctetString;
  const algorithm = isDefault ? 'sha256' : DIGESTS[algorithmId(algorithmOrDigest)];
  const hash = isDefault ? algorithmOrDigest : digest;
  if (!algorithm || !(hash instanceof OctetString)) {
    throw new EvidenceRejected('MALFORMED', 'The signature does not say which certificate it is of.');
  }
  if (!Buffer.from(hash.getValue()).equals(createHash(algorithm).update(der(signer)).digest())) {
    throw new EvidenceRejected(
      'SIGNER_UNKNOWN',
      'The signature names another certificate than the one that came with it.',
    );
  }
}

const algorithmId = (value: BaseBlock | undefined): string => {
  const first = value instanceof Sequence ? value.valueBlock.value[0] : undefined;
  return first instanceof ObjectIdentifier ? first.getValue() : '';
};
