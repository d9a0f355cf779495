import type { Link } from '#libs/chain';
import type { StoredEvent } from './envelope.js';

/** An event as `verifyChain` of libs/chain takes it. */
export function chainLink({ id, event, revision, metadata, asStored }: StoredEvent): Link {
  return { id, type: event.type, schema: metadata.schema, data: asStored, revision, chain: metadata.chain };
}
