import {
  checkDetachedSeal,
  EvidenceRejected,
  trustedBy,
  verifyDetachedSeal,
  verifySealedPdf,
  type Trust,
  type VerifiedSeal,
} from '#libs/evidence';
import type { Link } from '#libs/chain';
import { describeEvent, type EventOf, type LetterEvent } from '#libs/letter';
import { proofs as proofStream, type Proof, type ProofEvent, type Proofs } from '#libs/proof';
import { ContainerBroken, unpack, type Files, type Unpacked } from './container.js';
import { readEvents, type ReadEvents } from './event-lines.js';
import { digestsIn, MANIFEST, sha256Of, SIGNATURE } from './manifest.js';
import { FORMAT, PLACES } from './write.js';

/** The bytes are no dossier: there is nothing to judge. */
export class DossierUnreadable extends Error {
  readonly code = 'DOSSIER_UNREADABLE';

  constructor() {
    super('This file is no dossier of a letter, or none of its beginning is left: ask for it again.');
    this.name = 'DossierUnreadable';
  }
}

/** Something that is not as it was sealed. */
export interface DossierFault {
  /** `container`, or the name of the file in it. */
  readonly place: string;
  /** Of a file with events: the number of the event, 0 for the first. */
  readonly event?: number;
  readonly sentence: string;
}

/** An issued proof that holds. */
export interface HoldingProof {
  readonly proof: Extract<Proof, { status: 'issued' }>;
  readonly seal: VerifiedSeal;
}

/** What happened, as far as the chain vouches for it. */
export interface Happening {
  readonly number: number;
  readonly at: string;
  /** The event in French. */
  readonly words: string;
  readonly proof?: HoldingProof;
}

export interface Verdict {
  readonly reference: string;
  readonly happenings: readonly Happening[];
  /** The seal of the whole, when it holds. */
  readonly seal: VerifiedSeal | undefined;
  /** Empty when the dossier is valid. */
  readonly faults: readonly DossierFault[];
}

const CONTAINER = 'container';

/**
 * Verifies a dossier by nothing but itself: the container, the seal of its manifest, the digest of each file, the chains of the events, and each document and proof
 * against the events.
 *
 * @param anchors the roots that are trusted (PEM); without them those that the dossier brings, which tell that it is whole, but not whose it is
 * @throws DossierUnreadable, and EvidenceRejected MALFORMED when there is no certificate in `anchors`
 */
export async function verifyDossier(bytes: Buffer, anchors?: string): Promise<Verdict> {
  const given = anchors === undefined ? undefined : trustedBy(anchors);
  let unpacked: Unpacked;
  try {
    unpacked = unpack(bytes);
  } catch (error) {
    if (!(error instanceof ContainerBroken) || error.at === 0) throw new DossierUnreadable();
    const faults = [{ place: CONTAINER, sentence: error.message }];
    return { reference: '', happenings: [], seal: undefined, faults };
  }
  return new Verification(unpacked, given).verdict();
}

/** One run over one dossier. Each place is told of once, by what found it first; what depends on a place with a fault is not judged. */
class Verification {
  private readonly files: Files;
  private readonly faults: DossierFault[] = [];
  private seal: VerifiedSeal | undefined;

  constructor(
    private readonly unpacked: Unpacked,
    private readonly given: Trust | undefined,
  ) {
    this.files = unpacked.files;
  }

  async verdict(): Promise<Verdict> {
    const isSound = await this.checkSignature();
    const letter = readEvents(this.files.get(PLACES.letterEvents) ?? Buffer.alloc(0));
    const proofs = readEvents(this.files.get(PLACES.proofEvents) ?? Buffer.alloc(0));
    this.tellOfChain(PLACES.letterEvents, letter);
    this.tellOfChain(PLACES.proofEvents, proofs);
    if (isSound) this.compareWithManifest();
    const trust = this.trust();
    if (isSound && trust) await this.checkSealer(trust);
    this.checkContainer(isSound);
    this.checkDocuments(letter);
    const holding = trust ? await this.checkProofs(letter, proofs, trust) : [];
    const happenings = letter.links.map((link) => happening(link, holding));
    return { reference: this.reference(), happenings, seal: this.seal, faults: this.faults };
  }

  private tell(place: string, sentence: string, event?: number): void {
    if (this.isFaulty(place)) return;
    this.faults.push({ place, sentence, ...(event === undefined ? {} : { event }) });
  }

  private isFaulty(place: string): boolean {
    return this.faults.some((fault) => fault.place === place);
  }

  /** @returns whether the manifest is what was sealed, whoever sealed it */
  private async checkSignature(): Promise<boolean> {
    const manifest = this.files.get(MANIFEST);
    const signature = this.files.get(SIGNATURE);
    if (!manifest) this.tell(CONTAINER, `The file ${MANIFEST} is missing.`);
    if (!signature) this.tell(CONTAINER, `The file ${SIGNATURE} is missing.`);
    if (!manifest || !signature) return false;
    try {
      await checkDetachedSeal(signature, manifest);
      return true;
    } catch (error) {
      const isContent = error instanceof EvidenceRejected && error.code === 'CONTENT_ALTERED';
      this.tell(isContent ? MANIFEST : SIGNATURE, isContent ? 'The manifest was altered.' : sentenceOf(error));
      return false;
    }
  }

  /** Whose the seal is and when it was made; only once the manifest is known to be what was sealed. */
  private async checkSealer(trust: Trust): Promise<void> {
    const [manifest, signature] = [this.files.get(MANIFEST), this.files.get(SIGNATURE)];
    if (!manifest || !signature) return;
    try {
      this.seal = await verifyDetachedSeal(signature, manifest, trust);
    } catch (error) {
      this.tell(SIGNATURE, sentenceOf(error));
    }
  }

