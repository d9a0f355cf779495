import type { Db } from 'mongodb';
import type { UserRole } from '#libs/directory';
import type { Position } from '#libs/event-store';
import type { Instant } from '#libs/letter';
import { ReadModel } from '#projections/engine';
import { agencyAccessProjection, normalisedEmail } from './projection.js';

/** Somebody who has joined an agency and is not deactivated. */
export interface AccessUser {
  readonly userId: string;
  readonly agencyId: string;
  readonly role: UserRole;
  readonly name: string;
  /** As it is compared at log-in. */
  readonly email: string;
  /** Whether a second factor is in force. */
  readonly secondFactor: boolean;
  /** Another one after each event that ends the sessions before it: a changed password or role, a deactivation. */
  readonly epoch: string;
}

/** An account that nobody can log in with for a while. */
export interface LockedUser {
  readonly userId: string;
  readonly agencyId: string;
  readonly email: string;
  readonly lockedUntil: Instant;
}

export interface AccessKey {
  readonly keyId: string;
  readonly agencyId: string;
  readonly label: string;
}

/** What others may know of an agency; its name and address are gone once its key has been destroyed. */
export interface AccessAgency {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly email: string;
  readonly address: string | null;
}

type StoredUser = {
  readonly kind: 'user';
  readonly active: boolean;
  readonly lockedUntil: Instant | null;
} & AccessUser;
type StoredKey = { readonly kind: 'key'; readonly keyHash: string; readonly revoked: boolean } & AccessKey;
interface StoredAgency {
  readonly kind: 'agency';
  readonly agencyId: string;
  readonly code: string;
  readonly registeredAt: Instant;
  readonly details: { readonly name: string; readonly email: string; readonly address: string | null } | null;
}

/** Answers who somebody is. Unknown is undefined, without telling why. */
export class AgencyAccess {
  readonly #model: ReadModel<StoredUser | StoredKey | StoredAgency>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, agencyAccessProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  async userByEmail(email: string): Promise<AccessUser | undefined> {
    const documents = await this.#model.collection();
    const found = await documents.findOne({ email: normalisedEmail(email) });
    return found?.kind === 'user' && found.active ? userOf(found) : undefined;
  }

  async userById(userId: string): Promise<AccessUser | undefined> {
    const documents = await this.#model.collection();
    const found = await documents.findOne({ _id: `user/${userId}` });
    return found?.kind === 'user' && found.active && found.email !== undefined ? userOf(found) : undefined;
  }

  /** @param keyHash hexadecimal SHA-256 of the key. Revoked keys are unknown. */
  async keyByHash(keyHash: string): Promise<AccessKey | undefined> {
    const documents = await this.#model.collection();
    const found = await documents.findOne({ keyHash, revoked: false });
    return found?.kind === 'key' ? { keyId: found.keyId, agencyId: found.agencyId, label: found.label } : undefined;
  }

  async agencyById(agencyId: string): Promise<AccessAgency | undefined> {
    const documents = await this.#model.collection();
    const found = await documents.findOne({ _id: `agency/${agencyId}` });
    if (found?.kind !== 'agency' || !found.details) return undefined;
    return { id: found.agencyId, code: found.code, ...found.details };
  }

  /** Every agency whose key has not been destroyed, latest first. */
  async agencies(): Promise<readonly (AccessAgency & { readonly registeredAt: Instant })[]> {
    const documents = await this.#model.collection();
    const found = await documents.find({ kind: 'agency' }).sort({ registeredAt: -1 }).toArray();
    return found.flatMap((agency) =>
      agency.kind === 'agency' && agency.details
        ? [{ id: agency.agencyId, code: agency.code, registeredAt: agency.registeredAt, ...agency.details }]
        : [],
    );
  }

  /** The accounts of all agencies that are locked at an instant. */
  async locked(at: Instant): Promise<readonly LockedUser[]> {
    const documents = await this.#model.collection();
    const found = await documents
      .find({ kind: 'user', lockedUntil: { $gt: at } })
      .sort({ lockedUntil: 1 })
      .toArray();
    return found.flatMap((user) => {
      if (user.kind !== 'user' || user.lockedUntil === null) return [];
      const { userId, agencyId, email, lockedUntil } = user;
      return [{ userId, agencyId, email, lockedUntil }];
    });
  }
}

function userOf({ userId, agencyId, role, name, email, secondFactor, epoch }: StoredUser): AccessUser {
  return { userId, agencyId, role, name, email, secondFactor, epoch };
}
