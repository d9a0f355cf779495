import type { CertificateRevocationList } from 'pkijs';
import { readRevocationList } from './certificates.js';

/** A revocation list that is needed cannot be had. */
export class RevocationListUnavailable extends Error {
  readonly code = 'REVOCATION_LIST_UNAVAILABLE';

  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The revocation list ${url} cannot be had: ${reason}. See that PLI_REVOCATION_LISTS is right and answers.`, {
      cause,
    });
    this.name = 'RevocationListUnavailable';
  }
}

/** Far more than a list of a sealing authority has, in bytes. */
const LARGEST_LIST = 20 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** How long a list is used before a newer one is asked for, in milliseconds. */
const FRESH_MS = 3_600_000;

interface Kept {
  readonly bytes: Buffer;
  readonly list: CertificateRevocationList;
  readonly fetchedAt: number;
}

/** The revocation lists of some addresses, asked for again every hour; an older one serves while it is in force and no newer one can be had. */
export class RevocationLists {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly urls: readonly string[],
    private readonly now: () => Date,
  ) {}

  /** @throws RevocationListUnavailable */
  async current(): Promise<readonly Kept[]> {
    return Promise.all(this.urls.map((url) => this.one(url)));
  }

  private async one(url: string): Promise<Kept> {
    const now = this.now().getTime();
    const kept = this.kept.get(url);
    if (kept && now - kept.fetchedAt < FRESH_MS) return kept;
    try {
      const bytes = await fetched(url);
      const fresh = { bytes, list: readRevocationList(bytes), fetchedAt: now };
      this.kept.set(url, fresh);
      return fresh;
    } catch (error) {
      if (kept?.list.nextUpdate && now < kept.list.nextUpdate.value.getTime()) return kept;
      throw new RevocationListUnavailable(url, error);
    }
  }
}

async function fetched(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok) throw new RangeError(`it answered HTTP ${String(answer.status)}`);
  if (bytes.length > LARGEST_LIST) throw new RangeError('it is too long');
  return bytes;
}
