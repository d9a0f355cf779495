import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { EvidenceArchive } from '#projections/evidence-archive';
import { ProofMaker } from './proof-maker.js';

/** Milliseconds between the end of one round and the beginning of the next. */
export abstract class DelayedProofInterval {
  abstract readonly milliseconds: number;
}

/** Proofs of one round at most. */
const AT_ONCE = 500;

/**
 * Asks again for the timestamps that no authority gave. The read model only says where to look; whether one is still missing, the proofs of the
 * letter say. A round ends with the first that is delayed once more: the others would fare no better, and the authority is left in peace.
 */
@Injectable()
export class DelayedProofs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Proofs');
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly archive: EvidenceArchive,
    private readonly maker: ProofMaker,
    private readonly interval: DelayedProofInterval,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.keepRunning();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** One round. @returns how many proofs were issued. */
  async settle(): Promise<number> {
    let issued = 0;
    for (const { letterId, proof } of await this.archive.delayed(AT_ONCE)) {
      if (this.stop.signal.aborted) break;
      try {
        const outcome = await this.maker.make(letterId, proof);
        if (outcome === 'delayed') break;
        if (outcome === 'issued') issued += 1;
      } catch (error) {
        this.logger.error(`The proof of event ${proof} of letter ${letterId} is not issued yet: ${reasonOf(error)}`);
      }
    }
    return issued;
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      await sleep(this.interval.milliseconds, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.settle().catch((error: unknown) => this.logger.warn(`No round of proofs: ${reasonOf(error)}`));
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
