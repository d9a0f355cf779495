import type { Store } from './store.js';
import { append, randomUuidBytes } from './write.js';

/** 30 days in seconds, as the real server has it. */
const SCAVENGE_HISTORY = 2_592_000;

/**
 * Writes what a new EventStoreDB writes before anybody else: the metadata of its own history of scavenges. Readers of `$all` thus
 * meet a system event from the first day on, and `$all` is never empty.
 */
export async function writeInitialEvents(store: Store): Promise<void> {
  if (store.log.readAllForwards(0, 1).length > 0) return;
  const data = Buffer.from(
    JSON.stringify({ $maxAge: SCAVENGE_HISTORY, $acl: { $r: '$ops', $d: '$ops', $mw: '$ops' } }),
  );
  const event = { id: randomUuidBytes(), type: '$metadata', json: true, data, metadata: new Uint8Array(0) };
  await store.commits.run(() => append(store.log, '$$$scavenges', 'any', [event]));
}
