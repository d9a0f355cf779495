import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse as bytesOfUuid, stringify as uuidOfBytes } from 'uuid';
import type { StreamKey } from '#libs/event-store';

/** What a link that was mailed to a user is for. */
export type LinkPurpose = 'invitation' | 'password-reset';

/** What stands in a link: which agency's stream to read, and which link of it. */
export interface AddressedLink {
  readonly agencyId: string;
  readonly linkId: string;
  readonly seal: Buffer;
}

const UUID_BYTES = 16;
const SEAL_BYTES = 32;
const LENGTH = 2 * UUID_BYTES + SEAL_BYTES;

const sealOf = (key: StreamKey, purpose: LinkPurpose, linkId: string): Buffer =>
  createHmac('sha256', key.derive('access-link')).update(`${purpose}/${linkId}`).digest();

/**
 * The token of a link: the ids of agency and link, and 256 bits that only the agency's key can make (docs/decisions/0008): nothing of it
 * is stored, and a mail that must be sent again holds the same link. 86 characters of base64url.
 *
 * @param agencyId, linkId UUIDs.
 */
export function accessToken(key: StreamKey, purpose: LinkPurpose, agencyId: string, linkId: string): string {
  const parts = [bytesOfUuid(agencyId), bytesOfUuid(linkId), sealOf(key, purpose, linkId)];
  return Buffer.concat(parts).toString('base64url');
}

/** Reads what `accessToken` wrote, its seal unverified; undefined for anything else. */
export function readAccessToken(token: string): AddressedLink | undefined {
  if (!/^[\w-]{86}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== LENGTH) return undefined;
  try {
    const agencyId = uuidOfBytes(bytes.subarray(0, UUID_BYTES));
    const linkId = uuidOfBytes(bytes.subarray(UUID_BYTES, 2 * UUID_BYTES));
    return { agencyId, linkId, seal: bytes.subarray(2 * UUID_BYTES) };
  } catch {
    // Sixteen bytes that are no UUID.
    return undefined;
  }
}

/** Whether the agency's key made this link for this purpose, in a time that does not depend on where the seals differ. */
export const isSealed = (key: StreamKey, purpose: LinkPurpose, { linkId, seal }: AddressedLink): boolean =>
  timingSafeEqual(seal, sealOf(key, purpose, linkId));
