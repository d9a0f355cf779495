import { randomBytes } from 'node:crypto';
import { BitString, Integer, Utf8String } from 'asn1js';
import { Accuracy, ContentInfo, PKIStatusInfo, TimeStampReq, TimeStampResp, TSTInfo } from 'pkijs';
import { arrayBuffer, der, parse } from './der.js';
import { EvidenceRejected } from './rejected.js';
import { DIGESTS, signData, signedDataDer } from './signed-data.js';
import type { Signer } from './signer.js';
import { TST_INFO } from './timestamp-token.js';

/** PKIFailureInfo (RFC 3161 §2.4.2): which bit says what. */
const FAILURES = { badAlg: 0, badDataFormat: 5, unacceptedPolicy: 15 } as const;

/** Length in bytes of the digests that are timestamped. */
const LENGTHS: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };

export interface ResponderOptions {
  readonly signer: Signer;
  /** OID of the policy under which the tokens are issued; a request for another one is rejected. */
  readonly policy: string;
  readonly now: () => Date;
}

/** Answers a timestamp request (RFC 3161 §2.4) with a token, or says why there is none. Both are DER. */
export async function answerTimestampRequest(request: Uint8Array, options: ResponderOptions): Promise<Buffer> {
  let asked: TimeStampReq;
  try {
    asked = parse(TimeStampReq, request, 'timestamp request');
  } catch (error) {
    if (error instanceof EvidenceRejected) return rejection('badDataFormat', error.message);
    throw error;
  }
  const { hashAlgorithm, hashedMessage } = asked.messageImprint;
  const digest = DIGESTS[hashAlgorithm.algorithmId];
  if (digest === undefined) return rejection('badAlg', 'Ask with SHA-256, SHA-384 or SHA-512.');
  if (hashedMessage.getValue().byteLength !== LENGTHS[digest]) {
    return rejection('badDataFormat', 'The imprint is not as long as its digest algorithm makes it.');
  }
  if (asked.reqPolicy && asked.reqPolicy !== options.policy) {
    return rejection('unacceptedPolicy', `Tokens are issued under ${options.policy} only.`);
  }
  return granted(await token(asked, options));
}

async function token({ messageImprint, nonce, certReq }: TimeStampReq, options: ResponderOptions): Promise<Buffer> {
  const { signer, policy, now } = options;
  const genTime = now();
  // Whole seconds: DER allows no fraction that ends in a zero (X.690 §11.7.3).
  genTime.setUTCMilliseconds(0);
  const info = new TSTInfo({
    version: 1,
    policy,
    messageImprint,
    serialNumber: new Integer({ valueHex: arrayBuffer(positive(randomBytes(16))) }),
    genTime,
    accuracy: new Accuracy({ seconds: 1 }),
    ...(nonce ? { nonce } : {}),
  });
  const content = der(info);
  const signedData = await signData(signer, { contentType: TST_INFO, content, detached: false });
  if (!certReq) delete signedData.certificates;
  return signedDataDer(signedData);
}

function positive(bytes: Buffer): Buffer {
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes;
}

function granted(timeStampToken: Buffer): Buffer {
  const status = new PKIStatusInfo({ status: 0 });
  return der(new TimeStampResp({ status, timeStampToken: parse(ContentInfo, timeStampToken, 'token') }));
}

function rejection(failure: keyof typeof FAILURES, sentence: string): Buffer {
  const bit = FAILURES[failure];
  const bits = new Uint8Array(Math.floor(bit / 8) + 1);
  bits[bits.length - 1] = 0x80 >> (bit % 8);
  const failInfo = new BitString({ valueHex: arrayBuffer(bits), unusedBits: 7 - (bit % 8) });
  const status = new PKIStatusInfo({ status: 2, statusStrings: [new Utf8String({ value: sentence })], failInfo });
  return der(new TimeStampResp({ status }));
}
