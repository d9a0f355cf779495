import { verifyPath, type Trust } from './certification-path.js';
import { certificatePem, readCertificates, subjectName } from './certificates.js';
import { der } from './der.js';
import { assembleDetachedSeal, sealDetached } from './detached-seal.js';
import { RevocationLists } from './revocation-lists.js';
import { assembleSealedPdf, seal, timestampedDigest, verifySealedPdf } from './seal.js';
import { readSigner, type Signer } from './signer.js';
import { TimestampClient, type TimestampClientOptions } from './timestamp-client.js';

export interface SealingOfficeOptions {
  /** PEM: the private key of the seal, its certificate, and those between it and an anchor. */
  readonly seal: string;
  /** PEM: the roots that are trusted for seals and timestamps. */
  readonly anchors: string;
  /** Addresses of the revocation lists of every authority involved. */
  readonly revocationLists: readonly string[];
  readonly timestamps: Omit<TimestampClientOptions, 'now'>;
  readonly now: () => Date;
}

/** The timestamp of a seal, with the lists by which its certificates can be judged. */
export interface SealTimestamp {
  /** DER, as it came. */
  readonly token: Buffer;
  readonly time: Date;
  readonly authority: string;
  /** DER. */
  readonly revocationLists: readonly Buffer[];
}

/** Seals and has timestamped, with the certificate, the authorities and the anchors of one operator. */
export class SealingOffice {
  private readonly signer: Signer;
  private readonly anchors: Trust['anchors'];
  private readonly lists: RevocationLists;
  private readonly timestamps: TimestampClient;
  private readonly now: () => Date;

  /** @throws EvidenceRejected when key, certificate or anchors cannot be read */
  constructor({ seal: pem, anchors, revocationLists, timestamps, now }: SealingOfficeOptions) {
    this.signer = readSigner(pem);
    this.anchors = readCertificates(anchors);
    this.lists = new RevocationLists(revocationLists, now);
    this.timestamps = new TimestampClient({ ...timestamps, now });
    this.now = now;
  }

  /** Whose seal it is: name as its certificate has it, and the certificate, DER. */
  get issuer(): { readonly name: string; readonly certificate: Buffer } {
    return { name: subjectName(this.signer.certificate), certificate: der(this.signer.certificate) };
  }

  /** Seals a PDF that `archivalPdf` made; CMS, DER. */
  seal(pdf: Buffer): Promise<Buffer> {
    return seal(this.signer, pdf);
  }

  /**
   * Has a seal timestamped.
   *
   * @throws TimestampUnavailable, RevocationListUnavailable: it may be asked for again
   * @throws EvidenceRejected when the certificate of the seal is not good at the time of the timestamp
   */
  async timestamp(sealed: Uint8Array): Promise<SealTimestamp> {
    const current = await this.lists.current();
    const trust = this.trust(current.map(({ list }) => list));
    const { token, genTime, authority } = await this.timestamps.timestamp(timestampedDigest(sealed), trust);
    await verifyPath(this.signer.certificate, trust, genTime);
    return { token, time: genTime, authority, revocationLists: current.map(({ bytes }) => bytes) };
  }

  /**
   * Puts the sealed PDF together, and checks that what comes out proves what it is to prove.
   *
   * @throws EvidenceRejected
   */
  async assemble(pdf: Buffer, sealed: Uint8Array, { token, revocationLists }: SealTimestamp): Promise<Buffer> {
    const whole = assembleSealedPdf(pdf, { seal: sealed, token, revocationLists });
    await verifySealedPdf(whole, this.trust([]));
    return whole;
  }

  /** The roots that are trusted, PEM. */
  get roots(): string {
    return this.anchors.map(certificatePem).join('');
  }

  /**
   * Seals bytes that lie beside the seal, and has it timestamped (CAdES level B-LT).
   *
   * @throws TimestampUnavailable, RevocationListUnavailable: it may be asked for again
   * @throws EvidenceRejected when the certificate of the seal is not good at the time of the timestamp
   */
  async sealDetached(content: Buffer): Promise<Buffer> {
    const seal = await sealDetached(this.signer, content, this.now());
    return assembleDetachedSeal({ seal, ...(await this.timestamp(seal)) });
  }

  private trust(revocationLists: Trust['revocationLists']): Trust {
    return { anchors: this.anchors, intermediates: this.signer.intermediates, revocationLists };
  }
}
