import { randomBytes } from 'node:crypto';
import { Integer, OctetString, Sequence } from 'asn1js';
import { MessageImprint, TimeStampReq, TimeStampResp } from 'pkijs';
import type { Trust } from './certification-path.js';
import { arrayBuffer, der, parse, readDer } from './der.js';
import { EvidenceRejected } from './rejected.js';
import { sha256Identifier } from './signed-data.js';
import { verifyTimestamp, type VerifiedTimestamp } from './timestamp-token.js';

/** A token as it came, checked. */
export interface ObtainedTimestamp extends VerifiedTimestamp {
  /** DER. */
  readonly token: Buffer;
  /** The address that gave it. */
  readonly url: string;
}

/** No authority gave a token that holds; `failures` has what each said, in the order of asking. */
export class TimestampUnavailable extends Error {
  readonly code = 'TIMESTAMP_UNAVAILABLE';

  constructor(readonly failures: readonly { readonly url: string; readonly reason: string }[]) {
    super(
      `No timestamp authority gave a token (${failures.map(({ url, reason }) => `${url}: ${reason}`).join(' ')}). See that one of TSA_URL runs.`,
    );
    this.name = 'TimestampUnavailable';
  }
}

export interface TimestampClientOptions {
  /** Authorities, asked one after the other until one gives a token. */
  readonly urls: readonly string[];
  /** OID of the policy that the token must be under; any when absent. */
  readonly policy?: string | undefined;
  readonly now: () => Date;
  /** Milliseconds for one authority; default 10,000. */
  readonly timeoutMs?: number;
}

/** A token may be at most that far from our own clock, in milliseconds. */
const TOLERANCE_MS = 5 * 60_000;
/** Far more than any token has. */
const LARGEST_ANSWER = 256 * 1024;
/** PKIStatus (RFC 3161 §2.4.2): granted, and granted with modifications. */
const GRANTED: readonly number[] = [0, 1];

/**
 * Asks for timestamps (RFC 3161 over HTTP, §3.4). Each answer is checked on arrival: status, imprint, nonce, policy, signature, purpose and
 * path of the certificate, and that its time is about ours. One that fails is as good as none, and the next authority is asked.
 */
export class TimestampClient {
  constructor(private readonly options: TimestampClientOptions) {}

  /**
   * @param digest SHA-256, 32 bytes
   * @throws TimestampUnavailable
   */
  async timestamp(digest: Uint8Array, trust: Trust): Promise<ObtainedTimestamp> {
    const failures: { url: string; reason: string }[] = [];
    for (const url of this.options.urls) {
      try {
        return await this.ask(url, digest, trust);
      } catch (error) {
        failures.push({ url, reason: reasonOf(error) });
      }
    }
    throw new TimestampUnavailable(failures);
  }

  private async ask(url: string, digest: Uint8Array, trust: Trust): Promise<ObtainedTimestamp> {
    const nonce = newNonce();
    const token = tokenIn(await this.post(url, der(this.request(digest, nonce))));
    const verified = await verifyTimestamp(token, digest, trust);
    const { policy, now } = this.options;
    if (!verified.nonce?.isEqual(nonce)) {
      throw new EvidenceRejected('NONCE_DIFFERS', 'The token answers another request.');
    }
    if (policy !== undefined && verified.policy !== policy) {
      throw new EvidenceRejected('POLICY_DIFFERS', `The token is under ${verified.policy} instead of ${policy}.`);
    }
    if (Math.abs(verified.genTime.getTime() - now().getTime()) > TOLERANCE_MS) {
      throw new EvidenceRejected('TIME_IMPLAUSIBLE', 'The time of the token is far from that of this machine.');
    }
    return { ...verified, token, url };
  }

  private request(digest: Uint8Array, nonce: Integer): TimeStampReq {
    const { policy } = this.options;
    return new TimeStampReq({
      version: 1,
      messageImprint: new MessageImprint({
        hashAlgorithm: sha256Identifier(),
        hashedMessage: new OctetString({ valueHex: arrayBuffer(digest) }),
      }),
      ...(policy === undefined ? {} : { reqPolicy: policy }),
      nonce,
      certReq: true,
    });
  }

  private async post(url: string, request: Buffer): Promise<Buffer> {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: arrayBuffer(request),
      signal: AbortSignal.timeout(this.options.timeoutMs ?? 10_000),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) throw new EvidenceRejected('REQUEST_REJECTED', `It answered HTTP ${String(answer.status)}.`);
    if (bytes.length > LARGEST_ANSWER) throw new EvidenceRejected('MALFORMED', 'Its answer is too long.');
    return bytes;
  }
}

/** 63 random bits, positive and without a leading zero. */
function newNonce(): Integer {
  const bytes = randomBytes(8);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return new Integer({ valueHex: arrayBuffer(bytes) });
}

function tokenIn(answer: Buffer): Buffer {
  const { status, timeStampToken } = parse(TimeStampResp, answer, 'timestamp response');
  if (GRANTED.includes(status.status) && timeStampToken) return secondOf(answer);
  const said = status.statusStrings?.map(({ valueBlock }) => valueBlock.value).join(' ');
  throw new EvidenceRejected(
    'REQUEST_REJECTED',
    `It gave no token (status ${String(status.status)}). ${said ?? ''}`.trim(),
  );
}

/** The token as it came, byte for byte: encoded again, it might not be what was signed. */
function secondOf(response: Buffer): Buffer {
  const block = readDer(response, 'timestamp response');
  const token = block instanceof Sequence ? block.valueBlock.value[1] : undefined;
  if (!token) throw new EvidenceRejected('MALFORMED', 'The timestamp response holds no token.');
  return Buffer.from(token.valueBeforeDecodeView);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as { code?: unknown } | undefined;
  return typeof cause?.code === 'string' ? `${error.message} (${cause.code})` : error.message;
}
