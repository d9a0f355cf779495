import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Db, MongoServerError, type Collection } from 'mongodb';
import { Clock } from '#libs/configuration';

/** Longer than any code is taken: three steps of thirty seconds. */
const KEPT_MS = 10 * 60 * 1000;
const DUPLICATE_KEY = 11_000;

/**
 * The codes of second factors that let somebody in: none does so twice (RFC 6238 §5.2), in whichever process. MongoDB collection `used_codes`:
 * of two who come with the same code at the same moment, one can write it.
 */
@Injectable()
export class UsedCodes implements OnModuleInit {
  private readonly codes: Collection<{ _id: string; expiresAt: Date }>;

  constructor(
    db: Db,
    private readonly clock: Clock,
  ) {
    this.codes = db.collection('used_codes', { writeConcern: { w: 'majority' } });
  }

  async onModuleInit(): Promise<void> {
    await this.codes.createIndexes([{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }]);
  }

  /** Uses the code of a time step up. @returns false where it was used before. */
  async use(factorId: string, step: number): Promise<boolean> {
    const expiresAt = new Date(Date.parse(this.clock.now()) + KEPT_MS);
    try {
      await this.codes.insertOne({ _id: `${factorId}/${step}`, expiresAt });
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}