  /** The roots that are trusted; none when they are the dossier's and not what was sealed. */
  private trust(): Trust | undefined {
    if (this.given) return this.given;
    const anchors = this.fileOf(PLACES.anchors);
    if (!anchors) return undefined;
    try {
      return trustedBy(anchors.toString('latin1'));
    } catch (error) {
      this.tell(PLACES.anchors, sentenceOf(error));
      return undefined;
    }
  }

  private tellOfChain(place: string, { broken }: ReadEvents): void {
    if (broken) this.tell(place, `The chain of the events breaks: ${broken.fault}.`, broken.line);
  }

  private compareWithManifest(): void {
    const digests = digestsIn(this.files.get(MANIFEST)?.toString('utf8') ?? '');
    for (const [name, bytes] of this.files) {
      if (name === MANIFEST || name === SIGNATURE) continue;
      const digest = digests.get(name);
      if (digest === undefined) this.tell(CONTAINER, `The file ${name} is in no manifest: somebody added it.`);
      else if (digest !== sha256Of(bytes))
        this.tell(name, 'The file was altered: its digest is not that of the manifest.');
    }
    for (const name of digests.keys()) {
      if (!this.files.has(name)) this.tell(CONTAINER, `The file ${name} is missing.`);
    }
  }

  /** What is between the files is judged by the files, so only while these hold. */
  private checkContainer(isSound: boolean): void {
    for (const name of this.unpacked.damaged) {
      if (this.isFaulty(name)) continue;
      const sentence = `The checksum of ${name} was altered: the file holds.`;
      if (isSound) this.tell(CONTAINER, sentence);
      else this.tell(name, 'The file is damaged: its bytes are not those of its checksum.');
    }
    if (this.unpacked.damaged.length > 0 || this.unpacked.isCanonical || this.isFaulty(CONTAINER)) return;
    this.tell(CONTAINER, 'Something was changed or hidden between, before or behind the files.');
  }

  private checkDocuments({ links }: ReadEvents): void {
    for (const sha256 of links.flatMap(documentsOf)) {
      const name = PLACES.document(sha256);
      const bytes = this.fileOf(name);
      if (bytes && sha256Of(bytes) !== sha256) this.tell(name, 'The document is not the one that was deposited.');
    }
  }

  /** A file that the events call for; undefined when it is missing or has a fault already, which is told. */
  private fileOf(name: string): Buffer | undefined {
    const bytes = this.files.get(name);
    if (!bytes) this.tell(CONTAINER, `The file ${name} is missing.`);
    return this.isFaulty(name) ? undefined : bytes;
  }

  private async checkProofs(letter: ReadEvents, { links }: ReadEvents, trust: Trust): Promise<HoldingProof[]> {
    const ids = new Set(letter.links.map(({ id }) => id));
    const holding: HoldingProof[] = [];
    for (const proof of this.proofsIn(links)) {
      if (proof.status !== 'issued') continue;
      if (!ids.has(proof.proof) && this.fileOf(PLACES.letterEvents)) {
        this.tell(PLACES.proofEvents, 'A proof is of an event that there is not.');
      }
      const token = this.fileOf(PLACES.token(proof.proof));
      if (token && !token.equals(Buffer.from(proof.token, 'base64'))) {
        this.tell(PLACES.token(proof.proof), 'The timestamp is not the one that was kept.');
      }
      const seal = await this.sealOf(proof, trust);
      if (seal) holding.push({ proof, seal });
    }
    return holding;
  }

  private proofsIn(links: readonly Link[]): Proofs {
    try {
      const events = links.map(({ type, data }) => ({ type, data }) as unknown as ProofEvent);
      return events.reduce((state: Proofs, event) => proofStream.evolve(state, event), proofStream.initial);
    } catch (error) {
      this.tell(PLACES.proofEvents, sentenceOf(error));
      return [];
    }
  }

  private async sealOf(
    { proof, time, document }: HoldingProof['proof'],
    trust: Trust,
  ): Promise<VerifiedSeal | undefined> {
    const name = PLACES.proof(proof);
    const pdf = this.fileOf(name);
    if (!pdf) return undefined;
    try {
      const seal = await verifySealedPdf(pdf, trust);
      const isIssued = sha256Of(pdf) === document.sha256 && seal.timestamp.genTime.toISOString() === time;
      if (isIssued) return seal;
      this.tell(name, 'The proof is not the one that was issued.');
    } catch (error) {
      this.tell(name, sentenceOf(error));
    }
    return undefined;
  }

  private reference(): string {
    const description = this.fileOf(PLACES.description);
    if (!description) return '';
    try {
      const { format, reference } = JSON.parse(description.toString('utf8')) as {
        format?: unknown;
        reference?: unknown;
      };
      if (format === FORMAT && typeof reference === 'string') return reference;
    } catch {
      // Told below.
    }
    this.tell(PLACES.description, 'The description of the dossier cannot be read by this version.');
    return '';
  }
}

function documentsOf({ type, data }: Link): string[] {
  if (type === 'Submitted')
    return (data as unknown as EventOf<'Submitted'>['data']).documents.map(({ sha256 }) => sha256);
  if (type === 'Deposited') return [(data as unknown as EventOf<'Deposited'>['data']).acknowledgement.sha256];
  return [];
}

function happening({ id, type, data, revision }: Link, holding: readonly HoldingProof[]): Happening {
  // The personal part stays encrypted: the words are those without it.
  const { personal: _, ...open } = data;
  const proof = holding.find((one) => one.proof.proof === id);
  return {
    number: Number(revision),
    at: String(open['at']),
    words: describeEvent({ type, data: open } as unknown as LetterEvent),
    ...(proof ? { proof } : {}),
  };
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
