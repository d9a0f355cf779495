import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Db, MongoServerError, type Collection } from 'mongodb';

/** Milliseconds for which a lease holds without being renewed; by the clock of MongoDB. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = LEASE_MS / 3;

const DUPLICATE_KEY = 11_000;

interface StoredLease {
  /** The campaign's id. */
  readonly _id: string;
  readonly holder: string;
  readonly until: Date;
}

/** The right to send a campaign. Whoever holds it looks at `signal` before each letter. */
export interface Lease {
  /** Aborted once another worker may have taken the campaign over. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/**
 * Who sends which campaign, in MongoDB, so that two workers do not do the same work twice. It saves work and is no lock: a process that
 * was stopped may wake up without its lease, which is why letters have ids that follow from the campaign.
 */
@Injectable()
export class CampaignLeases {
  private readonly leases: Collection<StoredLease>;

  constructor(db: Db) {
    this.leases = db.collection<StoredLease>('campaign_leases', { writeConcern: { w: 'majority' } });
  }

  /** Undefined while another one holds it. */
  async take(campaignId: string): Promise<Lease | undefined> {
    const holder = randomUUID();
    const free = { $lt: ['$until', '$$NOW'] };
    const until = { $add: ['$$NOW', LEASE_MS] };
    const taken = await this.leases
      .findOneAndUpdate(
        { _id: campaignId },
        // Both fields are computed from what was there before.
        [{ $set: { holder: { $cond: [free, holder, '$holder'] }, until: { $cond: [free, until, '$until'] } } }],
        { upsert: true, returnDocument: 'after' },
      )
      .catch((error: unknown) => {
        // Two took it at the same moment, and this one came second.
        if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return null;
        throw error;
      });
    return taken?.holder === holder ? this.hold(campaignId, holder) : undefined;
  }

  private hold(campaignId: string, holder: string): Lease {
    const lost = new AbortController();
    let renewedAt = performance.now();
    const renew = async (): Promise<void> => {
      const { matchedCount } = await this.leases.updateOne({ _id: campaignId, holder }, [
        { $set: { until: { $add: ['$$NOW', LEASE_MS] } } },
      ]);
      if (matchedCount === 1) renewedAt = performance.now();
      else lost.abort();
    };
    const timer = setInterval(() => {
      if (performance.now() - renewedAt > LEASE_MS) lost.abort();
      else void renew().catch(() => undefined);
    }, RENEW_EVERY_MS);
    const release = async (): Promise<void> => {
      clearInterval(timer);
      await this.leases.deleteOne({ _id: campaignId, holder });
    };
    return { signal: lost.signal, release };
  }
}
