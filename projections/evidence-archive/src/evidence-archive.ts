import type { Db } from 'mongodb';
import type { Position } from '#libs/event-store';
import type { Instant } from '#libs/letter';
import type { ProofKind } from '#libs/proof';
import { ReadModel } from '#projections/engine';
import { evidenceArchiveProjection } from './projection.js';

/** A proof that waits for its timestamp. */
export interface DelayedProof {
  readonly letterId: string;
  /** The id of the letter's event that it is a proof of. */
  readonly proof: string;
  readonly kind: ProofKind;
  readonly delayedSince: Instant;
}

interface StoredProof {
  readonly _id: string;
  readonly letterId: string;
  readonly kind: ProofKind;
  readonly status: 'sealed' | 'delayed' | 'issued';
  readonly delayedSince?: Instant;
}

/** Answers which proofs are kept, and which still wait. What it says is a hint; the proofs of a letter themselves decide. */
export class EvidenceArchive {
  readonly #model: ReadModel<StoredProof>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, evidenceArchiveProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** At most `limit` proofs that wait for their timestamp, those that wait longest first. */
  async delayed(limit: number): Promise<DelayedProof[]> {
    const proofs = await this.#model.collection();
    const found = await proofs.find({ status: 'delayed' }).sort({ delayedSince: 1 }).limit(limit).toArray();
    return found.map(({ _id, letterId, kind, delayedSince = '' }) => ({ proof: _id, letterId, kind, delayedSince }));
  }
}
